//! 1.6: evidence dated up to the payment that arrives later opens a fee decision again.

use chrono::NaiveDate;

use crate::domain::{
    casework::Casework,
    fee,
    finding::FindingKind,
    ground::Ground,
    ids::RequestId,
    request::{Decision, Evidence, RequestKind, RequestState, Whereabouts},
};

impl Casework<'_> {
    /// Looks again at every fee of the folder after something became known of its copies. A decision in the citizen's
    /// favour stands, and so does a caseworker's.
    pub(super) fn evidence_changed(&mut self) {
        let replacements = self.case.requests.iter().filter(|request| request.kind == RequestKind::Replacement);
        let replacements: Vec<_> = replacements.map(|request| request.id).collect();
        for id in replacements {
            self.reconsider(id);
        }
    }

    pub(super) fn reconsider(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let Some(charge) = request.charge.clone() else { return };
        match (&charge.decision, &request.state) {
            (Decision::Free { ground: Ground::MisspeltByUs }, _) => self.reconsider_shared(id),
            (Decision::Free { .. } | Decision::Fee { ground: Ground::ByCaseworker, .. }, _) => {}
            (before, RequestState::Open | RequestState::AwaitingPayment { .. }) => self.reconsider_unpaid(id, before),
            (_, RequestState::Paid { .. } | RequestState::Queued | RequestState::Fulfilled { .. }) => {
                self.reconsider_paid(id, &charge.evidence);
            }
            _ => {}
        }
    }

    /// Nothing is paid: whatever is known now counts, and a valid copy that came back is offered instead.
    fn reconsider_unpaid(&mut self, id: RequestId, before: &Decision) {
        let Some(request) = self.case.request(id) else { return };
        if request.cause.lacks_card() && self.valid_copy_lies_here() {
            return self.refuse(id, Ground::HeldHere);
        }
        let evidence = self.evidence_of(request);
        let decision = self.decision(request, &evidence);
        if differs(before, &decision) {
            self.charge(id, decision, evidence);
        }
    }

    fn reconsider_paid(&mut self, id: RequestId, stored: &Evidence) {
        let Some(request) = self.case.request(id) else { return };
        let evidence = up_to(self.paid_on(id), self.evidence_of(request), stored);
        let (cause, on, office) = (request.cause, request.requested_on, self.office);
        let decision = fee::decide(cause, &evidence, on, &office.tariff, &office.periods);
        match decision {
            Decision::Free { .. } => {
                let detail = "evidence up to the payment says that there was no fee; it is given back";
                self.find(FindingKind::EvidenceChanged, &id, detail);
                self.charge(id, decision, evidence);
            }
            Decision::Manual { why } if why != Ground::TariffMissing => {
                let detail = "evidence up to the payment no longer carries the fee; a caseworker decides";
                self.find(FindingKind::EvidenceChanged, &id, detail);
            }
            Decision::Manual { .. } | Decision::Fee { .. } => self.settle(FindingKind::EvidenceChanged, &id),
        }
    }

    /// It was free because a correction made the card anyway: that holds as long as the correction does.
    fn reconsider_shared(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let original = request.card.and_then(|card| self.case.card(card));
        let corrected = original.is_some_and(|card| self.is_being_corrected(request, card));
        match request.state {
            _ if corrected || !self.successor_is_unprinted(request) => {
                self.settle(FindingKind::EvidenceChanged, &id);
            }
            RequestState::Open => self.decide_fee(id),
            RequestState::Queued => {
                let detail = "it was free because of a correction that was given up; the decision stands";
                self.find(FindingKind::EvidenceChanged, &id, detail);
            }
            _ => {}
        }
    }
}

/// Another result or ground. What was told stands when only the tariff changed, or went.
fn differs(before: &Decision, after: &Decision) -> bool {
    match (before, after) {
        (Decision::Fee { .. }, Decision::Manual { why: Ground::TariffMissing }) => false,
        (Decision::Fee { ground: before, .. }, Decision::Fee { ground: after, .. }) => before != after,
        _ => before != after,
    }
}

