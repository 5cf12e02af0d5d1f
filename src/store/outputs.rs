//! Files for the neighbours: fixed here in the transaction that decides them, written afterwards, and written again
//! with the same bytes.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    Book,
    cases::Row,
    connection::{Failure, on},
};
use crate::domain::{
    card::Card,
    ids::{BatchId, CardId},
};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutput {
    /// First part of its name: `print-orders`, `notices-card-held-en` …
    pub kind: String,
    /// A closed batch whose cards are its lines, or the content itself.
    pub source: Lines,
    /// Lines without the header.
    pub lines: i64,
    /// Sums for the manifest.
    pub totals: BTreeMap<String, i64>,
}

/// Where a file's lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// The cards of a closed batch.
    Batch(BatchId),
    /// The whole content, header included.
    Content(String),
}

/// A file fixed in the book.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Output {
    /// Its number.
    pub id: i64,
    /// First part of its name.
    pub kind: String,
    /// Its whole name.
    pub name: String,
    /// The business date.
    pub made_on: NaiveDate,
    /// The batch whose cards are its lines.
    pub batch: Option<i64>,
    /// The content.
    pub content: Option<String>,
    /// Lines without the header.
    pub lines: i64,
    /// Sums as JSON.
    pub totals: String,
}

impl Book {
    /// Fixes a file: its name counts up over the files of that kind and date.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn fix_output(&mut self, today: NaiveDate, output: &NewOutput) -> Result<String, Failure> {
        let (last, same): (i64, i64) = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT (SELECT COALESCE(max(id), 0) FROM output), (SELECT count(*) FROM output WHERE kind = $1 AND made_on = $2)",
            )
            .bind(&output.kind)
            .bind(today)
            .fetch_one(&mut *c)
            .await
        })?;
        let name = format!("{}-{today}-{}.csv", output.kind, same + 1);
        let (batch, content) = match &output.source {
            Lines::Batch(batch) => (Some(batch.0), None),
            Lines::Content(content) => (None, Some(content)),
        };
        let totals = serde_json::to_string(&output.totals).map_err(|error| Failure::Unfit(error.to_string()))?;
        on!(self.connection(), |c| {
            sqlx::query(
                "INSERT INTO output (id, kind, name, made_on, batch, content, lines, totals, written) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(last + 1)
            .bind(&output.kind)
            .bind(&name)
            .bind(today)
            .bind(batch)
            .bind(content)
            .bind(output.lines)
            .bind(totals)
            .bind(false)
            .execute(&mut *c)
            .await
            .map(|_| ())
        })?;
        Ok(name)
    }

    /// The next file that is fixed and not yet written.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn unwritten_output(&mut self) -> Result<Option<Output>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, kind, name, made_on, batch, content, lines, totals FROM output WHERE NOT written ORDER BY id LIMIT 1",
            )
            .fetch_optional(&mut *c)
            .await
        })?)
    }

    /// Notes that a file lies in the outbox.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn output_written(&mut self, id: i64) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query("UPDATE output SET written = $2 WHERE id = $1")
                .bind(id)
                .bind(true)
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }

    /// The content of the latest file of a kind: a list is written when it differs from it.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn last_content(&mut self, kind: &str) -> Result<Option<String>, Failure> {
        let content: Option<Option<String>> = on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT content FROM output WHERE kind = $1 ORDER BY id DESC LIMIT 1")
                .bind(kind)
                .fetch_optional(&mut *c)
                .await
        })?;
        Ok(content.flatten())
    }

    /// The cards of a batch in the order of their numbers, a page at a time.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn cards_of_batch(&mut self, batch: i64, after: CardId, page: i64) -> Result<Vec<Card>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, facts, personal FROM card WHERE batch = $1 AND id > $2 ORDER BY id LIMIT $3",
            )
            .bind(batch)
            .bind(after.0)
            .bind(page)
            .fetch_all(&mut *c)
            .await
        })?;
        rows.iter().map(Row::read).collect()
    }
}
