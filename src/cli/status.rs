//! `status`: one page. How the last night went, what stands badly, what is open, who is to be called.

use anyhow::Result;
use serde_json::json;

use super::{
    Session,
    history::{Ended, ended, local, report_of},
    output,
    standing::{Trouble, troubles},
};
use crate::{
    domain::{
        case::Case,
        notice::{Notice, NoticeState, Subject},
    },
    exit::Exit,
    store::{Book, overview::Overview, runs::Run},
};

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// People to call that stand on the page; the rest are in the outbox's call list.
const CALLS_SHOWN: i64 = 10;

pub(super) async fn run(_: Args, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let overview = book.overview(session.clock.today()).await?;
    let troubles = troubles(&mut book, &overview, session).await?;
    let last = book.runs("", 1).await?.pop();
    let kinds = book.open_findings().await?;
    let calls = calls(&mut book).await?;
    let open = named(&overview);
    match session.format {
        output::Format::Json => {
            let troubles: Vec<_> = troubles.iter().map(trouble_object).collect();
            let kinds: serde_json::Map<_, _> = kinds.into_iter().map(|(kind, count, _)| (kind, count.into())).collect();
            let calls: Vec<_> = calls
                .iter()
                .map(|[card, since, kind, why]| json!({ "card": card, "since": since, "kind": kind, "why": why }))
                .collect();
            let last = last.map(|run| Run { report: None, ..run });
            let page = json!({ "schema": 1, "last_run": last, "troubles": troubles, "open": overview, "findings": kinds, "calls": calls });
            writeln!(session.out, "{page}")?;
        }
        output::Format::Csv => {
            let rows: Vec<_> = open.iter().map(|(name, count)| vec![(*name).to_owned(), count.to_string()]).collect();
            output::rows(&["open", "count"], &rows, session)?;
        }
        output::Format::Table => page(last.as_ref(), &troubles, &open, &kinds, (&calls, overview.to_call), session)?,
    }
    Ok(Exit::Done)
}

fn page(
    last: Option<&Run>,
    troubles: &[Trouble],
    open: &[(&str, i64)],
    kinds: &[(String, i64, crate::domain::ids::FindingId)],
    (calls, to_call): (&[[String; 4]], i64),
    session: &mut Session<'_>,
) -> Result<()> {
    writeln!(session.out, "{}, {}\n", session.settings.office.name, local(session.clock.now()))?;
    writeln!(session.out, "Last run: {}", last.map_or_else(|| "none yet".to_owned(), told))?;
    if troubles.is_empty() {
        writeln!(session.out, "Nothing stands badly.")?;
    } else {
        writeln!(session.out, "\nStands badly\n")?;
        for trouble in troubles {
            writeln!(session.out, "{}: {}\n  hint: {}", trouble.weight.word(), trouble.what, trouble.hint)?;
        }
    }
    let row = |name: &str, count: i64| vec![name.to_owned(), count.to_string()];
    let rows: Vec<_> = open.iter().filter(|(_, count)| *count > 0).map(|(name, count)| row(name, *count)).collect();
    section("Open", &["what", "count"], &rows, session)?;
    let rows: Vec<_> =
        kinds.iter().map(|(kind, count, oldest)| vec![kind.clone(), count.to_string(), oldest.to_string()]).collect();
    section("Findings", &["kind", "count", "oldest"], &rows, session)?;
    let rows: Vec<_> = calls.iter().map(|call| call.to_vec()).collect();
    section("To be called or met", &["card", "since", "about", "why"], &rows, session)?;
    if to_call > CALLS_SHOWN {
        writeln!(session.out, "\nand {} more on the call list", to_call - CALLS_SHOWN)?;
    }
    Ok(())
}

fn section(title: &str, header: &[&str], rows: &[Vec<String>], session: &mut Session<'_>) -> Result<()> {
    if !rows.is_empty() {
        writeln!(session.out, "\n{title}\n\n{}", output::table(header, rows))?;
    }
    Ok(())
}

/// The last run in one line.
fn told(run: &Run) -> String {
    let what = if run.whole_night { "the whole night" } else { &run.jobs };
    let report = report_of(run).ok().flatten();
    let how = match report {
        None if ended(run, "") == Ended::UnderWay => "under way".to_owned(),
        None => "interrupted".to_owned(),
        Some(report) => {
            let bad: Vec<_> = report.jobs.iter().filter(|job| job.outcome.exit() != Exit::Done).collect();
            let bad: Vec<_> = bad.iter().map(|job| format!("{} {}", job.job, job.outcome.word())).collect();
            if bad.is_empty() { "done".to_owned() } else { bad.join(", ") }
        }
    };
    format!(
        "{} for {}, {what}, started {} by {}: {how}",
        run.id,
        run.business_date,
        local(run.started_at),
        run.started_by
    )
}

pub(super) fn trouble_object(trouble: &Trouble) -> serde_json::Value {
    json!({ "weight": trouble.weight.word(), "what": trouble.what, "hint": trouble.hint })
}

fn named(open: &Overview) -> [(&'static str, i64); 12] {
    [
        ("findings", open.findings),
        ("rejects", open.rejects),
        ("rows that wait for their day", open.rows_waiting),
        ("cards in print", open.cards_in_print),
        ("cards on the shelf", open.cards_on_shelf),
        ("of them with a last day within 30 days", open.holds_ending),
        ("unmatched items", open.items),
        ("requests to be decided or queued", open.requests_open),
        ("requests to be paid", open.requests_unpaid),
        ("refunds to be ordered", open.refunds_due),
        ("people to be called", open.to_call),
        ("files to be written", open.files_unwritten),
    ]
}

/// The head of the call list by card: card or request, since when, about what, why. Nothing in it is personal.
async fn calls(book: &mut Book) -> Result<Vec<[String; 4]>> {
    let notices = book.to_call(CALLS_SHOWN).await?;
    let persons: Vec<_> = notices.iter().map(|notice| notice.person).collect();
    let cases = book.cases(&persons).await?;
    Ok(notices.iter().filter_map(|notice| call(notice, cases.get(&notice.person)?)).collect())
}

fn call(notice: &Notice, case: &Case) -> Option<[String; 4]> {
    let NoticeState::ToCall { since, why, .. } = &notice.state else { return None };
    let subject = match notice.subject {
        Subject::Hold(hold) => case.hold(hold)?.card.to_string(),
        Subject::Request(request) => request.to_string(),
        Subject::Card(card) => card.to_string(),
    };
    Some([subject, since.to_string(), notice.kind.code().to_owned(), why.clone()])
}
