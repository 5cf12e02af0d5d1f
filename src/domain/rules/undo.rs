//! T23: an entry made by mistake is taken back by another entry. The state before returns with its dates, but a last day
//! that was told never moves earlier.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Cause, Custody, Delivery, Posting, ProducerOutcome, RemovalReason},
    casework::Casework,
    event::{Event, EventKind},
    finding::FindingKind,
    hold::{Ending, Hold, ToldByDesk},
    ids::{CardId, EventId, HoldId},
    input::Taken,
    notice::{NoticeKind, Subject},
    person::Person,
    refusal::Refusal,
};

use super::{fact::Report, keep::refusal};

impl Casework<'_> {
    /// The event of this number, or with this id of the desk's.
    #[must_use]
    pub fn event_named(&self, name: &str) -> Option<EventId> {
        let ours = name.parse::<EventId>().ok();
        let named = |event: &&Event| event.reference.as_deref() == Some(name) || Some(event.id) == ours;
        self.case.events.iter().find(named).map(|event| event.id)
    }

    /// Takes back an entry of the desk or a return row. Refused, naming it, where a later fact or a closed batch rests on
    /// it. Undone before: a duplicate.
    pub(super) fn take_back(&mut self, id: EventId, report: Report) -> Result<Taken, Refusal> {
        let Some(event) = self.case.events.iter().find(|event| event.id == id).cloned() else {
            return Err(unknown_event(id));
        };
        if event.undone_on.is_some() {
            return Ok(Taken::Duplicate);
        }
        self.may_be_undone(&event)?;
        let on = report.on;
        let Some(fact) = self.take_up(report) else { return Ok(Taken::Duplicate) };
        self.change("undone", id.0, |event: &mut Event| event.undone_on = Some(on));
        self.unplace_returns(&event, on);
        self.undo_hold(&event, on);
        self.undo_card(&event, on);
        if let Some(hold) = self.case.card(event.card).and_then(|card| card.custody.hold()) {
            self.recount(hold);
        }
        self.undo_address(&event);
        self.undo_findings(&event);
        let (card, undoing) = (event.card, fact.id);
        self.enter(fact);
        self.place_kept_return(card, undoing);
        Ok(Taken::Applied)
    }

    fn may_be_undone(&self, event: &Event) -> Result<(), Refusal> {
        let Some(card) = self.case.card(event.card) else { return Err(unknown_event(event.id)) };
        let refused = |code, reason: String| {
            Err(Refusal { subject: event.id.to_string(), ..refusal(card, "undo", code, reason) })
        };
        if event.what == EventKind::Undone {
            return refused("not-undoable", "it is itself an undo; enter what is true instead".to_owned());
        }
        let rests = |fact: &&Event| {
            fact.moved()
                && fact.place() > event.place()
                && fact.placed_after != Some(event.id)
                && fact.what != EventKind::Undone
        };
        if let Some(later) = self.case.facts(event.card).filter(|_| event.moved()).find(rests) {
            let reason = format!("{} ({}) rests on it; undo that first", later.id, later.what.code());
            return refused("later-entry", reason);
        }
        if event.moved() && matches!(card.custody, Custody::Lost { .. }) && event.what != EventKind::ReportedLost {
            return refused("later-entry", "it was reported lost since; withdraw that first".to_owned());
        }
        let printed = self.case.cards.iter().find(|newer| {
            newer.replaces == Some(event.card) && newer.batch.is_some() && made_because_of(newer.cause, event.what)
        });
        match printed.and_then(|newer| Some((newer.id, newer.batch?))) {
            Some((newer, batch)) => refused("batch-closed", format!("{newer} was ordered in {batch} because of it")),
            None => Ok(()),
        }
    }

    /// Returns that were placed behind the mistake are kept ones again; their holds were none.
    fn unplace_returns(&mut self, event: &Event, on: NaiveDate) {
        let placed: Vec<_> =
            self.case.facts(event.card).filter(|fact| fact.placed_after == Some(event.id)).cloned().collect();
        for fact in placed {
            if let Some(hold) = fact.after.hold() {
                self.hold_was_none(hold, on);
            }
            let custody = event.before.custody.clone();
            self.change("return kept", fact.id.0, |kept: &mut Event| {
                kept.placed_after = None;
                kept.before.custody = custody.clone();
                kept.after = custody;
            });
        }
    }

    /// A hold the mistake opened ends as undone; one that it ended is open again, with the facts it had.
    fn undo_hold(&mut self, event: &Event, on: NaiveDate) {
        let (before, after) = (event.before.custody.but_for_loss().hold(), event.after.hold());
        if let Some(opened) = after.filter(|_| after != before) {
            self.hold_was_none(opened, on);
        }
        let Some(was) = &event.before.hold else { return };
        let told = self.case.facts(event.card).find(|fact| {
            fact.what == EventKind::Told && fact.before.hold.as_ref().is_some_and(|hold| hold.id == was.id)
        });
        let told = told.map(|fact| ToldByDesk { on: fact.on, by: fact.by.clone() });
        self.change("undone", was.id.0, |hold: &mut Hold| {
            if event.moved() {
                hold.outcome = was.outcome;
            }
            match event.what {
                EventKind::Told => hold.told_by_desk = told,
                EventKind::Extended => hold.extended_to = was.extended_to,
                _ if event.moved() && event.after.hold() == Some(was.id) => hold.held_again_on = was.held_again_on,
                _ => {}
            }
        });
        if event.moved() && was.outcome.is_some() {
            self.drop_notices(Subject::Hold(was.id), &NoticeKind::PICK_UP, "undone");
        }
        match event.what {
            EventKind::SentAgain => self.drop_notices(Subject::Hold(was.id), &[NoticeKind::CardSentAgain], "undone"),
            EventKind::Destroyed => self.drop_notices(Subject::Hold(was.id), &[NoticeKind::HoldEnded], "undone"),
            EventKind::Told => self.retell(was.id),
            _ => {}
        }
    }

    fn hold_was_none(&mut self, hold: HoldId, on: NaiveDate) {
        self.end_hold(hold, Ending::Undone, on);
        self.withdraw_pick_up(Subject::Hold(hold));
    }

    fn undo_card(&mut self, event: &Event, on: NaiveDate) {
        if !event.moved() {
            return self.trust_posting(event.card);
        }
        let unanswered = matches!(event.before.custody, Custody::InPrint { .. })
            && self.case.card(event.card).is_some_and(|card| card.answer.is_none());
        let custody = self.custody_again(event);
        let sent = event.what == EventKind::SentAgain;
        let again = custody.clone();
        self.change("undone", event.card.0, |card: &mut Card| {
            card.custody = again;
            if unanswered {
                card.posting = None;
            }
            card.mailings = card.mailings.saturating_sub(u8::from(sent) + u8::from(unanswered));
        });
        if unanswered {
            self.yield_again(event.card, on);
        }
        self.trust_posting(event.card);
        if let Custody::Held { hold } = custody {
            self.hold_again(event.card, hold, on);
        }
    }

    /// The custody that returns: as it was before, seen with what the book has learnt since.
    fn custody_again(&self, event: &Event) -> Custody {
        let before = event.before.custody.clone();
        let Some(card) = self.case.card(event.card) else { return before };
        match (&before, card.posting) {
            (Custody::InPrint { .. }, Some(posting)) if card.answer == Some(ProducerOutcome::Posted) => {
                let to = card.printed.as_ref().map_or(Delivery::Home, |printed| printed.delivery);
                Custody::Posted { on: posting.on, to }
            }
            (Custody::Held { hold }, _) if card.superseded.is_some() => {
                Custody::RemovalDue { hold: *hold, reason: RemovalReason::Superseded, since: self.today() }
            }
            _ => before,
        }
    }

    /// The posting date confirmed by the producer is evidence again when no return that stands contradicts it.
    fn trust_posting(&mut self, id: CardId) {
        let Some(card) = self.case.card(id).filter(|card| card.answer == Some(ProducerOutcome::Posted)) else { return };
        let Some(posting) = card.posting else { return };
        if !posting.evidence && self.case.facts(id).filter(|fact| fact.is_return()).all(|fact| fact.on >= posting.on) {
            self.change("posting trusted", id.0, |card: &mut Card| {
                card.posting = Some(Posting { evidence: true, ..posting });
            });
            self.settle(FindingKind::ReturnedBeforePosting, &id);
        }
    }

    /// The flag returns to what it was, unless something else has changed it since.
    fn undo_address(&mut self, event: &Event) {
        let (was, is) = (event.before.unlabelled_since, self.case.person.unlabelled_since);
        let flagged_by_it = event.is_return() && was.is_none() && is == Some(event.on);
        let cleared_by_it = matches!(event.what, EventKind::Collected | EventKind::SentAgain) && is.is_none();
        if flagged_by_it || cleared_by_it {
            let person = self.case.id();
            self.change("undone", person.0, |person: &mut Person| person.unlabelled_since = was);
        }
    }

    fn undo_findings(&mut self, event: &Event) {
        let left_behind: &[FindingKind] = match event.what {
            EventKind::Returned | EventKind::Arrived => &[FindingKind::DestructionConflict, FindingKind::ReasonUnknown],
            EventKind::Destroyed => &[FindingKind::DestructionConflict],
            EventKind::Missing if event.moved() => &[FindingKind::Missing],
            EventKind::ReportedLost => &[FindingKind::LostWhileHeld],
            _ => &[],
        };
        for kind in left_behind {
            self.settle(*kind, &event.card);
        }
        self.settle_broken(event.card, event.id);
        self.review_destruction(event.card);
        if event.moved() && matches!(event.before.custody, Custody::Missing { .. }) {
            self.find(FindingKind::Missing, &event.card, "not on the shelf where it should be");
        }
    }
}

/// Such a copy is made because of such an entry.
const fn made_because_of(cause: Cause, what: EventKind) -> bool {
    match what {
        EventKind::ReportedLost => cause.stops_at_once(),
        EventKind::Destroyed => matches!(cause, Cause::NoLongerHeld),
        EventKind::Missing => matches!(cause, Cause::OurLoss),
        _ => false,
    }
}

fn unknown_event(id: EventId) -> Refusal {
    Refusal {
        subject: id.to_string(),
        state: "unknown",
        verb: "undo",
        code: "unknown-event",
        reason: "no entry of this number is on file for this person".to_owned(),
    }
}

#[cfg(test)]
mod tests;
