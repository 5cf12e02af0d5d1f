//! `verify`: the ledger, every row against it, and the invariants of page 1.8.

use anyhow::Result;
use serde_json::json;

use super::{Session, desk, output};
use crate::{exit::Exit, store::verify::Verified};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The book was restored: accept the ledger as it ends now, although more was noted outside the book.
    #[arg(long, requires = "reason")]
    accept_restore: bool,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT", value_parser = desk::reason, requires = "accept_restore")]
    reason: Option<String>,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    if let Some(reason) = &args.reason {
        let head = book.accept_restore(session.operator()?, reason).await?;
        tracing::warn!(seq = head.seq, "the restored ledger is accepted as it ends at {}", head.seq);
    }
    let verified = book.verify(session.clock.today()).await?;
    show(&verified, session)?;
    Ok(if verified.is_clean() { Exit::Done } else { Exit::InvariantBroken })
}

fn show(verified: &Verified, session: &mut Session<'_>) -> Result<()> {
    let broken = verified.breaches.len() as u64 + verified.more;
    let rows: Vec<Vec<String>> = verified
        .breaches
        .iter()
        .map(|breach| vec![breach.subject.clone(), breach.reason.clone(), format!("1.8.{}", breach.rule)])
        .collect();
    let header = ["subject", "broken", "rule"];
    match session.format {
        output::Format::Csv => return output::rows(&header, &rows, session),
        output::Format::Json => {
            for row in rows {
                writeln!(session.out, "{}", json!({ header[0]: row[0], header[1]: row[1], header[2]: row[2] }))?;
            }
            let proven: Vec<_> =
                verified.proven.iter().map(|(what, count)| json!({ "what": what, "count": count })).collect();
            writeln!(session.out, "{}", json!({ "schema": 1, "proven": proven, "broken": broken }))?;
            return Ok(());
        }
        output::Format::Table => {}
    }
    let proven: Vec<Vec<String>> =
        verified.proven.iter().map(|(what, count)| vec![(*what).to_owned(), count.to_string()]).collect();
    writeln!(session.out, "{}", output::table(&["proven", "count"], &proven))?;
    if broken == 0 {
        writeln!(session.out, "\nEverything holds.")?;
    } else {
        writeln!(session.out, "\nBroken: {broken}\n")?;
        for breach in &verified.breaches {
            writeln!(session.out, "{breach}")?;
        }
        if verified.more > 0 {
            writeln!(session.out, "and {} more", verified.more)?;
        }
    }
    Ok(())
}
