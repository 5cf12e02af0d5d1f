//! `jobs`: when each job runs, by the office's clock and in UTC, and how it ended last.

use anyhow::Result;

use super::{
    Session,
    history::{ended, last_run, local},
    output,
};
use crate::{exit::Exit, night::schedule::next};

/// Arguments of `jobs`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

const HEADER: [&str; 9] = ["job", "at", "days", "enabled", "next", "next_utc", "last_run", "started", "outcome"];

pub(super) async fn run(_: Args, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let (today, now) = (session.clock.today(), session.clock.now());
    let slots = book.slots(today).await?;
    let mut rows = Vec::new();
    for job in crate::jobs::ALL {
        let Some(declared) = session.settings.jobs.iter().find(|declared| declared.name == job.name) else { continue };
        let last = last_run(&mut book, job.name).await?;
        let (run, when, outcome) = match &last {
            Some(run) => (run.id.to_string(), local(run.started_at), ended(run, job.name).word()),
            None => (String::new(), String::new(), "never run"),
        };
        let enabled = if declared.enabled { "yes" } else { "no" };
        let next = next(declared, &slots, now);
        rows.push(vec![
            job.name.to_owned(),
            declared.at.format("%H:%M").to_string(),
            declared.days.to_string(),
            enabled.to_owned(),
            next.map(|slot| local(slot.to_utc())).unwrap_or_default(),
            next.map(|slot| slot.to_utc().format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
            run,
            when,
            outcome.to_owned(),
        ]);
    }
    output::rows(&HEADER, &rows, session)?;
    Ok(Exit::Done)
}
