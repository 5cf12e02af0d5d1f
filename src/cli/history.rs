//! `history`: what ran, and one run with everything it did. Other verbs read from here how a job's last run ended.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Session, output, run::job_named};
use crate::{
    clock::OFFICE_ZONE,
    exit::Exit,
    night::{
        report::{Outcome, Report},
        schedule::missing,
    },
    store::{
        Book,
        rejects::{Reject, Wanted},
        runs::Run,
    },
};

/// Arguments of `history`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only runs that had this job.
    #[arg(value_name = "JOB", conflicts_with = "run")]
    job: Option<String>,
    /// One run with its files, counts, changes and rejects, and where its log is.
    #[arg(long, value_name = "ID")]
    run: Option<i64>,
    /// So many of the latest.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args.run {
        Some(id) => show(id, session).await,
        None => list(args.job.as_deref(), args.limit, session).await,
    }
}

async fn list(job: Option<&str>, limit: i64, session: &mut Session<'_>) -> Result<Exit> {
    let job = job.map(job_named).transpose()?.unwrap_or_default();
    let mut book = session.book().await?;
    let runs = book.runs(job, limit).await?;
    let mut rows = not_happened(&mut book, job, session).await?;
    rows.extend(runs.iter().map(|run| {
        vec![
            run.id.to_string(),
            run.business_date.to_string(),
            jobs_of(run),
            local(run.started_at),
            run.ended_at.map(|ended| took(ended - run.started_at)).unwrap_or_default(),
            run.started_by.clone(),
            how_ended(run, job),
        ]
    }));
    output::rows(&["run", "night", "jobs", "started", "took", "by", "outcome"], &rows, session)?;
    Ok(Exit::Done)
}

/// Slots that were due and that no run has closed, newest first: where the scheduler is used.
async fn not_happened(book: &mut Book, job: &str, session: &Session<'_>) -> Result<Vec<Vec<String>>> {
    if book.last_bell().await?.is_none() {
        return Ok(Vec::new());
    }
    let slots = book.slots(session.clock.today()).await?;
    let mut days: BTreeMap<NaiveDate, Vec<&str>> = BTreeMap::new();
    for (name, day) in missing(&session.settings.jobs, &slots, session.clock.now()) {
        if job.is_empty() || job == name {
            days.entry(day).or_default().push(name);
        }
    }
    let none = String::new;
    let row = |(day, jobs): (NaiveDate, Vec<&str>)| {
        vec![none(), day.to_string(), jobs.join(", "), none(), none(), none(), "did not happen".to_owned()]
    };
    Ok(days.into_iter().rev().map(row).collect())
}

async fn show(id: i64, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let Some(run) = book.run(id).await? else {
        bail!("show run {id}: there is no such run (hint: sundhedskort history)");
    };
    let rejects = book.rejects(Wanted { closed_too: true, feed: "", run: id }).await?;
    let report = report_of(&run)?;
    if session.format == output::Format::Json {
        return as_json(&run, &rejects, report.as_ref(), session);
    }
    let fields = [
        ("run", run.id.to_string()),
        ("night", run.business_date.to_string()),
        ("jobs", jobs_of(&run)),
        ("started", format!("{} by {}", local(run.started_at), run.started_by)),
        ("ended", run.ended_at.map(local).unwrap_or_default()),
        ("outcome", how_ended(&run, "")),
        ("process", format!("{} on {}", run.pid, run.host)),
        ("log", journal(&run)),
    ];
    output::one(&fields, session)?;
    if session.format == output::Format::Table {
        writeln!(session.out)?;
        if let Some(report) = &report {
            output::report(report, session)?;
        }
        if !rejects.is_empty() {
            let rows: Vec<_> = rejects.iter().map(reject_row).collect();
            let header = ["reject", "file", "line", "column", "code", "reason"];
            writeln!(session.out, "\nRejects\n\n{}", output::table(&header, &rows))?;
        }
    }
    Ok(Exit::Done)
}

/// A line for the run, one for each reject, and the night report as the summary.
fn as_json(run: &Run, rejects: &[Reject], report: Option<&Report>, session: &mut Session<'_>) -> Result<Exit> {
    let without_report = Run { report: None, ..run.clone() };
    writeln!(session.out, "{}", serde_json::json!({ "run": without_report, "log": journal(run) }))?;
    for reject in rejects {
        writeln!(session.out, "{}", serde_json::to_string(reject)?)?;
    }
    match report {
        Some(report) => output::report(report, session)?,
        None => writeln!(session.out, "{}", serde_json::json!({ "schema": 1, "rejects": rejects.len() }))?,
    }
    Ok(Exit::Done)
}

