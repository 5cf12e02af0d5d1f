//! Runs: who runs jobs now, what the last ones did, and which night was the last to end.

use std::fs::File;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Book,
    connection::{Connection, Failure, on},
};
use crate::exit::Exit;

/// One command that ran jobs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// The civil date it worked for.
    pub business_date: NaiveDate,
    /// The jobs, with commas.
    pub jobs: String,
    /// Every enabled job.
    pub whole_night: bool,
    /// Operator, or the unit.
    pub started_by: String,
    /// Host.
    pub host: String,
    /// Process.
    pub pid: i64,
    /// What systemd calls it in the journal; empty when no unit started it.
    pub invocation: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; none: it is running, or was interrupted.
    pub ended_at: Option<DateTime<Utc>>,
    /// Exit code; none with an end: interrupted.
    pub exit: Option<i64>,
    /// The night report as JSON.
    pub report: Option<String>,
}

/// The right to run jobs on a book; it dies with its process.
#[derive(Debug)]
pub struct RunLock {
    _file: Option<File>,
}

/// The advisory lock of PostgreSQL that stands for the book: its name in eight letters.
const ADVISORY_KEY: i64 = 0x7375_6e64_6b6f_7274;

impl Book {
    /// Takes the right to run jobs, or says that another run has it.
    ///
    /// # Errors
    /// When the lock cannot be looked at.
    pub async fn lock_runs(&mut self, address: &str) -> Result<Option<RunLock>, Failure> {
        match self.connection() {
            Connection::Postgres(c) => {
                let taken: bool =
                    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_KEY).fetch_one(&mut *c).await?;
                Ok(taken.then_some(RunLock { _file: None }))
            }
            Connection::Sqlite(_) => {
                use std::os::unix::fs::OpenOptionsExt;
                let path = format!("{}.lock", address.trim_start_matches("sqlite:"));
                let broken = |error: std::io::Error| Failure::Unreachable(format!("{path}: {error}"));
                let file =
                    File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(broken)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(RunLock { _file: Some(file) })),
                    Err(std::fs::TryLockError::WouldBlock) => Ok(None),
                    Err(std::fs::TryLockError::Error(error)) => Err(broken(error)),
                }
            }
        }
    }

    /// Notes the begin of a run; what an earlier holder of the lock left open was interrupted.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn start_run(&mut self, run: &Run) -> Result<i64, Failure> {
        let id: i64 = on!(self.connection(), |c| {
            sqlx::query("UPDATE run SET ended_at = $1 WHERE ended_at IS NULL")
                .bind(run.started_at)
                .execute(&mut *c)
                .await?;
            sqlx::query_scalar(
                "INSERT INTO run (id, business_date, jobs, whole_night, started_by, host, pid, invocation, started_at) \
                 SELECT COALESCE(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8 FROM run RETURNING id",
            )
            .bind(run.business_date)
            .bind(&run.jobs)
            .bind(run.whole_night)
            .bind(&run.started_by)
            .bind(&run.host)
            .bind(run.pid)
            .bind(&run.invocation)
            .bind(run.started_at)
            .fetch_one(&mut *c)
            .await
        })?;
        Ok(id)
    }

    /// How many reports of a date are files, or are to be.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn report_files(&mut self, business_date: NaiveDate) -> Result<i64, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT count(*) FROM run WHERE business_date = $1 AND report_file IS NOT NULL")
                .bind(business_date)
                .fetch_one(&mut *c)
                .await
        })?)
    }

    /// Keeps the report of a run, and the name of the file that it is to be.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn keep_report(&mut self, id: i64, report: &str, file: Option<&str>) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query("UPDATE run SET report = $2, report_file = $3 WHERE id = $1")
                .bind(id)
                .bind(report)
                .bind(file)
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }

    /// A report that is to be a file and is none yet: its run, its name and its text.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn unwritten_report(&mut self) -> Result<Option<(i64, String, String)>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, report_file, report FROM run WHERE report_file IS NOT NULL AND NOT report_written \
                 ORDER BY id LIMIT 1",
            )
            .fetch_optional(&mut *c)
            .await
        })?)
    }

    /// Notes that the report of a run is in the outbox.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn report_written(&mut self, id: i64) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query("UPDATE run SET report_written = TRUE WHERE id = $1")
                .bind(id)
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }

    /// Notes the end of a run with its exit code, none when it was interrupted.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn end_run(&mut self, id: i64, at: DateTime<Utc>, exit: Option<Exit>) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query("UPDATE run SET ended_at = $2, exit = $3 WHERE id = $1")
                .bind(id)
                .bind(at)
                .bind(exit.map(|exit| i64::from(exit.code())))
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }

    /// Notes that the run of a process failed without a word: it panicked.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn fail_run_of(&mut self, host: &str, pid: i64, at: DateTime<Utc>) -> Result<(), Failure> {
        on!(self.connection(), |c| {
            sqlx::query("UPDATE run SET ended_at = $3, exit = $4 WHERE ended_at IS NULL AND host = $1 AND pid = $2")
                .bind(host)
                .bind(pid)
                .bind(at)
                .bind(i64::from(Exit::Failed.code()))
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }

    /// The latest runs, newest first: those that had a job, or all of them where none is named.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn runs(&mut self, job: &str, limit: i64) -> Result<Vec<Run>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, business_date, jobs, whole_night, started_by, host, pid, invocation, started_at, ended_at, exit, \
                 report FROM run WHERE $1 = '' OR ',' || jobs || ',' LIKE '%,' || $1 || ',%' ORDER BY id DESC LIMIT $2",
            )
            .bind(job)
            .bind(limit)
            .fetch_all(&mut *c)
            .await
        })?)
    }

    /// One run.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn run(&mut self, id: i64) -> Result<Option<Run>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, business_date, jobs, whole_night, started_by, host, pid, invocation, started_at, ended_at, exit, \
                 report FROM run WHERE id = $1",
            )
            .bind(id)
            .fetch_optional(&mut *c)
            .await
        })?)
    }

    /// The date of the last whole night that ended: none before it is worked for again without force (1.4).
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn last_finished_night(&mut self) -> Result<Option<NaiveDate>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT max(business_date) FROM run WHERE whole_night AND exit IN (0, 3, 4, 65)")
                .fetch_one(&mut *c)
                .await
        })?)
    }
}
