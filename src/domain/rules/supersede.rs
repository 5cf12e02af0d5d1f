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
    /// The newer copy was posted, or came in without an answer: its request is fulfilled and the copy it replaces stops,
    /// and with it those before: one that never left the producer took nothing over. A held one is to be destroyed, and
    /// whoever was asked to fetch it is told not to come.
    pub(super) fn take_over(&mut self, newer: CardId, on: NaiveDate) {
        for request in self.fulfilled_by(newer) {
            self.change("fulfilled", request.0, |request: &mut Request| request.state = RequestState::Fulfilled { on });
        }
        let mut stands = newer;
        // A chain is no longer than there are copies, whatever a book claims.
        for _ in 0..self.case.cards.len() {
            let Some(old) = self.case.card(stands).and_then(|card| card.replaces) else { return };
            self.supersede(old, Superseded { by: newer, on });
            stands = old;
        }
    }

    fn supersede(&mut self, id: CardId, by: Superseded) {
        let Some(card) = self.case.card(id).filter(|card| card.superseded.is_none()) else { return };
        let (custody, today) = (card.custody.clone(), self.today());
        self.change("superseded", id.0, |card: &mut Card| {
            card.superseded = Some(by);
            card.custody = match &custody {
                Custody::Held { hold } => {
                    Custody::RemovalDue { hold: *hold, reason: RemovalReason::Superseded, since: today }
                }
                Custody::RemovalDue { hold, since, .. } => {
                    Custody::RemovalDue { hold: *hold, reason: RemovalReason::Superseded, since: *since }
                }
                custody => custody.clone(),
            };
        });
        if let Custody::Held { hold } = custody {
            self.withdraw_pick_up(Subject::Hold(hold));
        }
    }

    /// The copy did not come in after all: what it took over from counts again, unless a still newer one took over from
    /// both; and its request waits again (T23).
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
        let stopped: Vec<_> =
            self.case.cards.iter().filter(stopped).map(|card| (card.id, card.custody.clone())).collect();
        let newest = self.case.card(newer).and_then(|card| card.superseded);
        for (id, custody) in stopped {
            self.change("valid again", id.0, |card: &mut Card| card.superseded = newest);
            if newest.is_some() {
                continue;
            }
            if let Custody::RemovalDue { hold, reason: RemovalReason::Superseded, .. } = custody {
                self.hold_again(id, hold, on);
            }
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

#[cfg(test)]
mod tests {
    use crate::domain::{
        card::Cause,
        ids::{BatchId, CardId},
        rules::{
            example::{CARD, Desk, day},
            example_requests::{SECOND, misspelt},
        },
    };

    #[test]
    fn a_posted_copy_stops_every_copy_it_stands_for() {
        let mut desk = Desk::held("2025-03-10");
        desk.office.tariff =
            crate::domain::money::Tariff::from_iter([(2025, crate::domain::rules::example_requests::FEE)]);
        let id = desk.ask("A1", Cause::OwnGpChoice, "2025-03-11");
        desk.pay("B1", "A1", crate::domain::rules::example_requests::FEE, "2025-03-11");
        desk.queue_all();
        desk.work(|work| work.print_queued_cards(BatchId(2)));
        assert_eq!(desk.request(id).state.code(), "queued");
        desk.ask_row(&misspelt("C1", "Lind", "2025-03-12"));
        desk.queue_all();
        let third = CardId(SECOND.0 + 1);
        assert_eq!(desk.case.card(third).and_then(|card| card.replaces), Some(SECOND));
        desk.print_and_post(third, 3, "2025-03-13");
        for old in [CARD, SECOND] {
            let superseded = desk.case.card(old).and_then(|card| card.superseded);
            assert_eq!(superseded.map(|by| (by.by, by.on)), Some((third, day("2025-03-13"))), "{old}");
        }
        assert_eq!(desk.removal_reason(CARD), Some("superseded"));
    }

    #[test]
    fn a_copy_due_for_removal_stays_so_since_its_day_when_a_newer_one_takes_over() {
        let mut desk = Desk::held("2025-03-10");
        desk.night("2025-09-11");
        desk.ask_row(&misspelt("C1", "Lind", "2025-09-12"));
        desk.queue_all();
        desk.print_and_post(SECOND, 2, "2025-09-15");
        desk.desk_says(crate::domain::input::DeskFact::Destroyed, "2025-09-12");
        assert!(!desk.finds(crate::domain::finding::FindingKind::DestroyedEarly));
    }
}
