//! What the desk reports, and what it asks for. A row of `desk-events` and a verb of the command line are the same
//! thing: facts are recorded and never refused; `send_again`, `lost`, `extend`, `restore` and `undo` can be, when an
//! operator asks for them.

use crate::domain::{
    card::{Card, Cause, Custody},
    casework::Casework,
    event::EventKind,
    ids::{CardId, EventId},
    input::{DeskEvent, DeskFact, Rejection, Taken},
    refusal::Refusal,
};

use super::{
    fact::{Fact, Report},
    keep::{refusal, unknown_card},
    send_again::Sending,
};

impl Casework<'_> {
    /// Records what the desk did with a copy. An operator's entry is the same without a `reference`. The state follows;
    /// a broken rule is a finding (1.1).
    ///
    /// # Errors
    /// When the row names no copy of this folder, or an undo that nothing can follow from.
    pub fn desk_event(&mut self, row: &DeskEvent) -> Result<Taken, Rejection> {
        if self.case.card(row.card).is_none() {
            return Err(Rejection::new("card_id", "unknown-card", "no card of this id was issued"));
        }
        if self.case.events.iter().any(|event| event.reference.as_deref() == Some(row.reference.as_str())) {
            return Ok(Taken::Duplicate);
        }
        let taken = match &row.what {
            DeskFact::Arrived => self.arrived(row),
            DeskFact::Found => self.found(row),
            DeskFact::Collected { collector, identified_by, postbox_labelled } => {
                let report = noted(Report::of(row, EventKind::Collected), "identified by", identified_by);
                self.fact(report, |work, fact| work.collected(fact, *collector, *postbox_labelled))
            }
            DeskFact::SentAgain { co_name, .. } => {
                let report = noted(Report::of(row, EventKind::SentAgain), "c/o", co_name);
                self.fact(report, |work, fact| work.sent_again(fact, sending(row)))
            }
            DeskFact::Destroyed => self.fact(Report::of(row, EventKind::Destroyed), Casework::destroyed),
            DeskFact::Missing => self.fact(Report::of(row, EventKind::Missing), Casework::missed),
            DeskFact::Told => self.fact(Report::of(row, EventKind::Told), Casework::told),
            DeskFact::ReportedLost => {
                self.fact(Report::of(row, EventKind::ReportedLost), |work, fact| work.reported_lost(fact, Cause::Lost))
            }
            DeskFact::Undone { event } => return self.undone(row, event),
        };
        Ok(taken)
    }

    /// T11, asked for by an operator.
    pub fn send_again(&mut self, row: &DeskEvent) -> Result<Taken, Refusal> {
        let card = self.known_card(row.card, "send-again")?;
        match self.not_to_be_sent(row.card, sending(row)) {
            Some((code, reason)) => Err(refusal(card, "send-again", code, reason)),
            None => Ok(self.desk_event(row).unwrap_or(Taken::Duplicate)),
        }
    }

    /// T16, asked for by an operator: only a copy that is with the citizen can be lost.
    pub fn lost(&mut self, row: &DeskEvent) -> Result<Taken, Refusal> {
        let card = self.known_card(row.card, "lost")?;
        match card.custody {
            Custody::Posted { .. } | Custody::Collected { .. } => Ok(self.desk_event(row).unwrap_or(Taken::Duplicate)),
            Custody::Held { .. } | Custody::RemovalDue { .. } | Custody::Missing { .. } => {
                Err(refusal(card, "lost", "on-our-shelf", "it came back to us"))
            }
            _ => Err(refusal(card, "lost", "not-with-citizen", "the citizen has not got it")),
        }
    }

    /// T23, asked for by an operator with a reason.
    pub fn undo(&mut self, event: EventId, by: &str, reason: &str) -> Result<Taken, Refusal> {
        let card = self.case.events.iter().find(|known| known.id == event).map_or(CardId(0), |known| known.card);
        let report = self.by_operator(card, EventKind::Undone, by, reason);
        self.take_back(event, report)
    }

    fn undone(&mut self, row: &DeskEvent, event: &str) -> Result<Taken, Rejection> {
        let unknown = || Rejection::new("note", "unknown-event", "names no entry of this card");
        let id = self.event_named(event).ok_or_else(unknown)?;
        if self.case.events.iter().any(|known| known.id == id && known.card != row.card) {
            return Err(unknown());
        }
        self.take_back(id, Report::of(row, EventKind::Undone))
            .map_err(|refusal| Rejection::new("note", refusal.code, refusal.reason))
    }

    fn fact(&mut self, report: Report, follow: impl FnOnce(&mut Self, &Fact)) -> Taken {
        let Some(fact) = self.take_up(report) else { return Taken::Duplicate };
        follow(self, &fact);
        self.enter(fact);
        Taken::Applied
    }

    fn known_card(&self, id: CardId, verb: &'static str) -> Result<&Card, Refusal> {
        self.case.card(id).ok_or_else(|| unknown_card(id, verb))
    }
}

fn sending(row: &DeskEvent) -> Sending {
    match &row.what {
        DeskFact::SentAgain { co_name, postbox_labelled } => {
            Sending { care_of: !co_name.is_empty(), confirmed: *postbox_labelled }
        }
        _ => Sending { care_of: false, confirmed: false },
    }
}

/// Adds to the note what has a column of its own.
fn noted(mut report: Report, what: &str, said: &str) -> Report {
    if !said.is_empty() {
        let note = [format!("{what} {said}"), report.note];
        report.note = note.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    }
    report
}
