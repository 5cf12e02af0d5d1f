//! Two databases, one body: an enum of two connections, and a macro that runs the same expression on either.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection as _, PgConnection, SqliteConnection,
    migrate::{Migrate, Migrator},
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::turn;

/// A connection to the book's database.
#[derive(Debug)]
pub enum Connection {
    /// A file, nothing to install.
    Sqlite(SqliteConnection),
    /// For several hosts on one book.
    Postgres(PgConnection),
}

/// Runs one expression on whichever database the book is kept in: `on!(connection, |c| query(SQL).fetch_all(&mut *c))`.
macro_rules! on {
    ($connection:expr, |$c:ident| $body:expr) => {
        match $connection {
            $crate::store::connection::Connection::Sqlite($c) => $body,
            $crate::store::connection::Connection::Postgres($c) => $body,
        }
    };
}
pub(super) use on;

/// Why the book could not be read or written. Its messages hold no row's content.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database cannot be reached, or broke off.
    #[error(
        "reach the database: {0} (hint: see that its server is up and its disk has room, `sundhedskort config show` says \
         where it is; the next run goes on from here)"
    )]
    Unreachable(String),
    /// Somebody else writes, for longer than a chunk ever takes.
    #[error(
        "write the book: another program has been writing it for {} seconds (hint: end that one; the next run goes on \
         from here)",
        BUSY.as_secs()
    )]
    Busy,
    /// The book's schema is older than the program.
    #[error("use the book: its schema is older than this program (hint: `sundhedskort store migrate`)")]
    OldSchema,
    /// The book's schema is newer than the program.
    #[error("use the book: its schema is newer than this program (hint: install the newer program)")]
    NewSchema,
    /// The address names no database the program knows.
    #[error("read the database address: it starts with neither `sqlite:` nor `postgres://`")]
    Address,
    /// The database does not keep what the book needs.
    #[error("use the database: {0}")]
    Unfit(String),
    /// A row that the program did not write this way.
    #[error("read the {table} row {id}: {reason} (hint: `sundhedskort verify`)")]
    Claim {
        /// Table.
        table: &'static str,
        /// Row.
        id: i64,
        /// What is wrong, without content.
        reason: String,
    },
    /// A constraint refused a row: an invariant is broken, and the chunk is taken back.
    #[error("keep the book consistent: {0}")]
    Invariant(String),
    /// The head could not be noted outside the book.
    #[error(
        "note the head of the ledger outside the book, in {0}: {1} (hint: see that it can be written and its disk has \
         room; the next run goes on from here)"
    )]
    HeadFile(String, std::io::Error),
    /// A transaction was begun in another, or ended without one.
    #[error("keep transactions apart")]
    Nested,
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner)
                if inner.is_check_violation() || inner.is_unique_violation() || inner.is_foreign_key_violation() =>
            {
                // The database's own message may quote the row.
                Self::Invariant(format!(
                    "constraint {} refused a row",
                    inner.constraint().or(inner.table()).unwrap_or("of a table")
                ))
            }
            // Data exceptions quote the value.
            sqlx::Error::Database(inner) if inner.code().is_some_and(|code| code.starts_with("22")) => {
                Self::Invariant(format!("a value was refused (code {})", inner.code().unwrap_or_default()))
            }
            // SQLITE_BUSY, and what PostgreSQL calls lock_not_available.
            sqlx::Error::Database(inner) if inner.code().is_some_and(|code| code == "5" || code == "55P03") => {
                Self::Busy
            }
            sqlx::Error::Database(inner) => Self::Unreachable(format!(
                "{} (code {})",
                inner.message().lines().next().unwrap_or_default(),
                inner.code().unwrap_or_default()
            )),
            sqlx::Error::ColumnDecode { index, .. } => Self::Unfit(format!("column {index} is not of its type")),
            _ => Self::Unreachable(error.to_string()),
        }
    }
}

