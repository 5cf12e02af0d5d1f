//! What is due: one statement a job, each giving folders in the order of their numbers, a chunk at a time.

use chrono::{Days, NaiveDate};

use super::{
    Book,
    connection::{Failure, on},
};
use crate::domain::{
    ids::{BatchId, PersonId},
    practice::Batch,
};

/// What a job works through when nobody sent a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Planned cards whose day has come (T2).
    PlannedCards,
    /// Queued cards (T4).
    QueuedCards,
    /// Name corrections that are decided free, or still wait for a decision (1.5).
    Corrections,
    /// Replacements that are decided free or paid, or still wait for a decision (1.6).
    Replacements,
    /// Requests that were not paid in time (1.6).
    UnpaidRequests,
    /// Times on the shelf whose last day is over, but for those on the worklist already (T12).
    HoldsOver,
    /// Wanted notices, and times on the shelf that need a reminder (2.3).
    Notices,
    /// Refunds to order (1.6).
    Refunds,
    /// What lies on the shelf: cards, and in the office's own folder unmatched items.
    Shelf,
    /// Notices that the desk must tell itself (2.3).
    Calls,
    /// Name corrections whose new copy is not posted yet: the wrong one may still be with the producer (1.5).
    Recalls,
}

struct Statements {
    count: &'static str,
    page: &'static str,
}

macro_rules! due {
    ($from:literal) => {
        Statements {
            count: concat!("SELECT count(*) FROM ", $from, " AND $1 IS NOT NULL"),
            page: concat!(
                "SELECT DISTINCT person_id FROM ",
                $from,
                " AND $1 IS NOT NULL AND person_id > $2 ORDER BY person_id LIMIT $3"
            ),
        }
    };
}

impl Due {
    const fn statements(self) -> Statements {
        match self {
            Self::PlannedCards => due!("card WHERE custody = 'planned' AND due_on <= $1"),
            Self::QueuedCards => due!("card WHERE custody = 'queued'"),
            Self::Corrections => due!("request WHERE state IN ('open', 'paid') AND kind = 'name_correction'"),
            Self::Replacements => due!("request WHERE state IN ('open', 'paid') AND kind = 'replacement'"),
            Self::UnpaidRequests => due!("request WHERE state = 'awaiting_payment' AND lapse_on < $1"),
            Self::HoldsOver => due!(
                "hold WHERE outcome IS NULL AND last_day < $1 \
                 AND EXISTS (SELECT 1 FROM card WHERE card.id = card_id AND custody = 'held')"
            ),
            Self::Notices => due!(
                "(SELECT person_id FROM notice WHERE state = 'wanted' \
                  UNION ALL SELECT person_id FROM hold WHERE outcome IS NULL AND last_day <= $1) AS due WHERE person_id > 0"
            ),
            Self::Refunds => due!("refund WHERE state = 'due'"),
            Self::Shelf => due!(
                "(SELECT person_id FROM card WHERE custody IN ('held', 'removal_due') \
                  UNION ALL SELECT person_id FROM item WHERE outcome IS NULL) AS shelf WHERE person_id >= 0"
            ),
            Self::Calls => due!("notice WHERE state = 'to_call'"),
            Self::Recalls => due!("request WHERE kind = 'name_correction' AND state IN ('open', 'queued')"),
        }
    }

    /// The date the statement compares with: reminders look ahead by the longest period.
    fn date(self, today: NaiveDate, longest_reminder: u64) -> NaiveDate {
        match self {
            Self::Notices => today.checked_add_days(Days::new(longest_reminder)).unwrap_or(today),
            _ => today,
        }
    }
}

impl Book {
    /// How many keys are due: compared with the job's limit before its first chunk.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn count_due(&mut self, due: Due, today: NaiveDate, longest_reminder: u64) -> Result<u64, Failure> {
        let date = due.date(today, longest_reminder).to_string();
        let count: i64 = on!(self.connection(), |c| {
            sqlx::query_scalar(due.statements().count).bind(date).fetch_one(&mut *c).await
        })?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// The next folders with something due, after one already done.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn due(
        &mut self,
        due: Due,
        today: NaiveDate,
        longest_reminder: u64,
        after: Option<PersonId>,
        chunk: usize,
    ) -> Result<Vec<PersonId>, Failure> {
        let date = due.date(today, longest_reminder).to_string();
        let rows: Vec<i64> = on!(self.connection(), |c| {
            sqlx::query_scalar(due.statements().page)
                .bind(date)
                .bind(after.map_or(-1, |person| person.0))
                .bind(i64::try_from(chunk).unwrap_or(i64::MAX))
                .fetch_all(&mut *c)
                .await
        })?;
        Ok(rows.into_iter().map(PersonId).collect())
    }

    /// Every folder in the order of its number, the office's own first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn persons(&mut self, after: Option<PersonId>, page: i64) -> Result<Vec<PersonId>, Failure> {
        let rows: Vec<i64> = on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after.map_or(-1, |person| person.0))
                .bind(page)
                .fetch_all(&mut *c)
                .await
        })?;
        Ok(rows.into_iter().map(PersonId).collect())
    }

    /// Print orders closed on or before a day that still lack answers, and those a finding is open for: with how many.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn unanswered_batches(&mut self) -> Result<Vec<(Batch, i64)>, Failure> {
        let rows: Vec<(String, i64)> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT batch.facts, (SELECT count(*) FROM card WHERE card.batch = batch.id AND card.custody = 'in_print') \
                 FROM batch WHERE batch.id IN (SELECT DISTINCT batch FROM card WHERE custody = 'in_print') \
                 OR EXISTS (SELECT 1 FROM finding WHERE finding.kind = 'producer-silent' AND finding.closed_on IS NULL \
                            AND finding.subject = 'B' || batch.id) ORDER BY batch.id",
            )
            .fetch_all(&mut *c)
            .await
        })?;
        rows.into_iter()
            .map(|(facts, unanswered)| {
                let batch: Batch = serde_json::from_str(&facts).map_err(|_| Failure::Claim {
                    table: "batch",
                    id: BatchId(0).0,
                    reason: "its facts cannot be read".to_owned(),
                })?;
                Ok((batch, unanswered))
            })
            .collect()
    }
}
