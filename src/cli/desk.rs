//! The one path by which the desk changes a folder: the book's writer first, then the folder as it is now, the rule, and
//! all or nothing of what it did. Desk verbs hold no run lock; they pass between the chunks of a night (page 3).

use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::{Session, output};
use crate::{
    domain::{
        case::Case,
        casework::{Casework, Entry, Source},
        cpr::Cpr,
        finding::Finding,
        ids::{IdFlaw, PersonId},
        input::Locator,
        record::Kind,
    },
    exit::Exit,
    night::run::office,
    settings::Settings,
    store::{Book, Stamp, connection::Failure, select::Due},
};

/// What a desk verb did.
#[derive(Debug)]
pub(super) struct Done<T> {
    /// What the rule gave.
    pub(super) value: T,
    /// Findings it opened: the fact stands, somebody must look at it (exit 3).
    pub(super) opened: Vec<Finding>,
}

impl<T> Done<T> {
    /// Says what was done and which findings it opened, and gives the exit code.
    pub(super) fn tell(&self, what: &str, session: &mut Session<'_>) -> Result<Exit> {
        output::done(what, &self.opened, session)?;
        Ok(if self.opened.is_empty() { Exit::Done } else { Exit::DoneWithFindings })
    }
}

/// Opens one folder for an operator, does casework on it, and writes it back. A refusal changes nothing.
///
/// # Errors
/// The refusal of the rule, nobody at the desk, or a book that cannot be used.
pub(super) async fn on_case<T, E: Into<anyhow::Error>>(
    session: &Session<'_>,
    book: &mut Book,
    person: PersonId,
    why: (&'static str, Option<&str>),
    decide: impl FnOnce(&mut Casework<'_>) -> Result<T, E>,
) -> Result<Done<T>> {
    let desk = Desk::sit(session, why)?;
    book.begin().await?;
    let decided = desk.in_chunk(book, person, decide).await;
    end(book, decided).await
}

/// The same on the office's own folder and then on a person's, which takes what the first gave: both or neither.
///
/// # Errors
/// As [`on_case`].
pub(super) async fn on_office_and_case<A, T, E: Into<anyhow::Error>>(
    session: &Session<'_>,
    book: &mut Book,
    person: PersonId,
    why: (&'static str, Option<&str>),
    first: impl FnOnce(&mut Casework<'_>) -> Result<A, E>,
    then: impl FnOnce(&mut Casework<'_>, A) -> Result<T, E>,
) -> Result<Done<T>> {
    let desk = Desk::sit(session, why)?;
    book.begin().await?;
    let decided = match desk.in_chunk(book, PersonId::OFFICE, first).await {
        Ok(Done { value, mut opened }) => desk.in_chunk(book, person, |work| then(work, value)).await.map(|done| {
            opened.extend(done.opened);
            Done { value: done.value, opened }
        }),
        Err(error) => Err(error),
    };
    end(book, decided).await
}

/// The same on the office's own folder; then, in the world as that left it, every last day on the shelf is counted again:
/// all of it or nothing, so that no night works with half of it. Gives in how many folders one moved, too.
///
/// # Errors
/// As [`on_case`].
pub(super) async fn on_office_and_count_shelf<T, E: Into<anyhow::Error>>(
    session: &Session<'_>,
    book: &mut Book,
    why: (&'static str, Option<&str>),
    first: impl FnOnce(&mut Casework<'_>) -> Result<T, E>,
) -> Result<Done<(T, usize)>> {
    let desk = Desk::sit(session, why)?;
    book.begin().await?;
    let decided = match desk.in_chunk(book, PersonId::OFFICE, first).await {
        Ok(Done { value, mut opened }) => {
            desk.count_shelf(book, &mut opened).await.map(|changed| Done { value: (value, changed), opened })
        }
        Err(error) => Err(error),
    };
    end(book, decided).await
}

async fn end<T>(book: &mut Book, decided: Result<Done<T>>) -> Result<Done<T>> {
    match decided {
        Ok(done) => {
            book.commit().await?;
            Ok(done)
        }
        Err(error) => {
            // The first error says more than one of taking the chunk back, which the database does by itself.
            let _ = book.rollback().await;
            Err(error)
        }
    }
}

/// Folders of the shelf that are open at once.
const SHELF_PAGE: usize = 500;

/// Who changes a folder, when and why.
struct Desk<'s> {
    settings: &'s Settings,
    stamp: Stamp,
    source: Source,
}

impl<'s> Desk<'s> {
    fn sit(session: &Session<'s>, (verb, reason): (&'static str, Option<&str>)) -> Result<Self> {
        let source = Source::Operator { name: session.operator()?.into(), reason: reason.map(Arc::from) };
        let stamp = Stamp { today: session.clock.today(), run: 0, at: session.clock.now(), by: verb };
        Ok(Self { settings: session.settings, stamp, source })
    }

    async fn count_shelf(&self, book: &mut Book, opened: &mut Vec<Finding>) -> Result<usize> {
        let today = self.stamp.today;
        let office = office(book, self.settings, today).await?;
        let (mut changed, mut after) = (0, None);
        loop {
            let page = book.due(Due::Shelf, today, 0, after, SHELF_PAGE).await?;
            let Some(last) = page.last().copied() else { return Ok(changed) };
            after = Some(last);
            let mut done = Vec::new();
            for (person, case) in book.cases(&page).await? {
                let mut work = Casework::new(case, &office, book.ids(), self.source.clone(), self.stamp.by);
                work.recount_shelf();
                let (_, entries) = work.close();
                opened.extend(self::opened(&entries)?);
                done.extend(Some((person, entries)).filter(|(_, entries)| !entries.is_empty()));
            }
            changed += done.len();
            book.write(self.stamp, &done).await?;
        }
    }

    async fn in_chunk<T, E: Into<anyhow::Error>>(
        &self,
        book: &mut Book,
        person: PersonId,
        decide: impl FnOnce(&mut Casework<'_>) -> Result<T, E>,
    ) -> Result<Done<T>> {
        let office = office(book, self.settings, self.stamp.today).await?;
        let case: Case = book.cases(&[person]).await?.remove(&person).ok_or_else(|| Failure::Claim {
            table: "person",
            id: person.0,
            reason: "it is named and not there".to_owned(),
        })?;
        let mut work = Casework::new(case, &office, book.ids(), self.source.clone(), self.stamp.by);
        let value = decide(&mut work).map_err(Into::into)?;
        let (_, entries) = work.close();
        let opened = opened(&entries)?;
        book.write(self.stamp, &[(person, entries)]).await?;
        Ok(Done { value, opened })
    }
}

fn opened(entries: &[Entry]) -> Result<Vec<Finding>> {
    let opened = entries.iter().filter(|entry| entry.kind == Kind::Finding && entry.verb == "finding opened");
    opened.map(|entry| serde_json::from_str(&entry.facts).context("read a finding back")).collect()
}

/// Notes that an operator looks at a folder, and only then gives it (page 4.5): no access row, no look.
///
/// # Errors
/// Nobody at the desk, no such folder, or a book that cannot be written.
pub(super) async fn look(
    session: &Session<'_>,
    book: &mut Book,
    person: PersonId,
    what: &str,
    why: &str,
) -> Result<Case> {
    let who = (session.operator()?, session.clock.now());
    book.note_access(&[person], who, what, why).await?;
    match book.cases(&[person]).await?.remove(&person) {
        Some(case) => Ok(case),
        None => bail!("look at {person}: there is no such case"),
    }
}

/// Why folders are looked at, unless an operator says more.
pub(super) const TO_SERVE: &str = "to serve the citizen";

/// The folder that a CPR number points to, an old one too.
///
/// # Errors
/// When it points to none, or the book cannot be read.
pub(super) async fn person_of(book: &mut Book, cpr: Cpr) -> Result<PersonId> {
    let located = book.locate(&[Locator::Cpr(cpr)], &[]).await?;
    match located.folders(Locator::Cpr(cpr)).first() {
        Some(person) => Ok(*person),
        None => bail!("find the case: nobody on file has that CPR number"),
    }
}

/// Reads a reason, for clap: something must stand there.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let reason = text.trim();
    if reason.is_empty() { Err("give a reason that a colleague understands".to_owned()) } else { Ok(reason.to_owned()) }
}

/// Reads an id as people type it, for clap: `#[arg(value_parser = desk::id::<CardId>)]`.
pub(super) fn id<T: std::str::FromStr<Err = IdFlaw>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|flaw| format!("failed to {flaw}"))
}
