//! T15, T16: a copy is not on the shelf where it should be, is found again, or is reported lost by the citizen.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Cause, Custody, RemovalReason},
    casework::Casework,
    event::{EventKind, Received},
    finding::FindingKind,
    hold::{Ending, Hold, ReturnReason},
    ids::CardId,
    input::{DeskEvent, Taken},
};

use super::fact::{Fact, Report};

impl Casework<'_> {
    /// T15: the copy should be on our shelf and is not.
    pub(super) fn missed(&mut self, fact: &Fact) {
        let (card, on) = (fact.card(), fact.on());
        let (true, Some(hold)) = (fact.custody().on_shelf(), &fact.before.hold) else {
            return self.broke(fact, "it was not on our shelf");
        };
        if on < hold.returned_on {
            return self.broke(fact, "the copy came to us later than that");
        }
        self.end_hold(hold.id, Ending::Missing, on);
        let was = Box::new(fact.custody().clone());
        self.change("missing", card.0, |card: &mut Card| card.custody = Custody::Missing { on, was });
        self.find(FindingKind::Missing, &card, "not on the shelf where it should be");
    }

    /// T15: a missing copy is on the shelf after all; T16: a lost one turned up. Any other that is found here came here
    /// unseen.
    pub(super) fn found(&mut self, row: &DeskEvent) -> Taken {
        let mut report = Report::of(row, EventKind::Found);
        let received = Received { reason: ReturnReason::FoundItem, site: String::new(), slot: String::new() };
        report.received = Some(received);
        let Some(fact) = self.take_up(report) else { return Taken::Duplicate };
        let (card, on) = (fact.card(), fact.on());
        match fact.custody() {
            Custody::Held { .. } | Custody::RemovalDue { .. } => {}
            Custody::Missing { .. } => self.back_on_shelf(card, on),
            Custody::Lost { .. } => {
                if !self.revive(card) {
                    self.broke(&fact, "it stays stopped: another one is printed");
                }
            }
            _ => {
                self.broke(&fact, "it was not missing here");
                return self.comes_in(fact);
            }
        }
        self.enter(fact);
        Taken::Applied
    }

    /// A missing copy is back in its state, held again where it was over its last day; stopped where a newer one took
    /// over meanwhile (T15).
    pub(super) fn back_on_shelf(&mut self, id: CardId, on: NaiveDate) {
        let Some(card) = self.case.card(id) else { return };
        let Custody::Missing { was, .. } = &card.custody else { return };
        let (was, superseded, since) = ((**was).clone(), card.superseded.is_some(), self.today());
        let Some(hold) = was.hold() else { return };
        self.settle(FindingKind::Missing, &id);
        match was {
            Custody::Held { .. } | Custody::RemovalDue { reason: RemovalReason::Expired, .. } if !superseded => {
                self.hold_again(id, hold, on);
            }
            Custody::Held { .. } | Custody::RemovalDue { reason: RemovalReason::Expired, .. } => {
                let custody = Custody::RemovalDue { hold, reason: RemovalReason::Superseded, since };
                self.back(id, custody);
            }
            was => self.back(id, was),
        }
    }

    fn back(&mut self, id: CardId, custody: Custody) {
        if let Some(hold) = custody.hold() {
            self.change("found", hold.0, |hold: &mut Hold| hold.outcome = None);
        }
        self.change("found", id.0, |card: &mut Card| card.custody = custody);
    }

    /// T16: the citizen has not got the copy. One that is on our shelf, came to it later or was sent later
    /// is not lost.
    pub(super) fn reported_lost(&mut self, fact: &Fact, how: Cause) {
        let came_later = fact.before.hold.as_ref().is_some_and(|hold| fact.on() < hold.returned_on);
        let sent_later = matches!(fact.custody(), Custody::Posted { on, .. } if fact.on() < *on);
        if came_later || sent_later || self.stop(fact.card(), how, fact.on()) {
            return;
        }
        if !fact.custody().on_shelf() && !matches!(fact.custody(), Custody::Missing { .. }) {
            self.broke(fact, "it was not with the citizen");
        }
    }
}
