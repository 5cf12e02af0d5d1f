//! The book: the only user of sqlx. Rows are claims that are checked when read; every change is an entry of the
//! ledger and the row it leads to, written in one transaction that first takes the one `head` row (page 3).

pub mod access;
pub mod backup;
pub mod bulk;
pub mod cases;
pub mod connection;
pub mod digest;
pub mod files;
pub mod find;
pub mod findings;
pub mod head;
pub mod heads;
pub mod ledger;
pub mod locate;
pub mod outputs;
pub mod overview;
pub mod rejects;
pub mod runs;
pub mod select;
pub mod slots;
mod tables;
mod turn;
pub mod verify;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};

use self::{
    connection::{Connection, Failure},
    head::Head,
    ledger::Salts,
};
use crate::failpoint;

/// The open book of one command: one connection, which is the one that writes.
#[derive(Debug)]
pub struct Book {
    connection: Connection,
    /// The head as read by the transaction at work.
    head: Head,
    /// Where the ledger ended when it began.
    begun: i64,
    depth: Depth,
    salts: Salts,
    heads: Option<PathBuf>,
    /// Where an embedded book is: its writers wait in turn.
    file: Option<String>,
}

/// How deep in transactions the connection is: decided here and nowhere else (a nested `begin` of sqlx commits for
/// real after a failed `begin_with`, see ARCHITECTURE.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// No transaction.
    None,
    /// A chunk.
    Chunk,
    /// The outer transaction of a dry run, between chunks.
    Dry,
    /// A chunk inside a dry run: a savepoint.
    DryChunk,
    /// A look at the book as it stood when it began.
    Reading,
}

/// What stands beside an entry, unsealed, and which day it is sealed with.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// The business date.
    pub today: NaiveDate,
    /// The run; 0 for a desk verb.
    pub run: i64,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The job or verb.
    pub by: &'static str,
}

/// Brings a book's schema to the program's, while no run has it: the number of migrations before and after. None when
/// a run has it.
///
/// # Errors
/// When it cannot be reached, is newer than the program, or a migration fails.
pub async fn migrate(address: &str, password: Option<&str>) -> Result<Option<(usize, usize)>, Failure> {
    let connection = Connection::connect(address, password).await?;
    let mut book = Book::with(connection, None, None);
    let Some(_lock) = book.lock_runs(address).await? else { return Ok(None) };
    let before = book.connection.applied().await?;
    if before > book.connection.known() {
        return Err(Failure::NewSchema);
    }
    book.connection.migrate().await?;
    Ok(Some((before, book.connection.applied().await?)))
}

impl Book {
    /// Opens the book at an address, `sqlite:PATH` or `postgres://…`; created when absent.
    ///
    /// # Errors
    /// When it cannot be reached, has an older schema (`store migrate`), or does not keep its settings.
    pub async fn open(
        address: &str,
        password: Option<&str>,
        salt_seed: Option<u64>,
        heads: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let connection = Connection::open(address, password).await?;
        let file = address.strip_prefix("sqlite:").map(str::to_owned);
        Ok(Self { file, ..Self::with(connection, salt_seed, heads) })
    }

    fn with(connection: Connection, salt_seed: Option<u64>, heads: Option<PathBuf>) -> Self {
        let (head, salts) = (Head::default(), Salts::new(salt_seed));
        Self { connection, head, begun: 0, depth: Depth::None, salts, heads, file: None }
    }

    /// Begins a chunk: takes the head row, so that nobody else writes, and reads it.
    ///
    /// # Errors
    /// When the database is not reachable or another writer does not let go.
    pub async fn begin(&mut self) -> Result<(), Failure> {
        match self.depth {
            Depth::None => {
                let _turn = self.turn().await?;
                self.connection.run(self.connection.begin_statement()).await?;
                self.depth = Depth::Chunk;
            }
            Depth::Dry => {
                self.connection.run("SAVEPOINT chunk").await?;
                self.depth = Depth::DryChunk;
            }
            Depth::Chunk | Depth::DryChunk | Depth::Reading => return Err(Failure::Nested),
        }
        self.head = Head::take(&mut self.connection).await?;
        self.begun = self.head.seq;
        Ok(())
    }

    /// Ends a chunk: everything in it happened, or nothing.
    ///
    /// # Errors
    /// When the database does not confirm.
    pub async fn commit(&mut self) -> Result<(), Failure> {
        match self.depth {
            Depth::Chunk => {
                self.head.store(&mut self.connection).await?;
                failpoint::pass("before a commit");
                self.connection.run("COMMIT").await?;
                self.depth = Depth::None;
                failpoint::pass("after a commit");
                if self.head.seq > self.begun {
                    self.note_head()?;
                    failpoint::pass("after the head was noted");
                }
                Ok(())
            }
            Depth::DryChunk => {
                self.head.store(&mut self.connection).await?;
                self.connection.run("RELEASE SAVEPOINT chunk").await?;
                self.depth = Depth::Dry;
                Ok(())
            }
            Depth::None | Depth::Dry | Depth::Reading => Err(Failure::Nested),
        }
    }

    /// Takes a chunk back.
    ///
    /// # Errors
    /// When the database does not answer; then it takes the chunk back by itself.
    pub async fn rollback(&mut self) -> Result<(), Failure> {
        match self.depth {
            Depth::Chunk => {
                self.depth = Depth::None;
                self.connection.run("ROLLBACK").await
            }
            Depth::DryChunk => {
                self.depth = Depth::Dry;
                self.connection.run("ROLLBACK TO SAVEPOINT chunk").await?;
                self.connection.run("RELEASE SAVEPOINT chunk").await
            }
            Depth::None | Depth::Dry | Depth::Reading => Ok(()),
        }
    }

    /// Begins a dry run: one outer transaction for the whole command, chunks are savepoints in it. It holds the book.
    ///
    /// # Errors
    /// As [`Book::begin`].
    pub async fn begin_dry(&mut self) -> Result<(), Failure> {
        if self.depth != Depth::None {
            return Err(Failure::Nested);
        }
        let _turn = self.turn().await?;
        self.connection.run(self.connection.begin_statement()).await?;
        self.depth = Depth::Dry;
        Ok(())
    }

    /// Ends a dry run: nothing of it remains.
    ///
    /// # Errors
    /// As [`Book::rollback`].
    pub async fn end_dry(&mut self) -> Result<(), Failure> {
        self.depth = Depth::None;
        self.connection.run("ROLLBACK").await
    }

    /// Begins a look at the whole book as it stands now, whoever writes meanwhile.
    ///
    /// # Errors
    /// As [`Book::begin`].
    pub async fn begin_reading(&mut self) -> Result<(), Failure> {
        if self.depth != Depth::None {
            return Err(Failure::Nested);
        }
        self.connection.run(self.connection.begin_reading_statement()).await?;
        self.depth = Depth::Reading;
        Ok(())
    }

    /// Ends the look.
    ///
    /// # Errors
    /// As [`Book::rollback`].
    pub async fn end_reading(&mut self) -> Result<(), Failure> {
        self.depth = Depth::None;
        self.connection.run("ROLLBACK").await
    }

    /// The book's counters, for the chunk at work.
    pub fn ids(&mut self) -> &mut crate::domain::ids::Ids {
        &mut self.head.ids
    }

    /// The connection, for the statements of this module's files.
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
