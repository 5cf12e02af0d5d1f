//! T16: which copy counts when there are two; what a report of loss stops, and what revives it.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Cause, Custody, RemovalReason, Superseded},
    casework::Casework,
    finding::FindingKind,
    ids::{CardId, RequestId},
    notice::{NoticeKind, NoticeState, Subject},
    request::{Request, RequestState},
};

impl Casework<'_> {
    /// The newer copy was posted, or came in without an answer: its request is fulfilled and the copy it replaces stops.
    /// A held one is to be destroyed, and whoever was asked to fetch it is told not to come.
    pub(super) fn take_over(&mut self, newer: CardId, on: NaiveDate) {
        let Some(replaces) = self.case.card(newer).map(|card| card.replaces) else { return };
        for request in self.fulfilled_by(newer) {
            self.change("fulfilled", request.0, |request: &mut Request| request.state = RequestState::Fulfilled { on });
        }
        let Some(old) = replaces.and_then(|old| self.case.card(old)) else { return };
        if old.superseded.is_some() {
            return;
        }
        let (id, custody) = (old.id, old.custody.clone());
        let since = self.today();
        self.change("superseded", id.0, |card: &mut Card| {
            card.superseded = Some(Superseded { by: newer, on });
            if let Some(hold) = custody.hold().filter(|_| custody.on_shelf()) {
                card.custody = Custody::RemovalDue { hold, reason: RemovalReason::Superseded, since };
            }
        });
        if let Custody::Held { hold } = custody {
            self.withdraw_pick_up(Subject::Hold(hold));
        }
    }

    /// The copy did not come in after all: what it took over from counts again, and its request waits again (T23).
    pub(super) fn yield_again(&mut self, newer: CardId, on: NaiveDate) {
        let waiting: Vec<_> = self
            .case
            .requests
            .iter()
            .filter(|request| {
                request.successor == Some(newer) && matches!(request.state, RequestState::Fulfilled { .. })
            })
            .map(|request| request.id)
            .collect();
        for request in waiting {
            self.change("waits again", request.0, |request: &mut Request| request.state = RequestState::Queued);
        }
        let stopped = |card: &&Card| card.superseded.is_some_and(|superseded| superseded.by == newer);
        let Some(old) = self.case.cards.iter().find(stopped) else { return };
        let (id, custody) = (old.id, old.custody.clone());
        self.change("valid again", id.0, |card: &mut Card| card.superseded = None);
        if let Custody::RemovalDue { hold, reason: RemovalReason::Superseded, .. } = custody {
            self.hold_again(id, hold, on);
        }
    }

    /// The open requests that wait for this copy: a correction may share it with a replacement.
    pub(super) fn fulfilled_by(&self, card: CardId) -> Vec<RequestId> {
        let waits = |request: &&Request| request.successor == Some(card) && request.state.is_open();
        self.case.requests.iter().filter(waits).map(|request| request.id).collect()
    }

    /// The copy may no longer be fetched: pending notices are dropped; who was already asked to come is told not to.
    pub(super) fn withdraw_pick_up(&mut self, subject: Subject) {
        self.drop_notices(subject, &NoticeKind::PICK_UP, "pick-up-withdrawn");
        let asked = |notice: &crate::domain::notice::Notice| {
            notice.subject == subject
                && notice.kind.tells_of_hold()
                && matches!(notice.state, NoticeState::Exported { .. })
        };
        let told = match subject {
            Subject::Hold(hold) => self.case.hold(hold).is_some_and(|hold| hold.told_by_desk.is_some()),
            Subject::Request(_) | Subject::Card(_) => false,
        };
        if told || self.case.notices.iter().any(asked) {
            self.notify(NoticeKind::PickUpWithdrawn, subject, None);
        }
    }

    /// The citizen no longer has the copy, or never got it: it stops at once. A copy on our shelf cannot be reported
    /// lost: a finding, and nothing changes. Returns whether the copy stopped.
    pub(super) fn stop(&mut self, id: CardId, how: Cause, on: NaiveDate) -> bool {
        let Some(card) = self.case.card(id) else { return false };
        match &card.custody {
            Custody::Posted { .. } | Custody::Collected { .. } => {
                let was = Box::new(card.custody.clone());
                self.change("reported lost", id.0, |card: &mut Card| card.custody = Custody::Lost { on, how, was });
                true
            }
            Custody::Held { .. } | Custody::RemovalDue { .. } | Custody::Missing { .. } => {
                self.find(FindingKind::LostWhileHeld, &id, "reported lost, but it is on our shelf");
                false
            }
            _ => false,
        }
    }

    /// A copy reported lost counts again, unless its successor's batch is closed: then nothing revives it.
    /// Returns whether it was revived.
    pub(super) fn revive(&mut self, id: CardId) -> bool {
        let Some(Card { custody: Custody::Lost { was, .. }, .. }) = self.case.card(id) else { return false };
        if self.case.successor(id).is_some_and(|newer| newer.batch.is_some()) {
            return false;
        }
        let was = (**was).clone();
        self.change("valid again", id.0, |card: &mut Card| card.custody = was);
        true
    }
}
