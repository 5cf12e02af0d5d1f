//! `check`: whether something stands badly, as an exit code, or as a line for a monitor.

use anyhow::Result;

use super::{
    Session, output,
    standing::{Trouble, Weight, troubles},
};
use crate::{exit::Exit, store::overview::Overview};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One line with performance data and the exit codes of a Nagios plugin: 0 well, 1 warning, 2 critical, 3 unknown.
    #[arg(long)]
    nagios: bool,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let checked = check(session).await;
    if args.nagios {
        let (exit, line) = nagios(checked);
        writeln!(session.out, "{line}")?;
        return Ok(exit);
    }
    let (_, troubles) = checked?;
    if session.format == output::Format::Table && troubles.is_empty() {
        writeln!(session.out, "nothing stands badly")?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = troubles
        .iter()
        .map(|trouble| vec![trouble.weight.word().to_owned(), trouble.what.clone(), trouble.hint.clone()])
        .collect();
    output::rows(&["weight", "what", "hint"], &rows, session)?;
    Ok(if troubles.is_empty() { Exit::Done } else { Exit::Failed })
}

async fn check(session: &Session<'_>) -> Result<(Overview, Vec<Trouble>)> {
    let mut book = session.book().await?;
    let overview = book.overview(session.clock.today()).await?;
    let troubles = troubles(&mut book, &overview, session).await?;
    Ok((overview, troubles))
}

/// The line and code of a plugin. Its 2 and 3 are the monitor's words, not those of page 4.1.
fn nagios(checked: Result<(Overview, Vec<Trouble>)>) -> (Exit, String) {
    let (overview, troubles) = match checked {
        Ok(checked) => checked,
        Err(error) => {
            return (
                Exit::DoneWithFindings,
                format!("SUNDHEDSKORT UNKNOWN - {}", line(&format!("failed to {error:#}"))),
            );
        }
    };
    let (exit, word) = match troubles.iter().map(|trouble| trouble.weight).max() {
        None => (Exit::Done, "OK"),
        Some(Weight::Warning) => (Exit::Failed, "WARNING"),
        Some(Weight::Critical) => (Exit::Usage, "CRITICAL"),
    };
    let whats: Vec<_> = troubles.iter().map(|trouble| trouble.what.as_str()).collect();
    let what = if whats.is_empty() { "nothing stands badly".to_owned() } else { whats.join("; ") };
    let data = format!(
        "findings={} rejects={} to_call={} in_print={} on_shelf={}",
        overview.findings, overview.rejects, overview.to_call, overview.cards_in_print, overview.cards_on_shelf
    );
    (exit, format!("SUNDHEDSKORT {word} - {} | {data}", line(&what)))
}

/// One line without the sign that separates the performance data.
fn line(text: &str) -> String {
    text.replace(['|', '\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(weight: Weight, what: &str) -> Trouble {
        Trouble { weight, what: what.to_owned(), hint: String::new() }
    }

    #[test]
    fn a_monitor_reads_the_worst_and_one_line() {
        let well = nagios(Ok((Overview::default(), Vec::new())));
        assert_eq!(
            (well.0.code(), well.1.starts_with("SUNDHEDSKORT OK - nothing stands badly | findings=0 ")),
            (0, true)
        );
        let warned = vec![trouble(Weight::Warning, "a|b")];
        assert_eq!(nagios(Ok((Overview::default(), warned.clone()))).0.code(), 1);
        let worst = [vec![trouble(Weight::Critical, "c\nd")], warned].concat();
        let (exit, text) = nagios(Ok((Overview::default(), worst)));
        assert_eq!((exit.code(), text.split('|').count(), text.lines().count()), (2, 2, 1));
        assert_eq!(nagios(Err(anyhow::anyhow!("reach the database"))).0.code(), 3);
    }
}
