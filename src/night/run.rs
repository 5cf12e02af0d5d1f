//! One run: the lock, the date, every job in its turn, the outputs afterwards, and the report.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use tracing::{Instrument, info, info_span, warn};

use super::{
    Night, Stop,
    chunk::Tally,
    inbox,
    progress::{self, Progress},
    report::{JobReport, Outcome, Report},
    schedule::{self, JobDay},
    take::Rules,
    work::Rule,
};
use crate::{
    clock::Clock,
    domain::{calendar::Calendar, casework},
    exit::Exit,
    failpoint,
    jobs::{self, Job, Step},
    settings::{JobDeclaration, Settings},
    store::{
        Book, Stamp,
        connection::Failure,
        runs::{Run, RunLock},
    },
};

/// What is asked of a run.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The jobs by name; none: every enabled one, the whole night.
    pub jobs: Vec<&'static str>,
    /// The business date; none: today.
    pub date: Option<NaiveDate>,
    /// Nothing may remain.
    pub dry: bool,
    /// The scheduler starts it: it claims the slots of its jobs that are due.
    pub scheduled: bool,
    /// Lifts the limits of this run to so many.
    pub accept: Option<u64>,
    /// Allows a date before the last finished night.
    pub force: bool,
    /// Who starts it: an operator's login, or the unit.
    pub started_by: String,
    /// Operator's reason for `accept` or `force`.
    pub reason: Option<String>,
    /// Who watches.
    pub progress: Progress,
}

/// Why a run did not begin.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotBegun {
    /// Another run holds the lock.
    #[error("start a run: {0}")]
    Locked(String),
    /// Another run has closed the slots meanwhile.
    #[error("start a run: its slots are closed already")]
    SlotsClosed,
    /// The date is refused (1.4).
    #[error("start a run for {date}: {why}")]
    Date {
        /// The date asked for.
        date: NaiveDate,
        /// Why not.
        why: String,
    },
}

/// Runs jobs on a book.
///
/// # Errors
/// [`NotBegun`] when another run holds the lock or the date is refused; [`Failure`] when the book cannot be used.
/// A job that fails is no error of the run: the report says so.
pub async fn run(book: &mut Book, settings: &Settings, clock: Clock, order: &Order, stop: Stop) -> Result<Report> {
    let _lock = lock(book, settings).await?;
    let today = order.date.unwrap_or_else(|| clock.today());
    let slots = if order.scheduled { slots(book, settings, clock, order).await? } else { Vec::new() };
    let refused = refusal(book, clock, order, today).await?;
    // What the scheduler starts nobody sees: its refusal goes on record, and closes the slots.
    if let Some(refused) = refused.as_ref().filter(|_| !order.scheduled) {
        return Err(refused.clone().into());
    }
    let (names, whole_night) = jobs_of(settings, order);
    if order.dry {
        book.begin_dry().await?;
    }
    let begun = Run {
        id: 0,
        business_date: today,
        jobs: names.join(","),
        whole_night,
        started_by: order.started_by.clone(),
        host: host(),
        pid: i64::from(std::process::id()),
        invocation: std::env::var("INVOCATION_ID").unwrap_or_default(),
        started_at: clock.now(),
        ended_at: None,
        exit: None,
        report: None,
    };
    let id = book.start_run(&begun).await?;
    failpoint::pass("after a run began");
    book.claim_slots(id, &slots, clock.now()).await?;
    let span = info_span!("run", run = id, business_date = %today, dry_run = order.dry, trigger = %order.started_by,
        invocation = begun.invocation);
    let report = match refused {
        Some(refused) => Err(refused.into()),
        None => all_jobs(book, settings, clock, order, (id, &begun, names), stop).instrument(span).await,
    };
    if order.dry {
        book.end_dry().await?;
        return report;
    }
    match &report {
        Ok(report) => {
            failpoint::pass("before a run ends");
            book.end_run(id, clock.now(), (!report.interrupted).then(|| report.exit())).await?;
        }
        // Where the book is out of reach, the next holder of the lock closes the run as interrupted.
        Err(error) => {
            let _ = book.rollback().await;
            let _ = book.end_run(id, clock.now(), Some(exit_of(error))).await;
        }
    }
    report
}

