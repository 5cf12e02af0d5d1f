//! How things stand, in numbers: each is counted on an index of what is open, so that it stays quick in a large book.

use chrono::{Days, NaiveDate};

use super::{
    Book,
    cases::Row,
    connection::{Failure, on},
};
use crate::domain::notice::Notice;

/// What is open in the book on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Overview {
    /// Findings that nobody has closed.
    pub findings: i64,
    /// Rejects that nobody has closed.
    pub rejects: i64,
    /// Rows that wait for their day.
    pub rows_waiting: i64,
    /// Cards ordered and not yet confirmed by the producer.
    pub cards_in_print: i64,
    /// Copies on the shelf, those to be removed included.
    pub cards_on_shelf: i64,
    /// Copies on the shelf whose last day comes within 30 days.
    pub holds_ending: i64,
    /// Unmatched items on the shelf.
    pub items: i64,
    /// Requests decided and not paid.
    pub requests_unpaid: i64,
    /// Requests undecided, or paid and not yet queued.
    pub requests_open: i64,
    /// Refunds not yet ordered.
    pub refunds_due: i64,
    /// Messages that the desk must bring otherwise: the call list.
    pub to_call: i64,
    /// Files fixed in the book and not yet in the outbox.
    pub files_unwritten: i64,
}

/// How far the desk looks ahead.
const ENDING: Days = Days::new(30);

impl Book {
    /// Counts what is open.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn overview(&mut self, today: NaiveDate) -> Result<Overview, Failure> {
        let ending = today.checked_add_days(ENDING).unwrap_or(today).to_string();
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT (SELECT count(*) FROM finding WHERE closed_on IS NULL) AS findings, \
                 (SELECT count(*) FROM reject WHERE closed_on IS NULL) AS rejects, \
                 (SELECT count(*) FROM waiting) AS rows_waiting, \
                 (SELECT count(*) FROM card WHERE custody = 'in_print') AS cards_in_print, \
                 (SELECT count(*) FROM card WHERE custody IN ('held', 'removal_due')) AS cards_on_shelf, \
                 (SELECT count(*) FROM hold WHERE outcome IS NULL AND last_day <= $1) AS holds_ending, \
                 (SELECT count(*) FROM item WHERE outcome IS NULL) AS items, \
                 (SELECT count(*) FROM request WHERE state = 'awaiting_payment') AS requests_unpaid, \
                 (SELECT count(*) FROM request WHERE state IN ('open', 'paid')) AS requests_open, \
                 (SELECT count(*) FROM refund WHERE state = 'due') AS refunds_due, \
                 (SELECT count(*) FROM notice WHERE state = 'to_call') AS to_call, \
                 (SELECT count(*) FROM output WHERE NOT written) AS files_unwritten",
            )
            .bind(ending)
            .fetch_one(&mut *c)
            .await
        })?)
    }

    /// The messages that the desk must bring otherwise, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read, or a row is not what it claims to be.
    pub async fn to_call(&mut self, limit: i64) -> Result<Vec<Notice>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, facts, personal FROM notice WHERE state = 'to_call' ORDER BY id LIMIT $1",
            )
            .bind(limit)
            .fetch_all(&mut *c)
            .await
        })?;
        rows.iter().map(Row::read).collect()
    }
}
