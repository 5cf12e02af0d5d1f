//! A copy is laid on our shelf and leaves it: each time there is one hold, with its own clock and one outcome (T8).

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Custody, Delivery, Posting, RemovalReason},
    case::Validity,
    casework::Casework,
    dates,
    event::{Event, Received},
    finding::FindingKind,
    hold::{Ending, Hold, Outcome, ReturnReason, Words},
    ids::{CardId, EventId, HoldId},
    notice::{NoticeKind, Subject},
    person::Person,
};

use super::fact::Fact;

/// What a return means, by the day it came and what is on file (T9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// It came before the collection, sending or destruction on file: it completes the evidence.
    Evidence,
    /// The copy is here already; its date is kept.
    Kept,
    /// It was missing here.
    Found,
    /// A new time on the shelf.
    New,
}

impl Casework<'_> {
    /// Where a return of that day belongs.
    pub(super) fn place(&self, card: CardId, on: NaiveDate) -> Placed {
        let Some(card) = self.case.card(card) else { return Placed::Evidence };
        match card.custody.but_for_loss() {
            custody if custody.never_printed() => Placed::Evidence,
            Custody::Held { .. } | Custody::RemovalDue { .. } => Placed::Kept,
            Custody::Missing { on: missed, .. } => {
                if on <= *missed {
                    Placed::Kept
                } else {
                    Placed::Found
                }
            }
            Custody::Collected { on: out, .. } | Custody::Removed { on: out, .. } if on <= *out => Placed::Evidence,
            // The producer's own posting is no sending: a return before it is held, and a finding.
            Custody::Posted { on: sent, .. } if card.mailings > 1 && on <= *sent => Placed::Evidence,
            _ => Placed::New,
        }
    }

    /// The copy lies here now: held for the citizen, or to be destroyed at once when it counts no more (T9).
    pub(super) fn lay_on_shelf(&mut self, id: CardId, on: NaiveDate, received: &Received, words: Words) {
        self.infer_posting(id, on);
        self.revive(id);
        let Some(card) = self.case.card(id) else { return };
        let refused = self.not_to_be_held(card);
        let hold = self.open_hold(id, on, received, words);
        let since = self.today();
        let custody = match refused {
            Some(reason) => Custody::RemovalDue { hold, reason, since },
            None => Custody::Held { hold },
        };
        self.change(custody.state(), id.0, |card: &mut Card| card.custody = custody);
        match refused {
            Some(RemovalReason::Conflict) => {
                self.find(FindingKind::DestructionConflict, &id, "came back although its destruction is on file");
            }
            Some(_) => {}
            None => {
                self.flag_address(id, on, received.reason);
                self.tell_of_holds();
            }
        }
    }

    /// A copy that is not in the book's hands came in: its times on the shelf open here and nowhere else.
    pub(super) fn open_hold(&mut self, card: CardId, on: NaiveDate, received: &Received, words: Words) -> HoldId {
        let hold_until = dates::hold_until(on, &self.office.periods, &self.office.calendar);
        let site = if received.site.is_empty() { self.office.site.clone() } else { received.site.clone() };
        let hold = Hold {
            id: self.ids.hold(),
            person: self.case.id(),
            card,
            returned_on: on,
            recorded_on: self.today(),
            reason: received.reason,
            site,
            slot: received.slot.clone(),
            hold_until,
            last_day: hold_until,
            first_told: None,
            told_last_day: None,
            told_by_desk: None,
            held_again_on: None,
            extended_to: None,
            outcome: None,
            words,
        };
        let id = hold.id;
        self.add("hold opened", hold);
        id
    }

    /// The copy left the shelf: this time on it has its outcome, and nobody is asked to come any more.
    pub(super) fn end_hold(&mut self, hold: HoldId, how: Ending, on: NaiveDate) {
        let Some(card) = self.case.hold(hold).map(|hold| hold.card) else { return };
        self.change("hold ended", hold.0, |hold: &mut Hold| hold.outcome = Some(Outcome { how, on }));
        self.drop_notices(Subject::Hold(hold), &NoticeKind::PICK_UP, "hold-ended");
        for kind in [FindingKind::NeverTold, FindingKind::LostWhileHeld, FindingKind::Missing] {
            self.settle(kind, &card);
        }
    }

    /// The hold that a fact ends. A copy that the book has elsewhere was here all the same: it gets a hold for that day.
    /// None when the fact cannot be true of what is on file; then nothing follows but the finding.
    pub(super) fn hold_to_end(&mut self, fact: &Fact) -> Option<HoldId> {
        let (id, on) = (fact.card(), fact.on());
        match fact.custody() {
            Custody::Held { .. } | Custody::RemovalDue { .. } | Custody::Missing { .. } => {
                let hold = fact.before.hold.as_ref()?;
                if on < hold.returned_on {
                    self.broke(fact, "the copy came to us later than that");
                    return None;
                }
                return Some(hold.id);
            }
            custody if custody.never_printed() || matches!(custody, Custody::Spoiled { .. }) => {
                self.broke(fact, "it was never printed and posted");
                return None;
            }
            Custody::Posted { on: later, .. }
            | Custody::Collected { on: later, .. }
            | Custody::Removed { on: later, .. }
            | Custody::Lost { on: later, .. }
                if on < *later =>
            {
                self.broke(fact, "something later is on file");
                return None;
            }
            Custody::Lost { .. } if !self.revive(id) => {
                self.broke(fact, "it was reported lost and another one is printed");
                return None;
            }
            Custody::Removed { .. } => {
                self.find(FindingKind::DestructionConflict, &id, "seen again although its destruction is on file");
            }
            _ => {}
        }
        let expected = self.case.card(id).is_some_and(expects_arrival);
        if !expected {
            self.broke(fact, "it was not here");
        }
        self.infer_posting(id, on);
        let reason = if expected { ReturnReason::OfficeDelivery } else { ReturnReason::FoundItem };
        let received = Received { reason, site: String::new(), slot: String::new() };
        Some(self.open_hold(id, on, &received, Words::default()))
    }

    /// A return that was kept is no duplicate any more, now that the copy is elsewhere: it opens a new hold (T9).
    pub(super) fn place_kept_return(&mut self, card: CardId, after: EventId) {
        let next = self
            .case
            .facts(card)
            .filter(|fact| fact.is_return() && !fact.moved() && !fact.before.custody.never_printed())
            .filter(|fact| self.place(card, fact.on) == Placed::New)
            .min_by_key(|fact| (fact.on, fact.id))
            .and_then(|fact| Some((fact.id, fact.on, fact.received.clone()?, fact.note.clone())));
        let Some((event, on, received, words)) = next else { return };
        let Some(before) = self.before(card) else { return };
        self.lay_on_shelf(card, on, &received, words);
        let Some(custody) = self.case.card(card).map(|card| card.custody.clone()) else { return };
        self.change("return placed", event.0, |event: &mut Event| {
            event.placed_after = Some(after);
            event.before = before;
            event.after = custody;
        });
    }

    /// A copy that comes in unanswered was posted, nobody knows when: no evidence, and it takes over (T8, T16).
    fn infer_posting(&mut self, id: CardId, on: NaiveDate) {
        let in_print = self.case.card(id).is_some_and(|card| matches!(card.custody, Custody::InPrint { .. }));
        if in_print {
            self.change("posting inferred", id.0, |card: &mut Card| {
                card.posting = Some(Posting { on, evidence: false });
                card.mailings += 1;
            });
            self.take_over(id, on);
        }
    }

    /// A return before the posting date on file shows that this date is no evidence (T9).
    pub(super) fn doubt_posting(&mut self, id: CardId, on: NaiveDate) {
        let Some(posting) = self.case.card(id).and_then(|card| card.posting) else { return };
        if posting.evidence && on < posting.on {
            self.change("posting doubted", id.0, |card: &mut Card| {
                card.posting = Some(Posting { evidence: false, ..posting });
            });
            self.find(FindingKind::ReturnedBeforePosting, &id, "the card came back before the posting date on file");
        }
    }

    /// Why a copy that comes in is to be destroyed at once: it would not count (T9), or must not be handed out (1.5).
    fn not_to_be_held(&self, card: &Card) -> Option<RemovalReason> {
        let wrong_name_in_print =
            matches!(card.custody, Custody::InPrint { .. }) && self.case.carries_wrong_name(card.id);
        match card.custody {
            Custody::Removed { .. } => return Some(RemovalReason::Conflict),
            // It was not revived: another one is printed. A spoiled copy has its own stand-in.
            Custody::Lost { .. } | Custody::Spoiled { .. } => return Some(RemovalReason::Superseded),
            _ if wrong_name_in_print || card.intercept_since.is_some() => return Some(RemovalReason::Intercepted),
            _ => {}
        }
        match self.validity_here(card, self.today()) {
            Validity::NotEntitled if self.has_left() => Some(RemovalReason::Departed),
            Validity::OtherStay | Validity::Superseded => Some(RemovalReason::Superseded),
            Validity::Valid | Validity::Custody | Validity::NotEntitled => None,
        }
    }

    /// Whether the copy would count on a day if it lay on our shelf.
    pub(super) fn validity_here(&self, card: &Card, on: NaiveDate) -> Validity {
        let here = Card { custody: Custody::Held { hold: HoldId(0) }, ..card.clone() };
        self.case.validity(&here, on)
    }

    fn has_left(&self) -> bool {
        self.case.person.stays().last().is_some_and(|stay| stay.departs_on.is_some_and(|left| left <= self.today()))
    }

    /// The copy is held, counts, and carries the right name: the citizen may come for it.
    pub(super) fn may_be_collected(&self, card: &Card) -> bool {
        matches!(card.custody, Custody::Held { .. })
            && self.case.is_valid(card, self.today())
            && !self.case.carries_wrong_name(card.id)
    }

    /// T8: it is the address that is flagged, so only by a copy that went there.
    fn flag_address(&mut self, card: CardId, on: NaiveDate, reason: ReturnReason) {
        let address = &self.case.person.data.register.address;
        let went_there = self.case.card(card).is_some_and(|card| {
            card.mailings > 1 || card.printed.as_ref().is_none_or(|printed| printed.address == *address)
        });
        if reason == ReturnReason::NoNameOnPostbox && went_there && self.case.person.unlabelled_since.is_none() {
            let person = self.case.id();
            self.change("postbox unlabelled", person.0, |person: &mut Person| person.unlabelled_since = Some(on));
        }
    }
}

/// Posted to the office, or ordered so: that it arrives needs no entry of its own (T8b).
pub(super) fn expects_arrival(card: &Card) -> bool {
    match card.custody {
        Custody::Posted { to, .. } => to == Delivery::Office,
        Custody::InPrint { .. } => card.printed.as_ref().is_some_and(|printed| printed.delivery == Delivery::Office),
        _ => false,
    }
}
