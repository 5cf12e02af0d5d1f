//! The database under a book, past the program.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// A connection that knows nothing of the rules.
pub(crate) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! on {
    ($raw:expr, |$c:ident| $body:expr) => {
        match $raw {
            Raw::Sqlite($c) => $body,
            Raw::Postgres($c) => $body,
        }
    };
}

impl Raw {
    /// Connects.
    pub(crate) async fn open(address: &str) -> Self {
        match address.strip_prefix("sqlite:") {
            Some(path) => Self::Sqlite(SqliteConnection::connect(path).await.expect("the file opens")),
            None => Self::Postgres(PgConnection::connect(address).await.expect("the server answers")),
        }
    }

    /// Runs statements.
    pub(crate) async fn run(&mut self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        on!(self, |c| sqlx::raw_sql(statements).execute(&mut *c).await.map(|_| ())).expect("the statements run");
    }

    /// The number that a statement counts.
    pub(crate) async fn count(&mut self, statement: &str) -> i64 {
        let statement = AssertSqlSafe(statement.to_owned());
        on!(self, |c| sqlx::query_scalar(statement).fetch_one(&mut *c).await).expect("it is counted")
    }

    /// The ledger's entries, first to last.
    pub(crate) async fn entries(&mut self) -> Vec<(i64, String)> {
        on!(self, |c| sqlx::query_as("SELECT seq, text FROM ledger ORDER BY seq").fetch_all(&mut *c).await)
            .expect("the ledger is read")
    }

    /// The hash of the last entry but one.
    pub(crate) async fn before_last(&mut self) -> String {
        let hash: Vec<u8> = on!(self, |c| {
            sqlx::query_scalar("SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1 OFFSET 1").fetch_one(&mut *c).await
        })
        .expect("the ledger is read");
        hex::encode(hash)
    }

    /// Bytes as a literal.
    pub(crate) fn bytes(&self, hexadecimal: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{hexadecimal}'"),
            Self::Postgres(_) => format!("'\\x{hexadecimal}'::bytea"),
        }
    }
}