/// The jobs of an order, in the order of the night, and whether they are its night: without names every enabled job, and
/// of what the scheduler starts the run with the last of them, for the others came before.
fn jobs_of(settings: &Settings, order: &Order) -> (Vec<&'static str>, bool) {
    let enabled: Vec<&'static str> =
        jobs::ALL.into_iter().map(|job| job.name).filter(|name| declared(settings, name).enabled).collect();
    if order.jobs.is_empty() {
        return (enabled, true);
    }
    let names: Vec<&'static str> =
        jobs::ALL.into_iter().map(|job| job.name).filter(|name| order.jobs.contains(name)).collect();
    let is_night = order.scheduled && enabled.last().is_some_and(|last| names.contains(last));
    (names, is_night)
}

/// The slots that a scheduled run claims, decided again now that it holds the lock.
async fn slots(book: &mut Book, settings: &Settings, clock: Clock, order: &Order) -> Result<Vec<JobDay>> {
    let known = book.slots(clock.today()).await?;
    let ordered = settings.jobs.iter().filter(|job| order.jobs.contains(&job.name));
    let due = schedule::due(ordered, &known, clock.now());
    if due.is_empty() { Err(NotBegun::SlotsClosed.into()) } else { Ok(due) }
}

async fn all_jobs(
    book: &mut Book,
    settings: &Settings,
    clock: Clock,
    order: &Order,
    (run, begun, names): (i64, &Run, Vec<&'static str>),
    stop: Stop,
) -> Result<Report> {
    let today = begun.business_date;
    let mut report = Report { run, ..Report::new(today, order.dry) };
    let mut tally = Tally::default();
    let office = office(book, settings, today).await?;
    let mut night = Night {
        book,
        settings,
        office,
        stamp: Stamp { today, run, at: clock.now(), by: "" },
        dry: order.dry,
        stop,
        deadline: None,
        accept: order.accept,
        progress: order.progress.clone(),
    };
    if !order.dry {
        night.publish_reports().await?;
        report.outputs.extend(night.publish().await?);
    }
    let mut unread = unread_before(settings, &names)?;
    for name in names {
        let Some(job) = jobs::named(name) else { continue };
        if night.stop.asked() {
            report.interrupted = true;
            break;
        }
        night.stamp = Stamp { at: clock.now(), by: job.name, ..night.stamp };
        let mut done =
            night.job(job, declared(settings, name), &mut tally).instrument(info_span!("job", job = name)).await;
        report.interrupted |= done.outcome == Outcome::Stopped;
        done.messages.append(&mut unread);
        report.jobs.push(done);
        let Some(done) = report.jobs.last_mut() else { continue };
        if !order.dry && !done.outcome.ends_night() {
            match night.publish().await {
                Ok(names) => report.outputs.extend(names),
                Err(error) => done.fail(&error),
            }
        }
        if done.outcome.ends_night() {
            break;
        }
    }
    for (kind, count) in tally.opened {
        report.findings_opened.insert(kind.code().to_owned(), count);
    }
    for (kind, count) in tally.closed {
        report.findings_closed.insert(kind.code().to_owned(), count);
    }
    report.exit_code = (!report.interrupted).then(|| report.exit().code());
    if !order.dry {
        // Where the report itself tells of a failure, it says more than that it is no file yet.
        let kept = night.keep(&report, begun.whole_night).await;
        kept.or_else(|error| if report.exit().worst(exit_of(&error)) == report.exit() { Ok(()) } else { Err(error) })?;
    }
    Ok(report)
}

/// What earlier jobs than those of a run by hand would read: the run works without it, and says so (1.7).
fn unread_before(settings: &Settings, names: &[&str]) -> Result<Vec<String>> {
    let mut unread = Vec::new();
    for job in jobs::ALL.into_iter().take_while(|job| !names.contains(&job.name)) {
        for step in job.steps {
            let Step::Take { feed, .. } = step else { continue };
            for file in inbox::files(&settings.inbox, feed.kind())? {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                unread.push(format!("{name} was not read: it is for {}, which comes before", job.name));
            }
        }
    }
    Ok(unread)
}

impl Night<'_> {
    /// Keeps the report with its run. It is a file as well for each night, and for every other run that has something to
    /// tell.
    async fn keep(&mut self, report: &Report, whole_night: bool) -> Result<()> {
        let text = serde_json::to_string_pretty(report).context("write the report")? + "\n";
        let today = report.business_date;
        let before = self.book.report_files(today).await?;
        let tells = report.had_effect() || report.exit_code != Some(0) || (whole_night && before == 0);
        let file = tells.then(|| format!("night-{today}-{}.json", before + 1));
        self.book.keep_report(report.run, &text, file.as_deref()).await?;
        self.publish_reports().await
    }

    /// One job: its steps in their order. A failure takes back the chunk it happened in and nothing else.
    async fn job(&mut self, job: &Job, declaration: &JobDeclaration, tally: &mut Tally) -> JobReport {
        let mut report = JobReport { job: job.name.to_owned(), limit: declaration.limit, ..JobReport::default() };
        self.progress.tell(progress::Step::Begins(job.name));
        self.deadline = Instant::now().checked_add(declaration.time_limit);
        for step in job.steps {
            if let Err(error) = self.step(step, declaration, &mut report, tally).await {
                let _ = self.book.rollback().await;
                report.fail(&error);
                warn!(job = job.name, error = format!("{error:#}"), "{} failed", job.name);
            }
            if report.outcome.ends_night() || matches!(report.outcome, Outcome::Limit | Outcome::Stopped) {
                break;
            }
        }
        self.progress.tell(progress::Step::Ends);
        if report.outcome == Outcome::Stopped && !self.stop.asked() {
            report.outcome = Outcome::OutOfTime;
            report.messages.push("its time limit is over: the rest goes on next time".to_owned());
        }
        let (changes, outcome): (u64, _) = (report.changes.values().sum(), report.outcome.word());
        if changes > 0 || report.outcome != Outcome::Done {
            info!(job = job.name, selected = report.selected, changes, outcome, "{} is {outcome}", job.name);
        }
        report
    }

    async fn step(
        &mut self,
        step: &Step,
        declaration: &JobDeclaration,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<()> {
        let (chunk, limit) = (declaration.chunk, declaration.limit);
        match *step {
            Step::Take { feed, decide, without_folder } => {
                self.take(feed, Rules { decide, without_folder }, chunk, limit, job, tally).await?;
                // What a feed brings of the world outside the folders is read again.
                self.office = office(self.book, self.settings, self.stamp.today).await?;
            }
            Step::Work { due, decide } => self.work(due, Rule::Work(decide), chunk, limit, job, tally).await?,
            Step::Gather { due, decide, close } => {
                self.work(due, Rule::Gather(decide, close), chunk, limit, job, tally).await?;
            }
            Step::List { kind, header, due, lines } => self.list((kind, header, due), lines, chunk).await?,
            Step::Watch { decide } => self.watch(decide, job, tally).await?,
        }
        Ok(())
    }
}

/// The world as the rules see it on a date.
///
/// # Errors
/// When the book cannot be read.
pub async fn office(book: &mut Book, settings: &Settings, today: NaiveDate) -> Result<casework::Office, Failure> {
    let mut calendar = settings.calendar();
    for closure in book.closures().await? {
        close_days(&mut calendar, closure.from, closure.to);
    }
    let mut practitioners: std::collections::BTreeMap<String, Vec<_>> = std::collections::BTreeMap::new();
    for entry in book.practitioners().await? {
        practitioners.entry(entry.gp_number.clone()).or_default().push(entry);
    }
    Ok(casework::Office {
        today,
        calendar,
        periods: settings.periods.clone(),
        tariff: settings.tariff.clone(),
        site: settings.office.site.clone(),
        language: settings.office.language,
        practitioners,
    })
}

fn close_days(calendar: &mut Calendar, from: NaiveDate, to: NaiveDate) {
    for day in from.iter_days().take_while(|day| *day <= to) {
        calendar.close(day);
    }
}

/// Why a run may not work for a date: it is before the last finished night and not forced with a reason, or after today
/// although something would remain (1.4).
async fn refusal(book: &mut Book, clock: Clock, order: &Order, date: NaiveDate) -> Result<Option<NotBegun>> {
    let now = clock.today();
    if date > now && !order.dry {
        let why = format!("it is after today, {now} (hint: `plan --date {date}`)");
        return Ok(Some(NotBegun::Date { date, why }));
    }
    Ok(match book.last_finished_night().await? {
        Some(last) if date < last && !order.force && !order.dry => Some(NotBegun::Date {
            date,
            why: format!("the night of {last} is done already (hint: `--force --reason ...`)"),
        }),
        _ => None,
    })
}

fn declared<'s>(settings: &'s Settings, name: &str) -> &'s JobDeclaration {
    #[expect(clippy::expect_used, reason = "a declaration of every job is compiled in; a test compares the two lists")]
    settings.jobs.iter().find(|job| job.name == name).expect("every job is declared")
}

