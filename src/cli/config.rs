//! `config`: whether the settings can be used, what they are, and where each comes from. It needs no book.

use anyhow::Result;
use chrono::Datelike;

use super::{Session, output};
use crate::{exit::Exit, night::run::directories};

/// Arguments of `config`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Say whether the settings can be used (exit 78 when not), and what in them may be an oversight.
    Check,
    /// Show every setting. Secrets are never shown.
    Show {
        /// Say where each value comes from: flag, environment, file or default.
        #[arg(long)]
        origin: bool,
    },
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::Check => check(session),
        Args::Show { origin } => show(*origin, session),
    }
}

/// The settings are read and found right before any verb begins; what is left are oversights.
fn check(session: &mut Session<'_>) -> Result<Exit> {
    let mut rows = Vec::new();
    let mut notice = |what: String, hint: &str| rows.push(vec![what, hint.to_owned()]);
    for directory in directories(session.settings).iter().filter(|directory| !directory.is_dir()) {
        let hint = "a run creates what it writes into; nothing comes in where no directory is";
        notice(format!("the directory {} is not there", directory.display()), hint);
    }
    let today = session.clock.today();
    if session.settings.tariff.on(today).is_none() {
        let hint = "put the year's fee under [tariff]; until then each fee of this year waits for a caseworker";
        notice(format!("the tariff has no fee for {}", today.year()), hint);
    }
    for job in session.settings.jobs.iter().filter(|job| !job.enabled) {
        notice(format!("the job {} is off", job.name), "enabled = true in its declaration puts it into the night");
    }
    if session.format == output::Format::Table {
        writeln!(session.out, "the settings can be used")?;
        for row in &rows {
            writeln!(session.out, "note: {}\n  hint: {}", row[0], row[1])?;
        }
        return Ok(Exit::Done);
    }
    output::rows(&["note", "hint"], &rows, session)?;
    Ok(Exit::Done)
}

fn show(origin: bool, session: &mut Session<'_>) -> Result<Exit> {
    let mut rows: Vec<_> = session
        .settings
        .origins()
        .map(|setting| {
            let value = setting.value.clone().unwrap_or_else(|| "(not set)".to_owned());
            let mut row = vec![setting.key.clone(), value];
            row.extend(origin.then(|| setting.origin.to_string()));
            row
        })
        .collect();
    rows.sort();
    let header = ["setting", "value", "origin"];
    output::rows(if origin { &header } else { &header[..2] }, &rows, session)?;
    Ok(Exit::Done)
}
