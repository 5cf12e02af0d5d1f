//! Few, wide statements: a constant row repeated as often as there are rows. The only place that tells sqlx that a
//! built text is safe: it is made of constants and of numbered placeholders, values are always bound.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;

use super::{
    Book,
    connection::{Failure, on},
};

/// Rows a statement; a million binds cost seconds, a longer text is not faster (page 5).
const WIDTH: usize = 500;

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Text or nothing.
    MaybeText(Option<&'a str>),
    /// Bytes or nothing.
    Bytes(Option<&'a [u8]>),
    /// A civil date.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
}

/// A statement with a list of rows in its middle.
#[derive(Debug, Clone, Copy)]
pub struct Wide {
    /// Up to `VALUES` or `IN (`.
    pub head: &'static str,
    /// What follows the rows.
    pub tail: &'static str,
    /// Each row stands in brackets of its own.
    pub bracketed: bool,
}

impl Wide {
    /// Placeholders are numbered on PostgreSQL. To SQLite `$7` is a name, looked up among all others at every bind:
    /// four thousand of them cost twenty times the insert, so there they are plain.
    pub(super) fn text(&self, rows: usize, columns: usize, numbered: bool) -> String {
        use std::fmt::Write;
        let mut text = String::with_capacity(self.head.len() + self.tail.len() + rows * columns * 7 + rows * 2);
        text.push_str(self.head);
        for row in 0..rows {
            text.push_str(if row == 0 { "" } else { "," });
            text.push_str(if self.bracketed { "(" } else { "" });
            for column in 1..=columns {
                text.push_str(if column == 1 { "" } else { "," });
                if numbered {
                    // Writing to a String does not fail.
                    let _ = write!(text, "${}", row * columns + column);
                } else {
                    text.push('?');
                }
            }
            text.push_str(if self.bracketed { ")" } else { "" });
        }
        text.push_str(self.tail);
        text
    }
}

macro_rules! bound {
    ($query:expr, $rows:expr) => {{
        let mut query = $query;
        for value in $rows.iter().flatten() {
            query = match *value {
                Value::Int(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
                Value::MaybeText(text) => query.bind(text),
                Value::Bytes(bytes) => query.bind(bytes),
                Value::Date(date) => query.bind(date),
                Value::Instant(instant) => query.bind(instant),
            };
        }
        query
    }};
}

impl Book {
    /// Writes rows, a few wide statements for all of them.
    pub(super) async fn write_rows<const N: usize>(
        &mut self,
        wide: Wide,
        rows: &[[Value<'_>; N]],
    ) -> Result<(), Failure> {
        for part in rows.chunks(WIDTH) {
            let text = wide.text(part.len(), N, !self.connection().is_sqlite());
            let whole = part.len() == WIDTH;
            on!(self.connection(), |c| {
                bound!(sqlx::query(AssertSqlSafe(text)).persistent(whole), part).execute(&mut *c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Reads the rows whose key is in a list, in the order of the statement's tail within each part of the list.
    pub(super) async fn read_rows<R>(&mut self, wide: Wide, keys: &[Value<'_>]) -> Result<Vec<R>, Failure>
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
            + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
            + Send
            + Unpin,
    {
        let mut found = Vec::new();
        for part in keys.chunks(WIDTH) {
            // The last key again fills the list up, so that one statement text serves every length.
            let mut list: Vec<[Value<'_>; 1]> = part.iter().map(|key| [*key]).collect();
            let width = if part.len() == 1 { 1 } else { WIDTH };
            list.extend(part.last().map(|key| [*key]).into_iter().cycle().take(width - part.len()));
            let text = wide.text(width, 1, !self.connection().is_sqlite());
            let rows: Vec<R> =
                on!(self.connection(), |c| bound!(sqlx::query_as(AssertSqlSafe(text)), list).fetch_all(&mut *c).await)?;
            found.extend(rows);
        }
        Ok(found)
    }
}
