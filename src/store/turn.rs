//! Whose turn it is to write an embedded book next.
//!
//! SQLite keeps no queue: who waits looks again after up to a tenth of a second, and a night that goes from chunk to chunk
//! has the book again long before. A desk verb would wait for the night to end, and give up. So whoever wants to begin a
//! chunk has the turn while he waits, and a night that wants to go on waits behind him. It is also the order in which two
//! processes create one book. PostgreSQL wakes who waits, and has a lock for migrations.

use std::{
    fs::{File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    time::Duration,
};

use tokio::time::{sleep, timeout};

use super::{
    Book,
    connection::{BUSY, Failure},
};

/// A night that waits its turn looks again after this.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Takes the turn at the book in a file; it ends with the file that is given.
pub(super) async fn take(book: &str) -> Result<File, Failure> {
    let path = format!("{book}.turn");
    let broken = |error| Failure::Unreachable(format!("{path}: {error}"));
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(broken)?;
    let taken = async {
        while matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            sleep(LOOK_AGAIN).await;
        }
    };
    // Who has it longer than the database lets him wait is stuck: no reason for others to be.
    let _ = timeout(BUSY, taken).await;
    Ok(file)
}

impl Book {
    /// Takes the turn to write; none where the database has a queue.
    pub(super) async fn turn(&self) -> Result<Option<File>, Failure> {
        match &self.file {
            Some(file) => take(file).await.map(Some),
            None => Ok(None),
        }
    }
}
