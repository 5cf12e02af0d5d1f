//! `findings`: what a person must look at, and the closing of it with a reason.

use anyhow::{Result, bail};

use super::{Session, desk, output};
use crate::{
    domain::{
        casework::Casework,
        finding::{Closed, Finding, FindingKind},
        ids::{FindingId, PersonId},
    },
    exit::Exit,
};

/// Arguments of `findings`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// List open findings, oldest first.
    List {
        /// Those that are closed as well.
        #[arg(long)]
        all: bool,
        /// Those of one kind only, like `feed-late`.
        #[arg(long, value_name = "KIND", value_parser = kind)]
        kind: Option<FindingKind>,
    },
    /// Close a finding that was looked at; the rule opens it again when it meets the same once more.
    Close {
        /// As in the list: F and a number.
        #[arg(value_name = "FINDING", value_parser = desk::id::<FindingId>)]
        finding: FindingId,
        /// What was done about it, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::List { all, kind } => list(all, kind, session).await,
        Args::Close { finding, reason } => close(finding, &reason, session).await,
    }
}

async fn list(all: bool, kind: Option<FindingKind>, session: &mut Session<'_>) -> Result<Exit> {
    let findings = session.book().await?.findings(all, kind).await?;
    let mut header = vec!["finding", "since", "kind", "subject", "case", "detail"];
    if all {
        header.extend(["closed_on", "closed_by"]);
    }
    let rows: Vec<_> = findings.iter().map(|finding| row(finding, all)).collect();
    output::rows(&header, &rows, session)?;
    Ok(Exit::Done)
}

fn row(finding: &Finding, all: bool) -> Vec<String> {
    let case = if finding.person == PersonId::OFFICE { String::new() } else { finding.person.to_string() };
    let mut row = vec![
        finding.id.to_string(),
        finding.opened_on.to_string(),
        finding.kind.code().to_owned(),
        finding.subject.clone(),
        case,
        finding.detail.clone(),
    ];
    if all {
        let closed = finding.closed.as_ref();
        row.push(closed.map(|closed| closed.on.to_string()).unwrap_or_default());
        row.push(closed.map(|closed| closed.by.clone()).unwrap_or_default());
    }
    row
}

async fn close(id: FindingId, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let Some(finding) = book.finding(id).await? else {
        bail!("close {id}: there is no such finding (hint: sundhedskort findings list)");
    };
    if let Some(closed) = &finding.closed {
        bail!("close {id}: {} closed it on {}", closed.by, closed.on);
    }
    let operator = session.operator()?.to_owned();
    let closing = |work: &mut Casework<'_>| -> Result<FindingId> {
        // The night may have closed it a moment ago.
        if !work.case.findings.iter().any(|finding| finding.id == id && finding.closed.is_none()) {
            bail!("close {id}: it has just been closed");
        }
        let closed = Closed { on: work.today(), by: operator };
        work.change("finding closed", id.0, |finding: &mut Finding| finding.closed = Some(closed));
        Ok(id)
    };
    let done = desk::on_case(session, &mut book, finding.person, ("findings close", Some(reason)), closing).await?;
    done.tell(&format!("{} is closed", done.value), session)
}

/// Reads the code of a kind, or names the nearest one.
fn kind(text: &str) -> Result<FindingKind, String> {
    FindingKind::ALL.iter().copied().find(|kind| kind.code() == text).ok_or_else(|| {
        let codes = FindingKind::ALL.iter().map(|kind| kind.code());
        format!("no kind of finding has that name, the nearest is {}", super::nearest(text, codes))
    })
}