/// How often it is asked who has the lock, while nobody in the book does: who has just taken it is in the book a moment
/// later, and who is no longer in the book lets it go a moment later.
const ASKED: u32 = 20;
const MOMENT: Duration = Duration::from_millis(50);

/// Takes the run lock, or says who has it.
async fn lock(book: &mut Book, settings: &Settings) -> Result<RunLock> {
    let hint = "(hint: `run --lock-wait SECONDS` waits for it)";
    for _ in 0..ASKED {
        if let Some(lock) = book.lock_runs(&settings.database.address()).await? {
            return Ok(lock);
        }
        if let Some(run) = book.runs("", 1).await?.first().filter(|run| run.ended_at.is_none()) {
            let since = run.started_at.format("%Y-%m-%d %H:%M UTC");
            let who = format!("run {} has the book since {since}, host {}, pid {}", run.id, run.host, run.pid);
            return Err(NotBegun::Locked(format!("{who} {hint}")).into());
        }
        tokio::time::sleep(MOMENT).await;
    }
    Err(NotBegun::Locked(format!("another run has the book {hint}")).into())
}

/// The name of this machine. From the file first, for a unit's sandbox hides the kernel's, and the same machine must have
/// the same name in a unit and at the desk.
#[must_use]
pub fn host() -> String {
    let files = ["/etc/hostname", "/proc/sys/kernel/hostname"].map(std::fs::read_to_string);
    let mut names = files.into_iter().flatten().map(|name| name.trim().to_owned());
    names.find(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// The exit code of a run that ended with an error.
#[must_use]
pub fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(not_begun) = error.downcast_ref::<NotBegun>() {
        return match not_begun {
            NotBegun::Locked(_) => Exit::LockHeld,
            NotBegun::SlotsClosed => Exit::Done,
            NotBegun::Date { .. } => Exit::Stopped,
        };
    }
    match error.downcast_ref::<Failure>() {
        Some(Failure::Invariant(_) | Failure::Claim { .. }) => Exit::InvariantBroken,
        Some(Failure::Address | Failure::OldSchema | Failure::NewSchema) => Exit::Configuration,
        Some(_) => Exit::DatabaseUnreachable,
        None => Exit::Failed,
    }
}

impl JobReport {
    /// Something of the job failed.
    fn fail(&mut self, error: &anyhow::Error) {
        self.outcome = Outcome::failed(exit_of(error));
        self.messages.push(format!("failed to {error:#}"));
    }
}

/// The directories a run writes into.
#[must_use]
pub fn directories(settings: &Settings) -> [&PathBuf; 3] {
    [&settings.inbox, &settings.outbox, &settings.archive]
}