static SQLITE: Migrator = sqlx::migrate!("src/store/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// Pages of SQLite's cache, in KiB: fits the memory target beside a chunk.
const SQLITE_CACHE_KIB: &str = "-65536";
/// Pages after which the write-ahead log is folded in: fewer, and bulk loads write pages twice.
const SQLITE_CHECKPOINT_PAGES: &str = "20000";
/// How long a desk verb waits for a chunk to end.
pub(super) const BUSY: Duration = Duration::from_secs(30);

impl Connection {
    /// Opens the database at an address; an absent book is created, one with an older schema is refused.
    ///
    /// # Errors
    /// [`Failure`] says what stands in the way.
    pub async fn open(address: &str, password: Option<&str>) -> Result<Self, Failure> {
        let mut connection = Self::connect(address, password).await?;
        match connection.applied().await? {
            0 => {
                // Another process may be creating it as well: then there is nothing left to do.
                let _turn = match address.strip_prefix("sqlite:") {
                    Some(path) => Some(turn::take(path).await?),
                    None => None,
                };
                connection.migrate().await?;
            }
            applied if applied < connection.known() => return Err(Failure::OldSchema),
            applied if applied > connection.known() => return Err(Failure::NewSchema),
            _ => {}
        }
        Ok(connection)
    }

    /// Connects without looking at the schema.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub async fn connect(address: &str, password: Option<&str>) -> Result<Self, Failure> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            Self::connect_sqlite(path).await
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Self::connect_postgres(address, password).await
        } else {
            Err(Failure::Address)
        }
    }

    async fn connect_sqlite(path: &str) -> Result<Self, Failure> {
        create_private(Path::new(path)).map_err(|error| Failure::Unreachable(format!("{path}: {error}")))?;
        // Of two processes that find it empty, SQLite refuses one at once.
        let is_empty = std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
        let _turn = if is_empty { Some(turn::take(path).await?) } else { None };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("cache_size", SQLITE_CACHE_KIB)
            .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES)
            .disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let kept: (String, i64, i64) = (
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await?,
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut connection).await?,
            sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut connection).await?,
        );
        if kept != ("wal".to_owned(), 2, 1) {
            return Err(Failure::Unfit(format!("it reads back journal, sync and foreign keys as {kept:?}")));
        }
        Ok(Self::Sqlite(connection))
    }

    async fn connect_postgres(address: &str, password: Option<&str>) -> Result<Self, Failure> {
        // Keepalives of seconds: a cut host held the run lock for minutes.
        let mut options = PgConnectOptions::from_str(address)
            .map_err(|_| Failure::Address)?
            .application_name("sundhedskort")
            .options([
                ("tcp_keepalives_idle", "5"),
                ("tcp_keepalives_interval", "2"),
                ("tcp_keepalives_count", "3"),
                ("lock_timeout", "30s"),
                ("client_min_messages", "warning"),
            ])
            .disable_statement_logging();
        if let Some(password) = password {
            options = options.password(password);
        }
        let mut connection = PgConnection::connect_with(&options).await?;
        let version: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut connection).await?;
        if version.parse::<u32>().unwrap_or_default() < 150_000 {
            return Err(Failure::Unfit("PostgreSQL 15 or newer is needed".to_owned()));
        }
        Ok(Self::Postgres(connection))
    }

    /// Brings the schema to the program's.
    ///
    /// # Errors
    /// When a migration fails; it is taken back whole.
    pub async fn migrate(&mut self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(c) => SQLITE.run(c).await,
            Self::Postgres(c) => POSTGRES.run(c).await,
        }
        .map_err(|error| Failure::Unfit(error.to_string()))
    }

    /// Migrations the program knows.
    #[must_use]
    pub fn known(&self) -> usize {
        match self {
            Self::Sqlite(_) => SQLITE.iter().count(),
            Self::Postgres(_) => POSTGRES.iter().count(),
        }
    }

    /// Migrations the book has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn applied(&mut self) -> Result<usize, Failure> {
        let table = &SQLITE.table_name;
        let is_there: bool = match self {
            Self::Sqlite(c) => {
                let there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = $1)";
                sqlx::query_scalar(there).bind(&**table).fetch_one(c).await?
            }
            Self::Postgres(c) => {
                sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(&**table).fetch_one(c).await?
            }
        };
        if !is_there {
            return Ok(0);
        }
        on!(self, |c| c.list_applied_migrations(table).await.map(|applied| applied.len()).map_err(unfit))
    }

    /// Runs a statement without rows and parameters.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn run(&mut self, statement: &'static str) -> Result<(), Failure> {
        on!(self, |c| sqlx::query(statement).execute(&mut *c).await.map(|_| ()))?;
        Ok(())
    }

    /// How a transaction begins that will write: SQLite must take the lock now, not at its first write.
    #[must_use]
    pub const fn begin_statement(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN",
        }
    }

    /// How a transaction begins that sees one state throughout: SQLite's does so by itself.
    #[must_use]
    pub const fn begin_reading_statement(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// The connection of SQLite.
    #[must_use]
    pub const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn unfit(error: sqlx::migrate::MigrateError) -> Failure {
    Failure::Unfit(error.to_string())
}

/// Creates the book's file readable by its owner alone, whatever the umask.
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    match opened {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(|_| ()),
    }
}
