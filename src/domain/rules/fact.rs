//! A reported fact on its way into the folder (1.1): it is never refused. The state follows it, and what rule it broke
//! is a finding; it is entered with what was before, so that it can be undone.

use chrono::NaiveDate;

use crate::domain::{
    card::Custody,
    casework::Casework,
    event::{Before, Event, EventKind, Received},
    finding::FindingKind,
    hold::Words,
    ids::{CardId, EventId},
    input::DeskEvent,
};

/// What somebody reports of one copy.
pub(super) struct Report {
    pub(super) card: CardId,
    pub(super) what: EventKind,
    pub(super) on: NaiveDate,
    /// The member of staff, or who collected; empty for a return row.
    pub(super) by: String,
    /// Free text.
    pub(super) note: String,
    /// The neighbour's id; empty: it has none.
    pub(super) reference: String,
    /// Of a copy that came in.
    pub(super) received: Option<Received>,
}

impl Report {
    /// A row of the desk, or what an operator enters in its form.
    pub(super) fn of(row: &DeskEvent, what: EventKind) -> Self {
        Self {
            card: row.card,
            what,
            on: row.on,
            by: row.by.clone(),
            note: row.note.clone(),
            reference: row.reference.clone(),
            received: None,
        }
    }
}

/// A report with its number and what it found.
pub(super) struct Fact {
    pub(super) id: EventId,
    pub(super) report: Report,
    pub(super) before: Before,
}

impl Fact {
    pub(super) const fn card(&self) -> CardId {
        self.report.card
    }

    pub(super) const fn on(&self) -> NaiveDate {
        self.report.on
    }

    /// Where the copy was.
    pub(super) const fn custody(&self) -> &Custody {
        &self.before.custody
    }
}

impl Casework<'_> {
    /// Takes a report up; none when the copy is not in this folder, or when it is known already: by its id, or because
    /// the last thing that moved the copy was the same on the same day.
    pub(super) fn take_up(&mut self, report: Report) -> Option<Fact> {
        let before = self.before(report.card)?;
        let known = |event: &Event| event.reference.as_ref().is_some_and(|known| *known == report.reference);
        let decided =
            matches!(report.what, EventKind::Told | EventKind::Extended | EventKind::Restored | EventKind::Undone);
        let repeats = !decided
            && self
                .case
                .facts(report.card)
                .filter(|fact| fact.moved())
                .max_by_key(|fact| fact.place())
                .is_some_and(|last| last.what == report.what && last.on == report.on && last.after == before.custody);
        if repeats || self.case.events.iter().any(known) {
            return None;
        }
        Some(Fact { id: self.ids.event(), report, before })
    }

    /// What an undo would bring back.
    pub(super) fn before(&self, card: CardId) -> Option<Before> {
        let custody = self.case.card(card)?.custody.clone();
        let hold = custody.hold().and_then(|hold| self.case.hold(hold)).cloned();
        Some(Before { custody, hold, unlabelled_since: self.case.person.unlabelled_since })
    }

    /// Enters the fact, now that the state has followed it.
    pub(super) fn enter(&mut self, fact: Fact) {
        let Fact { id, report, before } = fact;
        let Some(after) = self.case.card(report.card).map(|card| card.custody.clone()) else { return };
        let event = Event {
            id,
            reference: Some(report.reference).filter(|reference| !reference.is_empty()),
            person: self.case.id(),
            card: report.card,
            what: report.what,
            on: report.on,
            by: report.by,
            undone_on: None,
            received: report.received,
            placed_after: None,
            before,
            after,
            note: Words(report.note),
        };
        self.add("reported", event);
        self.evidence_changed();
    }

    /// The fact stands, and so does the rule: a person must look at it.
    pub(super) fn broke(&mut self, fact: &Fact, rule: &str) {
        let detail = format!("{}: {}, but {rule}", fact.id, fact.report.what.code());
        self.find(FindingKind::RuleBroken, &fact.card(), detail);
    }

    /// The finding that an undone fact left behind is looked at with it.
    pub(super) fn settle_broken(&mut self, card: CardId, event: EventId) {
        let (subject, prefix) = (card.to_string(), format!("{event}:"));
        let open = self.case.findings.iter().any(|finding| {
            finding.kind == FindingKind::RuleBroken
                && finding.closed.is_none()
                && finding.subject == subject
                && finding.detail.starts_with(&prefix)
        });
        if open {
            self.settle(FindingKind::RuleBroken, &card);
        }
    }
}
