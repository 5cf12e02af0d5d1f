//! `shelf`: what lies there, and a stock-take against a scanned list (T15).

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, bail};
use chrono::{Days, NaiveDate};

use super::{Session, desk, output};
use crate::{
    domain::{
        card::{Card, Custody},
        case::Case,
        casework::Casework,
        ids::{CardId, ItemId, PersonId},
        input::{DeskEvent, DeskFact, Locator},
    },
    exit::Exit,
    night::run::office,
    output::lists,
    store::{Book, select::Due},
};

/// Folders read at a time.
const PAGE: usize = 500;

/// Arguments of `shelf`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Only held cards whose last day is over within so many days.
    #[arg(long, value_name = "DAYS")]
    expiring: Option<u64>,
    /// Why the shelf is looked at.
    #[arg(long, value_name = "TEXT", default_value = desk::TO_SERVE, value_parser = desk::reason)]
    reason: String,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Compare the shelf with a list of scanned card ids, one a line: what was not scanned is missing, what was missing
    /// and is scanned is found, what the book has elsewhere is named and stays as it is.
    Count {
        /// The scanned list.
        #[arg(value_name = "FILE")]
        file: std::path::PathBuf,
        /// Count the shelf of one site only.
        #[arg(long)]
        site: Option<String>,
    },
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args.verb {
        None => list(args.expiring, &args.reason, session).await,
        Some(Verb::Count { file, site }) => count(&file, site.as_deref(), session).await,
    }
}

/// The full shelf shows names: the look at everybody on it is noted first.
async fn list(expiring: Option<u64>, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    session.operator()?;
    let mut book = session.book().await?;
    let today = session.clock.today();
    let office = office(&mut book, session.settings, today).await?;
    let until = expiring.map(|days| today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX));
    let (mut seen, mut rows) = (Vec::new(), Vec::new());
    for case in on_shelf(&mut book, today, "").await? {
        let mut case = case;
        if let Some(until) = until {
            case.cards = case.cards.iter().filter(|card| ends_by(&case, card, until)).cloned().collect();
        }
        let lines = lists::desk(&case, &office);
        if !lines.is_empty() {
            seen.push(case.id());
            rows.extend(lines);
        }
    }
    if until.is_none() {
        let items = book.cases(&[PersonId::OFFICE]).await?.remove(&PersonId::OFFICE);
        rows.extend(items.map(|case| lists::desk(&case, &office)).unwrap_or_default());
    }
    let who = (session.operator()?, session.clock.now());
    book.note_access(&seen, who, "shelf", reason).await?;
    rows.sort();
    output::rows(&lists::DESK, &rows, session)?;
    Ok(Exit::Done)
}

fn ends_by(case: &Case, card: &Card, until: NaiveDate) -> bool {
    matches!(card.custody, Custody::Held { hold } if case.hold(hold).is_some_and(|hold| hold.last_day <= until))
}

/// Every folder with a copy on the shelf, and those with one missing from it when `missing` says so.
async fn on_shelf(book: &mut Book, today: NaiveDate, missing: &str) -> Result<Vec<Case>> {
    let (mut persons, mut after) = (BTreeSet::new(), None);
    loop {
        let page = book.due(Due::Shelf, today, 0, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        persons.extend(page);
    }
    if !missing.is_empty() {
        persons.extend(book.cards(Some(missing), None).await?.iter().map(|card| card.person));
    }
    let mut cases = Vec::new();
    for page in persons.into_iter().collect::<Vec<_>>().chunks(PAGE) {
        cases.extend(book.cases(page).await?.into_values());
    }
    Ok(cases)
}

/// What was scanned on the shelf.
#[derive(Debug, Default)]
struct Scanned {
    cards: BTreeSet<CardId>,
    items: BTreeSet<ItemId>,
}

fn scanned(file: &Path) -> Result<Scanned> {
    let text = std::fs::read_to_string(file).context("read the scanned list")?;
    let mut scanned = Scanned::default();
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let id = line.trim();
        if id.is_empty() {
            continue;
        }
        match (id.parse(), id.parse()) {
            (Ok(card), _) => {
                scanned.cards.insert(card);
            }
            (_, Ok(item)) => {
                scanned.items.insert(item);
            }
            (Err(flaw), _) => bail!("read line {} of the scanned list: {flaw}; nothing is changed", n + 1),
        }
    }
    if scanned.cards.is_empty() {
        bail!("count the shelf: the scanned list has no card on it, and everything would be missing");
    }
    Ok(scanned)
}

