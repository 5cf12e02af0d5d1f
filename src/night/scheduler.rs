//! The scheduler: at every bell it notes that it is alive, reads the book, and starts the run that is due in a task of
//! its own. It holds no book between two bells, so that the desk, a restored copy, a migration and a database that was
//! away for an hour find nobody in their way.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use chrono::{DateTime, Utc};
use tokio::{runtime::Handle, task::JoinHandle};
use tracing::{error, info, warn};

use super::{
    Stop,
    report::Report,
    run::{Order, exit_of, host, run},
    schedule,
};
use crate::{
    clock::Clock,
    exit::Exit,
    settings::Settings,
    store::{connection::Failure, slots::Heartbeat},
};

/// A database that says nothing for so long is unreachable; the bell rings again.
const PATIENCE: Duration = Duration::from_secs(45);

/// What keeps the nights of one office going.
#[derive(Debug)]
pub struct Scheduler {
    settings: Arc<Settings>,
    clock: Clock,
    stop: Stop,
    began_at: DateTime<Utc>,
    running: Option<Running>,
    /// A run panicked, and the book does not know yet.
    panicked: bool,
}

#[derive(Debug)]
struct Running {
    jobs: Vec<&'static str>,
    task: JoinHandle<Result<Report>>,
}

impl Scheduler {
    /// A scheduler that has heard no bell yet.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock, stop: Stop) -> Self {
        Self { settings: Arc::new(settings), clock, stop, began_at: clock.now(), running: None, panicked: false }
    }

    /// The settings of the next run and the next bell; the run at work keeps those it began with.
    pub fn reload(&mut self, settings: Settings) {
        self.settings = Arc::new(settings);
    }

    /// The time is another one: for tests, which do not wait.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// A run is at work.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// A bell: what is due is begun. Returns what the scheduler does, in a line.
    ///
    /// # Errors
    /// When the book cannot be used; the next bell tries again.
    pub async fn bell(&mut self) -> Result<String, Failure> {
        match tokio::time::timeout(PATIENCE, self.look()).await {
            Ok(seen) => seen,
            Err(_) => Err(Failure::Unreachable(format!("it said nothing for {} s", PATIENCE.as_secs()))),
        }
    }

    async fn look(&mut self) -> Result<String, Failure> {
        let now = self.clock.now();
        let mut book = super::open(&self.settings).await?;
        let bell =
            Heartbeat { host: host(), pid: i64::from(std::process::id()), began_at: self.began_at, rung_at: now };
        book.note_bell(&bell).await?;
        if let Some(running) = &self.running {
            return Ok(at_work(&running.jobs));
        }
        if self.panicked {
            book.fail_run_of(&bell.host, bell.pid, now).await?;
            self.panicked = false;
        }
        let slots = book.slots(self.clock.today()).await?;
        let jobs = &self.settings.jobs;
        book.expect_slots(&schedule::unknown(jobs, &slots, now), now).await?;
        let Some(ring) = schedule::ring(jobs, &slots, now) else {
            let next = jobs.iter().filter_map(|job| schedule::next(job, &slots, now)).min();
            return Ok(next.map_or_else(
                || "no job has a slot".to_owned(),
                |next| format!("next at {} ({})", next.format("%Y-%m-%d %H:%M %Z"), next.to_utc().format("%H:%M UTC")),
            ));
        };
        let due = schedule::due(jobs.iter().filter(|job| ring.contains(&job.name)), &slots, now);
        book.try_slots(&due, now).await?;
        Ok(self.begin(ring))
    }

    /// A run in a task of its own with a book of its own: a panic ends the task, not the scheduler. The task has a thread
    /// to itself, for a chunk computes for longer than the bell may wait.
    fn begin(&mut self, jobs: Vec<&'static str>) -> String {
        let (settings, clock, stop) = (Arc::clone(&self.settings), self.clock, self.stop.clone());
        let order =
            Order { jobs: jobs.clone(), scheduled: true, started_by: "scheduler".to_owned(), ..Order::default() };
        let line = at_work(&jobs);
        let runtime = Handle::current();
        let task = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let mut book = super::open(&settings).await?;
                run(&mut book, &settings, clock, &order, stop).await
            })
        });
        self.running = Some(Running { jobs, task });
        line
    }

    /// Waits for the run at work to end and says how; for ever, when there is none.
    pub async fn ended(&mut self) -> Exit {
        let Some(running) = &mut self.running else { return std::future::pending().await };
        let ended = (&mut running.task).await;
        let jobs = self.running.take().map(|running| running.jobs.join(", ")).unwrap_or_default();
        match ended {
            Ok(Ok(report)) => tell(&report),
            Ok(Err(error)) => {
                let exit = exit_of(&error);
                warn!(exit = exit.code(), %jobs, error = format!("{error:#}"), "the run failed to {error:#}");
                exit
            }
            // A failure like another: the next look notes it. What the panic said may name a person.
            Err(_) => {
                error!(jobs, "the run panicked: this is a fault of the program");
                self.panicked = true;
                Exit::Failed
            }
        }
    }
}

