//! Rows not applied, kept with file, line, column and reason until somebody closes them.

use chrono::NaiveDate;

use super::{
    Book,
    bulk::{Value, Wide},
    connection::{Failure, on},
    files::number,
};
use crate::domain::input::Rejection;

/// A rejected row on its way into the book.
#[derive(Debug, Clone)]
pub struct NewReject {
    /// Line in its file.
    pub line: u64,
    /// Column, code and reason.
    pub rejection: Rejection,
    /// The row as it came, at most 64 KiB.
    pub raw: Vec<u8>,
}

/// A rejected row as the book keeps it, without the row itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Reject {
    /// Its number.
    pub id: i64,
    /// Kind of the feed.
    pub feed: String,
    /// Name of the file.
    pub name: String,
    /// Line in it.
    pub line: i64,
    /// Column to look at.
    pub in_column: String,
    /// Reason code.
    pub code: String,
    /// For the reader.
    pub reason: String,
    /// The business date of the run that met it.
    pub came_on: NaiveDate,
    /// That run.
    pub run: i64,
    /// Closed on this day, by whom.
    pub closed_on: Option<NaiveDate>,
    /// The operator who closed it.
    pub closed_by: Option<String>,
    /// Their reason.
    pub closed_why: Option<String>,
}

/// A rejected row as it came: personal data, for which an access row is due first.
#[derive(sqlx::FromRow)]
pub struct RejectedRow {
    /// Number of the reject.
    pub id: i64,
    /// Kind of the feed.
    pub feed: String,
    /// The header of its file.
    pub header: String,
    /// The row, at most 64 KiB of it.
    pub raw: Vec<u8>,
}

/// Which rejects are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Those that are closed as well.
    pub closed_too: bool,
    /// Of one feed; empty: of any.
    pub feed: &'a str,
    /// Of one run; 0: of any.
    pub run: i64,
}

impl Book {
    /// Keeps rejected rows; a row known by file, line and column is kept once. Returns how many are new.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn keep_rejects(
        &mut self,
        file: &str,
        run: i64,
        today: NaiveDate,
        rejects: &[NewReject],
    ) -> Result<(), Failure> {
        if rejects.is_empty() {
            return Ok(());
        }
        let last: i64 = on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT COALESCE(max(id), 0) FROM reject").fetch_one(&mut *c).await
        })?;
        let wide = Wide {
            head: "INSERT INTO reject (id, file, line, in_column, code, reason, raw, came_on, run) VALUES ",
            tail: " ON CONFLICT DO NOTHING",
            bracketed: true,
        };
        let rows: Vec<_> = (last + 1..)
            .zip(rejects)
            .map(|(id, reject)| {
                [
                    Value::Int(id),
                    Value::Text(file),
                    Value::Int(number(reject.line)),
                    Value::Text(reject.rejection.column),
                    Value::Text(reject.rejection.code),
                    Value::Text(&reject.rejection.reason),
                    Value::Bytes(Some(&reject.raw)),
                    Value::Date(today),
                    Value::Int(run),
                ]
            })
            .collect();
        self.write_rows(wide, &rows).await
    }

    /// Rejects, oldest first, without their rows.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn rejects(&mut self, wanted: Wanted<'_>) -> Result<Vec<Reject>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT reject.id, file.kind AS feed, file.name, reject.line, reject.in_column, reject.code, reject.reason, \
                 reject.came_on, reject.run, reject.closed_on, reject.closed_by, reject.closed_why \
                 FROM reject JOIN file ON file.hash = reject.file \
                 WHERE ($1 OR reject.closed_on IS NULL) AND ($2 = '' OR file.kind = $2) AND ($3 = 0 OR reject.run = $3) \
                 ORDER BY reject.id",
            )
            .bind(wanted.closed_too)
            .bind(wanted.feed)
            .bind(wanted.run)
            .fetch_all(&mut *c)
            .await
        })?)
    }

    /// One reject.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn reject(&mut self, id: i64) -> Result<Option<Reject>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT reject.id, file.kind AS feed, file.name, reject.line, reject.in_column, reject.code, reject.reason, \
                 reject.came_on, reject.run, reject.closed_on, reject.closed_by, reject.closed_why \
                 FROM reject JOIN file ON file.hash = reject.file WHERE reject.id = $1",
            )
            .bind(id)
            .fetch_optional(&mut *c)
            .await
        })?)
    }

    /// The row of a reject as it came; none where it was erased.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn rejected_row(&mut self, id: i64) -> Result<Option<RejectedRow>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT reject.id, file.kind AS feed, file.header, reject.raw FROM reject JOIN file ON file.hash = reject.file \
                 WHERE reject.id = $1 AND reject.raw IS NOT NULL",
            )
            .bind(id)
            .fetch_optional(&mut *c)
            .await
        })?)
    }

    /// Closes an open reject with a reason; returns whether there was one.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn close_reject(&mut self, id: i64, today: NaiveDate, by: &str, why: &str) -> Result<bool, Failure> {
        let closed = on!(self.connection(), |c| {
            sqlx::query(
                "UPDATE reject SET closed_on = $2, closed_by = $3, closed_why = $4 WHERE id = $1 AND closed_on IS NULL",
            )
            .bind(id)
            .bind(today)
            .bind(by)
            .bind(why)
            .execute(&mut *c)
            .await
            .map(|done| done.rows_affected())
        })?;
        Ok(closed == 1)
    }
}