/// A stock-take: each folder in a transaction of its own, so that a stopped one is simply done again.
async fn count(file: &Path, site: Option<&str>, session: &mut Session<'_>) -> Result<Exit> {
    session.operator()?;
    let scanned = scanned(file)?;
    let mut book = session.book().await?;
    let (mut rows, mut opened) = (Vec::new(), 0);
    for case in on_shelf(&mut book, session.clock.today(), "missing").await? {
        if case.cards.iter().all(|card| counted(&case, card, site, &scanned).is_none()) {
            continue;
        }
        let take = |work: &mut Casework<'_>| stock_take(work, site, &scanned);
        let done = desk::on_case(session, &mut book, case.id(), ("shelf count", None), take).await?;
        rows.extend(done.value);
        opened += done.opened.len();
    }
    rows.extend(elsewhere(&mut book, &scanned).await?);
    rows.sort();
    let unclear = rows.iter().any(|row| row[2].is_empty());
    output::rows(&["id", "was", "is", "remark"], &rows, session)?;
    Ok(if opened > 0 || unclear { Exit::DoneWithFindings } else { Exit::Done })
}

/// What the count says of one copy; none when the book has it right.
fn counted(case: &Case, card: &Card, site: Option<&str>, scanned: &Scanned) -> Option<DeskFact> {
    let hold = card.custody.hold().and_then(|hold| case.hold(hold))?;
    let here = scanned.cards.contains(&card.id);
    match card.custody {
        Custody::Held { .. } | Custody::RemovalDue { .. } if !here && site.is_none_or(|site| hold.site == site) => {
            Some(DeskFact::Missing)
        }
        Custody::Missing { .. } if here => Some(DeskFact::Found),
        _ => None,
    }
}

fn stock_take(work: &mut Casework<'_>, site: Option<&str>, scanned: &Scanned) -> Result<Vec<Vec<String>>> {
    let due: Vec<_> = work
        .case
        .cards
        .iter()
        .filter_map(|card| Some((card.id, card.custody.state(), counted(&work.case, card, site, scanned)?)))
        .collect();
    let (on, by) = (work.today(), operator(work));
    let mut rows = Vec::new();
    for (card, was, what) in due {
        let row = DeskEvent { reference: String::new(), card, on, what, by: by.clone(), note: "stock-take".to_owned() };
        work.desk_event(&row)?;
        let is = work.case.card(card).map(|card| card.custody.state()).unwrap_or_default();
        rows.push(vec![card.to_string(), was.to_owned(), is.to_owned(), String::new()]);
    }
    Ok(rows)
}

fn operator(work: &Casework<'_>) -> String {
    match &work.source {
        crate::domain::casework::Source::Operator { name, .. } => name.to_string(),
        _ => String::new(),
    }
}

/// What was scanned although the book has it elsewhere, or not at all.
async fn elsewhere(book: &mut Book, scanned: &Scanned) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let row = |id: String, was: &str, remark: &str| vec![id, was.to_owned(), String::new(), remark.to_owned()];
    for card in &scanned.cards {
        let located = book.locate(&[Locator::Card(*card)], &[]).await?;
        let persons = located.folders(Locator::Card(*card));
        let cases = book.cases(&persons).await?;
        match cases.values().find_map(|case| case.card(*card)) {
            None => rows.push(row(card.to_string(), "", "no card of this number was issued")),
            Some(card) if !card.custody.on_shelf() => {
                let remark = "is not on the shelf for the book (hint: card found, when it is really here)";
                rows.push(row(card.id.to_string(), card.custody.state(), remark));
            }
            Some(_) => {}
        }
    }
    let open: BTreeSet<_> = book.items(false).await?.iter().map(|item| item.id).collect();
    for item in scanned.items.difference(&open) {
        rows.push(row(item.to_string(), "", "no such item lies unmatched on the shelf"));
    }
    Ok(rows)
}
