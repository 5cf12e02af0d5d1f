//! A copy of an embedded book as of one moment, while others go on writing.

use std::path::Path;

use super::{
    Book,
    connection::{Connection, Failure},
    head::Head,
};

impl Book {
    /// Copies the book into an empty file, brings the copy to disk and reads its head back. None where the book is no
    /// file: PostgreSQL has a program of its own for that.
    ///
    /// # Errors
    /// When the book cannot be read, or the file not written.
    pub async fn copy_to(&mut self, file: &Path) -> Result<Option<Head>, Failure> {
        let path = file.to_str().ok_or_else(|| Failure::Unfit("the file's name is not UTF-8".to_owned()))?;
        match self.connection() {
            Connection::Postgres(_) => return Ok(None),
            Connection::Sqlite(c) => {
                sqlx::query("VACUUM INTO $1").bind(path).execute(&mut *c).await?;
            }
        }
        let on_disk = |error: std::io::Error| Failure::Unreachable(format!("{path}: {error}"));
        // SQLite leaves it to the system when such a copy reaches the disk.
        std::fs::File::open(file).and_then(|file| file.sync_all()).map_err(on_disk)?;
        Head::of_copy(path).await.map(Some)
    }
}
