//! Slots: the hours at which jobs were to run, by civil date, and the bells the scheduler heard. A slot names the run that
//! claimed it and is closed when that run is, so the two cannot disagree.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Book,
    bulk::{Value, Wide},
    connection::{Failure, on},
};
use crate::exit::Exit;

/// One job's slot of a civil date.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Slot {
    /// The job.
    pub job: String,
    /// The civil date in the office.
    pub due_on: NaiveDate,
    /// Times the scheduler tried to run it; 0: it is known and its hour is to come.
    pub tries: i64,
    /// The last try; of a slot to come, when it became known.
    pub tried_at: DateTime<Utc>,
    /// The run that claimed it; none: no run began.
    pub run: Option<i64>,
    /// The date that run worked for; a later one than the slot's: it covers the slot.
    pub business_date: Option<NaiveDate>,
    /// When that run ended; none: it is running, or was killed.
    pub ended_at: Option<DateTime<Utc>>,
    /// How that run ended; none with an end: it was interrupted.
    pub exit: Option<i64>,
}

impl Slot {
    /// It still waits for its run: none began, or the run was interrupted or lost its database (4.3). Every other
    /// outcome closes it, a failure as well: that waits for a person or the next slot. The statements below say it again,
    /// with 69 for the lost database.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.exit.is_none_or(|exit| exit == i64::from(Exit::DatabaseUnreachable.code()))
    }

    /// A run has claimed it and did not end; it may have been killed.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.run.is_some() && self.ended_at.is_none()
    }
}

/// The last bell heard by a scheduler.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Heartbeat {
    /// Host.
    pub host: String,
    /// Process.
    pub pid: i64,
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it heard the bell.
    pub rung_at: DateTime<Utc>,
}

impl Book {
    /// What decides about slots on a date: those that are open, those of that date and later (a clock may have been
    /// ahead), and of each job the last one before.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn slots(&mut self, today: NaiveDate) -> Result<Vec<Slot>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT slot.job, slot.due_on, slot.tries, slot.tried_at, slot.run, run.business_date, run.ended_at, run.exit \
                 FROM slot LEFT JOIN run ON run.id = slot.run \
                 LEFT JOIN (SELECT job, max(due_on) AS last_on FROM slot WHERE due_on < $1 GROUP BY job) AS before \
                 ON before.job = slot.job \
                 WHERE slot.due_on >= $1 OR slot.due_on = before.last_on OR run.exit IS NULL OR run.exit = 69 \
                 ORDER BY slot.due_on, slot.job",
            )
            .bind(today)
            .fetch_all(&mut *c)
            .await
        })?)
    }

    /// The latest slots, of one job or of all, newest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn latest_slots(&mut self, job: Option<&str>, limit: i64) -> Result<Vec<Slot>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT slot.job, slot.due_on, slot.tries, slot.tried_at, slot.run, run.business_date, run.ended_at, run.exit \
                 FROM slot LEFT JOIN run ON run.id = slot.run WHERE slot.job = COALESCE($1, slot.job) \
                 ORDER BY slot.due_on DESC, slot.job LIMIT $2",
            )
            .bind(job)
            .bind(limit)
            .fetch_all(&mut *c)
            .await
        })?)
    }

    /// Makes slots known whose hour is to come, so that they can be missed.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn expect_slots(&mut self, slots: &[(&str, NaiveDate)], at: DateTime<Utc>) -> Result<(), Failure> {
        let _turn = self.turn().await?;
        let wide = Wide {
            head: "INSERT INTO slot (job, due_on, tries, tried_at) VALUES ",
            tail: " ON CONFLICT DO NOTHING",
            bracketed: true,
        };
        let rows: Vec<_> = slots
            .iter()
            .map(|(job, on)| [Value::Text(job), Value::Date(*on), Value::Int(0), Value::Instant(at)])
            .collect();
        self.write_rows(wide, &rows).await
    }

    /// Counts a try, before it is known whether a run can begin.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn try_slots(&mut self, slots: &[(&str, NaiveDate)], at: DateTime<Utc>) -> Result<(), Failure> {
        let _turn = self.turn().await?;
        let wide = Wide {
            head: "INSERT INTO slot (job, due_on, tries, tried_at) VALUES ",
            tail: " ON CONFLICT (job, due_on) DO UPDATE SET tries = slot.tries + 1, tried_at = excluded.tried_at",
            bracketed: true,
        };
        let rows: Vec<_> = slots
            .iter()
            .map(|(job, on)| [Value::Text(job), Value::Date(*on), Value::Int(1), Value::Instant(at)])
            .collect();
        self.write_rows(wide, &rows).await
    }

    /// A run that holds the lock claims slots. One that is closed keeps the run that closed it.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn claim_slots(
        &mut self,
        run: i64,
        slots: &[(&str, NaiveDate)],
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let wide = Wide {
            head: "INSERT INTO slot (job, due_on, run, tries, tried_at) VALUES ",
            tail: " ON CONFLICT (job, due_on) DO UPDATE SET run = excluded.run WHERE NOT EXISTS \
                   (SELECT 1 FROM run WHERE run.id = slot.run AND run.exit <> 69)",
            bracketed: true,
        };
        let rows: Vec<_> = slots
            .iter()
            .map(|(job, on)| [Value::Text(job), Value::Date(*on), Value::Int(run), Value::Int(1), Value::Instant(at)])
            .collect();
        self.write_rows(wide, &rows).await
    }

    /// Notes that the scheduler of a host heard the bell.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn note_bell(&mut self, bell: &Heartbeat) -> Result<(), Failure> {
        let _turn = self.turn().await?;
        on!(self.connection(), |c| {
            sqlx::query(
                "INSERT INTO heartbeat (host, pid, began_at, rung_at) VALUES ($1, $2, $3, $4) ON CONFLICT (host) \
                 DO UPDATE SET pid = excluded.pid, began_at = excluded.began_at, rung_at = excluded.rung_at",
            )
            .bind(&bell.host)
            .bind(bell.pid)
            .bind(bell.began_at)
            .bind(bell.rung_at)
            .execute(&mut *c)
            .await
            .map(|_| ())
        })?;
        Ok(())
    }

    /// The last bell heard on any host; none: no scheduler ever ran on this book.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn last_bell(&mut self) -> Result<Option<Heartbeat>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as("SELECT host, pid, began_at, rung_at FROM heartbeat ORDER BY rung_at DESC LIMIT 1")
                .fetch_optional(&mut *c)
                .await
        })?)
    }
}
