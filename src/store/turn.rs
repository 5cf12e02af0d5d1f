//! Whose turn it is to write an embedded book next.
//!
//! SQLite keeps no queue: who waits looks again after up to a tenth of a second, and a night that goes from chunk to chunk
//! has the book again long before. A desk verb would wait for the night to end, and give up. So whoever wants to begin a
//! chunk has the turn while he waits, and a night that wants to go on waits behind him. PostgreSQL wakes who waits.

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

impl Book {
    /// Takes the turn, which ends with the file that is given; none where the database has a queue.
    pub(super) async fn turn(&self) -> Result<Option<File>, Failure> {
        let Some(path) = &self.turns else { return Ok(None) };
        let broken = |error| Failure::Unreachable(format!("{}: {error}", path.display()));
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(broken)?;
        let taken = async {
            while matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                sleep(LOOK_AGAIN).await;
            }
        };
        // Who has it longer than the database lets him wait is stuck: no reason for others to be.
        let _ = timeout(BUSY, taken).await;
        Ok(Some(file))
    }
}
