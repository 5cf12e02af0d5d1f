//! `jobs`: when each job runs, and how it ended last.

use anyhow::Result;

use super::{
    Session,
    history::{ended, last_run, local},
    output,
};
use crate::exit::Exit;

/// Arguments of `jobs`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_: Args, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let mut rows = Vec::new();
    for job in crate::jobs::ALL {
        let Some(declared) = session.settings.jobs.iter().find(|declared| declared.name == job.name) else { continue };
        let last = last_run(&mut book, job.name).await?;
        let (run, when, outcome) = match &last {
            Some(run) => (run.id.to_string(), local(run.started_at), ended(run, job.name).word()),
            None => (String::new(), String::new(), "never run"),
        };
        let enabled = if declared.enabled { "yes" } else { "no" };
        rows.push(vec![
            job.name.to_owned(),
            declared.at.format("%H:%M").to_string(),
            declared.days.to_string(),
            enabled.to_owned(),
            run,
            when,
            outcome.to_owned(),
        ]);
    }
    output::rows(&["job", "at", "days", "enabled", "last_run", "started", "outcome"], &rows, session)?;
    Ok(Exit::Done)
}