fn at_work(jobs: &[&str]) -> String {
    match jobs {
        [job] => format!("running {job}"),
        jobs => format!("running {} jobs of the night", jobs.len()),
    }
}

/// Says how a run ended, and what its jobs have to say.
fn tell(report: &Report) -> Exit {
    for (job, message) in report.jobs.iter().flat_map(|job| job.messages.iter().map(move |text| (&job.job, text))) {
        warn!(job, "{job}: {message}");
    }
    let exit = report.exit();
    let date = report.business_date;
    if report.interrupted {
        info!(business_date = %date, "the night of {date} is interrupted and goes on next time");
    } else {
        info!(business_date = %date, exit = exit.code(), "the night of {date} ended with {}", exit.code());
    }
    exit
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        settings::{NoFiles, Overrides},
        store::runs::Run,
    };

    #[tokio::test]
    async fn a_panic_is_a_failure_that_waits_for_a_person_or_the_next_slot() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name).display().to_string();
        let values = BTreeMap::from([
            ("database".to_owned(), format!("sqlite:{}", path("book.db"))),
            ("head_file".to_owned(), path("heads")),
        ]);
        let flags = Overrides { values, ..Overrides::default() };
        let mut settings = Settings::from_parts(&flags, &BTreeMap::new(), &NoFiles).unwrap();
        for job in &mut settings.jobs {
            job.enabled = job.name == "issue-cards";
        }
        let clock = Clock::Fixed("2026-01-06T03:15:00Z".parse().unwrap());
        let mut book = crate::night::open(&settings).await.unwrap();
        let begun = Run {
            id: 0,
            business_date: clock.today(),
            jobs: "issue-cards".to_owned(),
            whole_night: false,
            started_by: "scheduler".to_owned(),
            host: host(),
            pid: i64::from(std::process::id()),
            invocation: String::new(),
            started_at: clock.now(),
            ended_at: None,
            exit: None,
            report: None,
        };
        let run = book.start_run(&begun).await.unwrap();
        book.claim_slots(run, &[("issue-cards", clock.today())], clock.now()).await.unwrap();

        let mut scheduler = Scheduler::new(settings, clock, Stop::default());
        let task = tokio::task::spawn_blocking(|| panic!("on purpose"));
        scheduler.running = Some(Running { jobs: vec!["issue-cards"], task });
        assert_eq!(scheduler.ended().await, Exit::Failed);
        scheduler.bell().await.unwrap();
        assert!(!scheduler.is_running(), "the scheduler lives on, and does not try again");
        assert_eq!(book.runs("", 1).await.unwrap()[0].exit, Some(1));
        assert!(book.slots(clock.today()).await.unwrap().iter().all(|slot| !slot.is_open()));
    }
}