fn reject_row(reject: &Reject) -> Vec<String> {
    let (id, line) = (reject.id.to_string(), reject.line.to_string());
    vec![id, reject.name.clone(), line, reject.in_column.clone(), reject.code.clone(), reject.reason.clone()]
}

fn jobs_of(run: &Run) -> String {
    if run.whole_night { "whole night".to_owned() } else { run.jobs.replace(',', ", ") }
}

/// Where the log of a run is: in the journal under the unit's invocation, or where the operator stood.
fn journal(run: &Run) -> String {
    if run.invocation.is_empty() {
        format!("it went to the terminal of {} on {}", run.started_by, run.host)
    } else {
        format!("journalctl _SYSTEMD_INVOCATION_ID={}", run.invocation)
    }
}

/// The report a run left, if it ended by itself.
pub(super) fn report_of(run: &Run) -> Result<Option<Report>> {
    let report = run.report.as_deref().map(serde_json::from_str).transpose();
    report.with_context(|| format!("read the report of run {}", run.id))
}

/// How one job of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It has not: it is at work.
    UnderWay,
    /// Its process is gone; the next run goes on from the last chunk.
    Interrupted,
    /// An earlier job ended the run.
    NotReached,
    /// As its report says.
    With(Outcome),
}

impl Ended {
    /// As in tables.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::UnderWay => "under way",
            Self::Interrupted => "interrupted",
            Self::NotReached => "not reached",
            Self::With(outcome) => outcome.word(),
        }
    }
}

/// How a job ended in a run.
pub(super) fn ended(run: &Run, job: &str) -> Ended {
    match &run.report {
        None if run.ended_at.is_none() && is_alive(run) => Ended::UnderWay,
        None => exit_of(run).map_or(Ended::Interrupted, |exit| Ended::With(Outcome::failed(exit))),
        Some(_) => {
            // A report that cannot be read says nothing about the job.
            let report = report_of(run).ok().flatten();
            let job = report.as_ref().and_then(|report| report.jobs.iter().find(|done| done.job == job));
            job.map_or(Ended::NotReached, |done| Ended::With(done.outcome))
        }
    }
}

/// How a run ended, or one job of it.
fn how_ended(run: &Run, job: &str) -> String {
    if !job.is_empty() || run.report.is_none() {
        return ended(run, job).word().to_owned();
    }
    match exit_of(run) {
        None => "interrupted".to_owned(),
        Some(Exit::Done) => "done".to_owned(),
        Some(Exit::DoneWithFindings) => "done, with new rejects or findings".to_owned(),
        Some(Exit::Stopped) => "a job stopped before its end".to_owned(),
        Some(Exit::FileRefused) => "done, but for a refused file".to_owned(),
        Some(Exit::DatabaseUnreachable) => "lost its database".to_owned(),
        Some(Exit::InvariantBroken) => "stopped before an invariant was broken".to_owned(),
        _ => "a job failed".to_owned(),
    }
}

fn exit_of(run: &Run) -> Option<Exit> {
    run.exit.and_then(|code| u8::try_from(code).ok()).and_then(Exit::from_code)
}

/// The process of an unfinished run is still there, as far as this host can see. A unit's sandbox hides the processes of
/// others, the first one too: there, none is declared dead, and a dead one is noticed by its slot or by the next run.
fn is_alive(run: &Run) -> bool {
    let there = |pid| std::path::Path::new("/proc").join(pid).exists();
    run.host != crate::night::run::host() || there(run.pid.to_string()) || !there("1".to_owned())
}

/// The latest run of a job.
pub(super) async fn last_run(book: &mut Book, job: &str) -> Result<Option<Run>> {
    Ok(book.runs(job, 1).await?.pop())
}

/// An instant on the office's wall.
pub(super) fn local(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&OFFICE_ZONE).format("%Y-%m-%d %H:%M").to_string()
}

fn took(time: TimeDelta) -> String {
    let seconds = time.num_seconds();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_as_long_as_it_needs() {
        for (seconds, text) in [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3_725, "1 h 2 min")] {
            assert_eq!(took(TimeDelta::seconds(seconds)), text);
        }
    }
}
