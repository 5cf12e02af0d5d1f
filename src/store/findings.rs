//! Findings as they are listed: those that are open, or all of them, and how many of each kind.

use super::{
    Book,
    cases::Row,
    connection::{Failure, on},
};
use crate::domain::{
    finding::{Finding, FindingKind},
    ids::FindingId,
};

impl Book {
    /// Findings that are open, or all of them, of one kind or of any, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read, or a row is not what it claims to be.
    pub async fn findings(&mut self, closed_too: bool, kind: Option<FindingKind>) -> Result<Vec<Finding>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, facts, personal FROM finding \
                 WHERE ($1 OR closed_on IS NULL) AND ($2 = '' OR kind = $2) ORDER BY id",
            )
            .bind(closed_too)
            .bind(kind.map_or("", FindingKind::code))
            .fetch_all(&mut *c)
            .await
        })?;
        rows.iter().map(Row::read).collect()
    }

    /// One finding, open or closed.
    ///
    /// # Errors
    /// As [`Book::findings`].
    pub async fn finding(&mut self, id: FindingId) -> Result<Option<Finding>, Failure> {
        let row: Option<Row> = on!(self.connection(), |c| {
            sqlx::query_as("SELECT id, person_id, facts, personal FROM finding WHERE id = $1")
                .bind(id.0)
                .fetch_optional(&mut *c)
                .await
        })?;
        row.map(|row| row.read()).transpose()
    }

    /// How many findings of each kind are open, with the number of the oldest.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn open_findings(&mut self) -> Result<Vec<(String, i64, FindingId)>, Failure> {
        let rows: Vec<(String, i64, i64)> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT kind, count(*), min(id) FROM finding WHERE closed_on IS NULL GROUP BY kind ORDER BY kind",
            )
            .fetch_all(&mut *c)
            .await
        })?;
        Ok(rows.into_iter().map(|(kind, count, oldest)| (kind, count, FindingId(oldest))).collect())
    }
}
