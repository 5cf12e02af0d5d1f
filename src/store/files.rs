//! Files taken in: known by their content, resumed where they stopped, with counts that add up; and the rows that wait
//! in the book for their day.

use std::ops::AddAssign;

use chrono::NaiveDate;

use super::{
    Book,
    bulk::{Value, Wide},
    connection::{Failure, on},
};

/// What became of the rows of a file (1.8.9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Rows read.
    pub rows: i64,
    /// The book follows them.
    pub applied: i64,
    /// Known already.
    pub duplicate: i64,
    /// A later report is known.
    pub overtaken: i64,
    /// Their own day is still to come.
    pub waiting: i64,
    /// Not applied, kept with the reason.
    pub rejected: i64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.rows += more.rows;
        self.applied += more.applied;
        self.duplicate += more.duplicate;
        self.overtaken += more.overtaken;
        self.waiting += more.waiting;
        self.rejected += more.rejected;
    }
}

/// How far a known file has come.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Progress {
    /// The last key done.
    pub mark: Option<String>,
    /// The day it was finished.
    pub finished_on: Option<NaiveDate>,
    /// The name it was first taken under.
    pub name: String,
}

/// A row that waits for its day.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waiting {
    /// SHA-256 of its file.
    pub file: String,
    /// Line in it.
    pub line: i64,
    /// What it means, as JSON.
    pub input: String,
    /// The row as it came.
    pub raw: Vec<u8>,
}

/// A row on its way to wait.
#[derive(Debug, Clone)]
pub struct NewWaiting {
    /// Line in its file.
    pub line: u64,
    /// Its own day.
    pub due_on: NaiveDate,
    /// What it means, as JSON.
    pub input: String,
    /// The row as it came, at most 64 KiB.
    pub raw: Vec<u8>,
}

impl Book {
    /// What the book knows of a file's content.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn file(&mut self, hash: &str) -> Result<Option<Progress>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as("SELECT mark, finished_on, name FROM file WHERE hash = $1")
                .bind(hash)
                .fetch_optional(&mut *c)
                .await
        })?)
    }

    /// Notes that a file's chunk is done: how far, and what became of its rows. The header is kept for those that are
    /// rejected.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn advance_file(
        &mut self,
        (hash, kind, name, header): (&str, &str, &str, &str),
        run: i64,
        mark: &str,
        counts: Counts,
    ) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query(
                "INSERT INTO file (hash, kind, name, header, mark, rows_read, applied, duplicate, overtaken, waiting, rejected, \
                 first_run, last_run) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) \
                 ON CONFLICT (hash) DO UPDATE SET mark = excluded.mark, rows_read = file.rows_read + excluded.rows_read, \
                 applied = file.applied + excluded.applied, duplicate = file.duplicate + excluded.duplicate, \
                 overtaken = file.overtaken + excluded.overtaken, waiting = file.waiting + excluded.waiting, \
                 rejected = file.rejected + excluded.rejected, last_run = excluded.last_run",
            )
            .bind(hash)
            .bind(kind)
            .bind(name)
            .bind(header)
            .bind(mark)
            .bind(counts.rows)
            .bind(counts.applied)
            .bind(counts.duplicate)
            .bind(counts.overtaken)
            .bind(counts.waiting)
            .bind(counts.rejected)
            .bind(run)
            .execute(&mut *c)
            .await
            .map(|_| ())
        })?;
        Ok(())
    }

    /// Notes that a file is done.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn finish_file(&mut self, hash: &str, on: NaiveDate) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query("UPDATE file SET finished_on = $2 WHERE hash = $1")
                .bind(hash)
                .bind(on)
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }

    /// Notes that a file came: the rhythm of its feed.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn note_delivery(&mut self, kind: &str, name: &str, hash: &str, on: NaiveDate) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query(
                "INSERT INTO delivery (kind, name, hash, came_on) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(kind)
            .bind(name)
            .bind(hash)
            .bind(on)
            .execute(&mut *c)
            .await
            .map(|_| ())
        })?;
        Ok(())
    }

    /// The day the latest file of a kind came.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn last_delivery(&mut self, kind: &str) -> Result<Option<NaiveDate>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT max(came_on) FROM delivery WHERE kind = $1").bind(kind).fetch_one(&mut *c).await
        })?)
    }

    /// Keeps rows until their day: line, day, meaning and text.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn keep_waiting(&mut self, file: &str, kind: &str, rows: &[NewWaiting]) -> Result<(), Failure> {
        let wide = Wide {
            head: "INSERT INTO waiting (file, line, kind, due_on, input, raw) VALUES ",
            tail: " ON CONFLICT DO NOTHING",
            bracketed: true,
        };
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                [
                    Value::Text(file),
                    Value::Int(number(row.line)),
                    Value::Text(kind),
                    Value::Date(row.due_on),
                    Value::Text(&row.input),
                    Value::Bytes(Some(&row.raw)),
                ]
            })
            .collect();
        self.write_rows(wide, &rows).await
    }

    /// Rows of a kind whose day has come, oldest file first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn due_from_waiting(
        &mut self,
        kind: &str,
        today: NaiveDate,
        limit: i64,
    ) -> Result<Vec<Waiting>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT waiting.file, waiting.line, waiting.input, waiting.raw FROM waiting JOIN file ON file.hash = waiting.file \
                 WHERE waiting.kind = $1 AND waiting.due_on <= $2 ORDER BY file.name, waiting.file, waiting.line LIMIT $3",
            )
            .bind(kind)
            .bind(today)
            .bind(limit)
            .fetch_all(&mut *c)
            .await
        })?)
    }

    /// Rows of a file no longer wait: they count as what became of them.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn end_waiting(&mut self, file: &str, lines: &[i64], became: Counts) -> Result<(), Failure> {
        let wide = Wide { head: "DELETE FROM waiting WHERE (file, line) IN (VALUES ", tail: ")", bracketed: true };
        let rows: Vec<_> = lines.iter().map(|line| [Value::Text(file), Value::Int(*line)]).collect();
        self.write_rows(wide, &rows).await?;
        on!(self.connection(), |c| {
            sqlx::query(
                "UPDATE file SET waiting = waiting - $6, applied = applied + $2, duplicate = duplicate + $3, \
                 overtaken = overtaken + $4, rejected = rejected + $5 WHERE hash = $1",
            )
            .bind(file)
            .bind(became.applied)
            .bind(became.duplicate)
            .bind(became.overtaken)
            .bind(became.rejected)
            .bind(i64::try_from(lines.len()).unwrap_or(i64::MAX))
            .execute(&mut *c)
            .await
            .map(|_| ())
        })?;
        Ok(())
    }
}

/// A line number as the databases hold it.
pub(super) fn number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}
