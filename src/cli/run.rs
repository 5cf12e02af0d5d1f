//! `run`: the jobs named, or the whole night.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::{Session, operator, output, progress};
use crate::{
    exit::Exit,
    jobs,
    night::{
        Stop,
        report::Report,
        run::{NotBegun, Order, run as run_jobs},
    },
};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Change nothing: as `plan`.
    #[arg(long)]
    dry_run: bool,
    /// Lift the limits of this run to N.
    #[arg(long, value_name = "N", requires = "reason")]
    accept: Option<u64>,
    /// Allow a date before the last finished night.
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait so many seconds for another run to end.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    lock_wait: u64,
}

/// Which jobs, for which date.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// Jobs by name; none: every enabled one.
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Business date [default: today in the office].
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
}

impl Which {
    /// The order of a run, or which name is no job.
    pub(super) fn order(&self, session: &Session<'_>) -> Result<Order> {
        let mut names = Vec::new();
        for name in &self.jobs {
            names.push(job_named(name)?);
        }
        let started_by = match operator::unit() {
            Some(unit) => unit,
            None => session.operator.clone().unwrap_or_else(|_| "nobody known".to_owned()),
        };
        Ok(Order { jobs: names, date: self.date, started_by, progress: progress::of_run(), ..Order::default() })
    }
}

/// The name of a job as it was typed, or an error that says the nearest one.
pub(super) fn job_named(name: &str) -> Result<&'static str> {
    if let Some(job) = jobs::named(name) {
        return Ok(job.name);
    }
    let nearest = super::nearest(name, jobs::ALL.into_iter().map(|job| job.name));
    bail!("find the job {name:?} (hint: did you mean {nearest}? `sundhedskort jobs` lists them)")
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let order = Order {
        dry: args.dry_run,
        accept: args.accept,
        force: args.force,
        reason: args.reason.clone(),
        ..args.which.order(session)?
    };
    let until = Instant::now().checked_add(Duration::from_secs(args.lock_wait));
    stop_between_chunks(session.stop.clone())?;
    let mut book = session.book().await?;
    loop {
        match run_jobs(&mut book, session.settings, session.clock, &order, session.stop.clone()).await {
            Err(error)
                if is_locked(&error) && !session.stop.asked() && until.is_some_and(|until| Instant::now() < until) =>
            {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            other => return show(&other?, session),
        }
    }
}

/// SIGTERM and SIGINT let the chunk in hand commit and end the run after it; the second one ends it at once, as a kill
/// would.
fn stop_between_chunks(stop: Stop) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("hear SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("hear SIGINT")?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stop.asked() {
                std::process::exit(Exit::Failed.code().into());
            }
            info!("stopping after the chunk in hand");
            stop.ask();
        }
    });
    Ok(())
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<NotBegun>(), Some(NotBegun::Locked(_)))
}

pub(super) fn show(report: &Report, session: &mut Session<'_>) -> Result<Exit> {
    output::report(report, session)?;
    Ok(report.exit())
}