/// What counts after a payment: facts dated up to it. What was taken back was never evidence, whatever the day; and where
/// the copy went since is the new card's doing, unless its name turned out to be ours to correct.
fn up_to(paid_on: Option<NaiveDate>, fresh: Evidence, stored: &Evidence) -> Evidence {
    let dated = |fresh: Option<NaiveDate>, stored: Option<NaiveDate>| match (fresh, paid_on) {
        (Some(on), Some(paid_on)) if on > paid_on => stored,
        _ => fresh,
    };
    Evidence {
        posted_on: dated(fresh.posted_on, stored.posted_on),
        returned_on: dated(fresh.returned_on, stored.returned_on),
        told_on: dated(fresh.told_on, stored.told_on),
        destroyed_on: dated(fresh.destroyed_on, stored.destroyed_on),
        sent_again_on: dated(fresh.sent_again_on, stored.sent_again_on),
        collected_on: dated(fresh.collected_on, stored.collected_on),
        copy: if fresh.copy == Whereabouts::BeingCorrected { fresh.copy } else { stored.copy },
        ..fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::Cause,
        ids::BatchId,
        input::DeskFact,
        rules::{
            example::{CARD, Desk, day},
            example_requests::{FEE, SECOND, misspelt},
        },
    };

    #[test]
    fn a_claim_that_was_manual_is_decided_when_the_posting_becomes_known() {
        let mut desk = Desk::in_print("2025-03-03");
        let id = desk.ask("A1", Cause::NeverArrived, "2025-04-01");
        desk.answer(CARD, BatchId(1), "2025-03-05");
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::NeverArrived });
        assert!(!desk.finds(FindingKind::FeeManual));
        desk.changes_nothing(|desk| desk.work(|work| work.evidence_changed()));
        desk.queue_all();
        assert_eq!(desk.custody(SECOND), "queued");
    }

    #[test]
    fn an_unpaid_request_is_refused_when_the_lost_copy_comes_back() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.come_back("2025-05-05");
        assert_eq!(*desk.state(id), RequestState::Refused { on: day("2025-05-05"), why: Ground::HeldHere });
        assert_eq!(desk.custody(CARD), "held");
    }

    /// A copy that came back, was told of, and was destroyed after its last day.
    fn not_collected() -> Desk {
        let mut desk = Desk::since_posting();
        desk.come_back("2025-04-01");
        desk.report("D1", DeskFact::Told, "2025-04-02");
        desk.today("2025-10-02");
        desk.work(|work| work.remove_if_over());
        desk.report("D2", DeskFact::Destroyed, "2025-10-06");
        desk
    }

    #[test]
    fn evidence_that_falls_after_the_payment_gives_the_fee_back() {
        let mut desk = not_collected();
        let id = desk.ask("A1", Cause::NoLongerHeld, "2025-10-20");
        assert_eq!(*desk.decision(id), Decision::Fee { amount: FEE, ground: Ground::NotCollected });
        desk.pay("B1", "A1", FEE, "2025-10-21");
        desk.queue_all();
        desk.changes_nothing(|desk| desk.work(|work| work.evidence_changed()));
        desk.report("D3", DeskFact::Undone { event: "D1".to_owned() }, "2025-10-22");
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::NeverTold });
        assert_eq!((desk.state(id).code(), desk.refunds()), ("queued", vec![(FEE, "no-fee")]));
        assert!(desk.finds(FindingKind::EvidenceChanged));
    }

    #[test]
    fn what_is_dated_after_the_payment_changes_nothing() {
        let stored = Evidence { posted_on: Some(day("2025-03-03")), ..Evidence::default() };
        let fresh = Evidence { collected_on: Some(day("2025-05-03")), copy: Whereabouts::OnShelf, ..stored };
        assert_eq!(up_to(Some(day("2025-05-02")), fresh, &stored), stored);
        let known = up_to(Some(day("2025-05-03")), fresh, &stored);
        assert_eq!(known, Evidence { collected_on: Some(day("2025-05-03")), ..stored });
    }

    #[test]
    fn a_paid_fee_does_not_depend_on_what_the_tariff_says_later() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.pay("B1", "A1", FEE, "2025-05-02");
        desk.office.tariff = crate::domain::money::Tariff::default();
        desk.changes_nothing(|desk| desk.work(|work| work.evidence_changed()));
        assert_eq!(desk.state(id).code(), "paid");
    }

    #[test]
    fn a_correction_makes_the_lost_misspelt_card_free() {
        let mut desk = Desk::since_posting();
        let lost = desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.pay("B1", "A1", FEE, "2025-05-02");
        let correction = desk.ask_row(&misspelt("A2", "Lundh", "2025-05-02"));
        desk.queue_all();
        assert_eq!(*desk.decision(lost), Decision::Free { ground: Ground::MisspeltByUs });
        assert_eq!(desk.refunds(), [(FEE, "no-fee")]);
        assert_eq!(desk.case.cards.len(), 2, "one card serves both");
        desk.print_and_post(SECOND, 2, "2025-05-09");
        assert_eq!((desk.state(lost).code(), desk.state(correction).code()), ("fulfilled", "fulfilled"));
    }

    #[test]
    fn a_correction_that_is_given_up_leaves_the_fee() {
        let mut desk = Desk::since_posting();
        let lost = desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.ask_row(&misspelt("A2", "Lundh", "2025-05-02"));
        assert_eq!(desk.state(lost).code(), "open");
        desk.withdraw("A2", "2025-05-02");
        assert_eq!(desk.state(lost).code(), "awaiting_payment");
    }
}
