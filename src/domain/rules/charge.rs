//! 1.6: each request has a fee decision with the evidence it rests on; evidence that arrives later opens it again.

use chrono::{Datelike, NaiveDate};

use crate::domain::{
    card::Card,
    casework::Casework,
    dates, fee,
    finding::FindingKind,
    ground::Ground,
    ids::RequestId,
    notice::{NoticeKind, Subject},
    refusal::Refusal,
    request::{Charge, Decision, Evidence, Request, RequestKind, RequestState, Whereabouts},
    rules::request::refusal,
};

/// From this month on the tariff of the next year is asked for.
const DECEMBER: u32 = 12;

/// What a caseworker decides on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByHand {
    /// No fee.
    Free,
    /// The tariff of the order date.
    Fee,
    /// No new card.
    Refuse,
}

impl Casework<'_> {
    /// Decides the fee by the rules, and sets the request on its way.
    pub(super) fn decide_fee(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let evidence = self.evidence_of(request);
        let decision = self.decision(request, &evidence);
        self.charge(id, decision, evidence);
    }

    fn decision(&self, request: &Request, evidence: &Evidence) -> Decision {
        let (on, office) = (request.requested_on, self.office);
        if request.kind == RequestKind::Replacement && !self.case.entitled(self.today()) {
            return Decision::Manual { why: Ground::NotEntitled };
        }
        fee::decide(request.cause, evidence, on, &office.tariff, &office.periods)
    }

    /// What the book shows today of the copy a request is about.
    fn evidence_of(&self, request: &Request) -> Evidence {
        let Some(card) = request.card.and_then(|card| self.case.card(card)) else { return Evidence::default() };
        let mut evidence = self.case.evidence(card.id, self.today(), &self.office.periods);
        evidence.married_on = request.married_on;
        if self.is_being_corrected(request, card) {
            evidence.copy = Whereabouts::BeingCorrected;
        } else if self.case.successor(card.id).is_some_and(|newer| request.successor != Some(newer.id)) {
            evidence.copy = Whereabouts::Followed;
        }
        evidence
    }

    /// The person gets a free copy with the right name anyway: one card serves both wishes, and a free cause wins.
    fn is_being_corrected(&self, request: &Request, card: &Card) -> bool {
        card.printed.is_some()
            && self.case.requests.iter().any(|other| {
                other.id != request.id
                    && other.kind == RequestKind::NameCorrection
                    && matches!(other.state, RequestState::Open | RequestState::Queued)
                    && other.card == Some(card.id)
                    && self.successor_is_unprinted(other)
            })
    }

    /// Stores a decision and follows it. Who has paid stays where the request is; the money is settled either way.
    fn charge(&mut self, id: RequestId, decision: Decision, evidence: Evidence) {
        let Some(request) = self.case.request(id) else { return };
        let (today, kind, year) = (self.today(), request.kind, request.requested_on.year());
        let lapse_on = dates::payable_until(today, &self.office.periods);
        let (state, told_date) = match decision {
            Decision::Free { .. } | Decision::Manual { .. } => (RequestState::Open, None),
            Decision::Fee { .. } => (RequestState::AwaitingPayment { since: today, lapse_on }, Some(lapse_on)),
        };
        let why = if let Decision::Manual { why } = decision { Some(why) } else { None };
        self.change("fee decided", id.0, |request: &mut Request| {
            request.charge = Some(Charge { decided_on: today, decision, evidence });
            if matches!(request.state, RequestState::Open | RequestState::AwaitingPayment { .. }) {
                request.state = state;
            }
        });
        if why != Some(Ground::TariffMissing) {
            self.settle(FindingKind::TariffMissing, &id);
        }
        if why.is_none_or(|why| why == Ground::TariffMissing) {
            self.settle(FindingKind::FeeManual, &id);
        }
        match why {
            Some(Ground::TariffMissing) => {
                self.find(FindingKind::TariffMissing, &id, format!("the tariff of {year} is not configured"));
            }
            Some(why) => self.find(FindingKind::FeeManual, &id, format!("a caseworker decides: {}", why.code())),
            None if kind == RequestKind::Replacement => {
                self.notify(NoticeKind::FeeDecision, Subject::Request(id), told_date);
            }
            None => {}
        }
        self.settle_account(id);
    }

    /// Looks again at every fee of the folder after something became known of its copies. A decision in the citizen's
    /// favour stands, and so does a caseworker's.
    pub fn evidence_changed(&mut self) {
        let requests: Vec<_> = self.case.requests.iter().map(|request| request.id).collect();
        for id in requests {
            self.reconsider(id);
        }
    }

    pub(super) fn reconsider(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let Some(Charge { decision: before, evidence: stored, .. }) = request.charge.clone() else { return };
        if request.kind != RequestKind::Replacement {
            return;
        }
        match before {
            Decision::Free { ground: Ground::MisspeltByUs } => return self.reconsider_shared(id),
            Decision::Free { .. } | Decision::Fee { ground: Ground::ByCaseworker, .. } => return,
            Decision::Fee { .. } | Decision::Manual { .. } => {}
        }
        match request.state {
            RequestState::Open | RequestState::AwaitingPayment { .. } => {
                if request.cause.lacks_card() && self.valid_copy_lies_here() {
                    return self.refuse(id, Ground::HeldHere);
                }
                let evidence = self.evidence_of(request);
                let decision = self.decision(request, &evidence);
                if differs(&before, &decision) {
                    self.charge(id, decision, evidence);
                }
            }
            RequestState::Paid { .. } | RequestState::Queued | RequestState::Fulfilled { .. } => {
                let evidence = up_to(self.paid_on(id), self.evidence_of(request), &stored);
                let decision = self.decision(request, &evidence);
                match decision {
                    Decision::Free { .. } => {
                        let detail = "evidence up to the payment says that there was no fee; it is given back";
                        self.find(FindingKind::EvidenceChanged, &id, detail);
                        self.charge(id, decision, evidence);
                    }
                    Decision::Manual { .. } => {
                        let detail = "evidence up to the payment no longer carries the fee; a caseworker decides";
                        self.find(FindingKind::EvidenceChanged, &id, detail);
                    }
                    Decision::Fee { .. } => self.settle(FindingKind::EvidenceChanged, &id),
                }
            }
            RequestState::Refused { .. } | RequestState::Withdrawn { .. } | RequestState::Lapsed { .. } => {}
        }
    }

    /// It was free because a correction made the card anyway: that holds as long as the correction does.
    fn reconsider_shared(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let corrected = request
            .card
            .and_then(|card| self.case.card(card))
            .is_some_and(|card| self.is_being_corrected(request, card));
        if corrected || !self.successor_is_unprinted(request) {
            return self.settle(FindingKind::EvidenceChanged, &id);
        }
        match request.state {
            RequestState::Open => self.decide_fee(id),
            RequestState::Queued => {
                let detail = "it was free because of a correction that was given up; the decision stands";
                self.find(FindingKind::EvidenceChanged, &id, detail);
            }
            _ => {}
        }
    }

    /// A caseworker decides a request that is not queued yet. The reason is the ledger's.
    ///
    /// # Errors
    /// When the request is over, paid or queued, or the tariff of its year is not configured.
    pub fn decide_by_hand(&mut self, id: RequestId, verdict: ByHand) -> Result<(), Refusal> {
        let request = self.open_request(id, "decide")?;
        if matches!(request.state, RequestState::Paid { .. } | RequestState::Queued) {
            let reason = "it is paid or queued; a fee can be waived".to_owned();
            return Err(refusal(request, "decide", "already-decided", reason));
        }
        if request.kind == RequestKind::NameCorrection && verdict == ByHand::Fee {
            return Err(refusal(request, "decide", "always-free", "a name correction is free".to_owned()));
        }
        let (evidence, ground) = (self.evidence_of(request), Ground::ByCaseworker);
        match verdict {
            ByHand::Refuse => self.refuse(id, ground),
            ByHand::Free => self.charge(id, Decision::Free { ground }, evidence),
            ByHand::Fee => {
                let Some(amount) = self.office.tariff.on(request.requested_on) else {
                    let reason = format!("the tariff of {} is not configured", request.requested_on.year());
                    return Err(refusal(request, "decide", "tariff-missing", reason));
                };
                self.charge(id, Decision::Fee { amount, ground }, evidence);
            }
        }
        self.settle(FindingKind::EvidenceChanged, &id);
        Ok(())
    }

    /// Gives a fee up, paid or not, printed or not: what was paid goes back.
    ///
    /// # Errors
    /// When no fee is charged, or the request has ended otherwise.
    pub fn waive(&mut self, id: RequestId) -> Result<(), Refusal> {
        let request = match self.open_request(id, "waive") {
            Err(refusal) => match self.case.request(id) {
                Some(request) if matches!(request.state, RequestState::Fulfilled { .. }) => request,
                _ => return Err(refusal),
            },
            Ok(request) => request,
        };
        let Some(Charge { decision: Decision::Fee { .. }, evidence, .. }) = request.charge else {
            return Err(refusal(request, "waive", "no-fee", "no fee is charged".to_owned()));
        };
        self.charge(id, Decision::Free { ground: Ground::Waived }, evidence);
        self.settle(FindingKind::EvidenceChanged, &id);
        Ok(())
    }

    /// In the office's own folder: from 1 December the next year's tariff is asked for, until it is configured (1.6).
    pub fn warn_of_missing_tariff(&mut self) {
        let (today, tariff) = (self.today(), &self.office.tariff);
        for year in [today.year(), today.year() + 1] {
            let configured = NaiveDate::from_yo_opt(year, 1).is_some_and(|first| tariff.on(first).is_some());
            if configured {
                self.settle(FindingKind::TariffMissing, &year);
            } else if year > today.year() && today.month() == DECEMBER {
                self.find(FindingKind::TariffMissing, &year, format!("the tariff of {year} is not configured"));
            }
        }
    }
}

/// Another result or ground; another amount is no other decision: what was told stands.
fn differs(before: &Decision, after: &Decision) -> bool {
    match (before, after) {
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
        last_day: fresh.last_day,
        married_on: fresh.married_on,
        departure_cancelled: fresh.departure_cancelled,
        copy: if fresh.copy == Whereabouts::BeingCorrected { fresh.copy } else { stored.copy },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::{Cause, Custody, RemovalReason},
        event::{Before, Event, EventKind},
        hold::{Ending, Hold, Outcome, ToldByDesk, Words},
        ids::BatchId,
        money::{Ore, Tariff},
        rules::{
            example::{CARD, Desk, day, office_desk},
            example_requests::{FEE, SECOND, misspelt},
        },
    };

    #[test]
    fn a_year_without_a_tariff_waits_for_a_caseworker_or_for_the_tariff() {
        let mut desk = Desk::since_posting();
        desk.office.tariff = Tariff::default();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        assert_eq!(*desk.decision(id), Decision::Manual { why: Ground::TariffMissing });
        assert!(desk.finds(FindingKind::TariffMissing));
        let refused = desk.work(|work| work.decide_by_hand(id, ByHand::Fee)).unwrap_err();
        assert_eq!(refused.code, "tariff-missing");
        desk.office.tariff = Tariff::from_iter([(2025, FEE)]);
        desk.today("2025-05-06");
        desk.queue_all();
        assert_eq!(*desk.decision(id), Decision::Fee { amount: FEE, ground: Ground::Lost });
        assert_eq!(desk.request(id).state.code(), "awaiting_payment");
        assert!(!desk.finds(FindingKind::TariffMissing));
    }

    #[test]
    fn the_next_years_tariff_is_asked_for_from_december_until_it_is_configured() {
        let mut desk = office_desk("2025-11-30");
        desk.work(|work| work.warn_of_missing_tariff());
        assert!(!desk.finds(FindingKind::TariffMissing));
        desk.today("2025-12-01");
        desk.work(|work| work.warn_of_missing_tariff());
        assert_eq!(desk.case.findings[0].subject, "2026");
        desk.today("2026-01-02");
        desk.changes_nothing(|desk| desk.work(|work| work.warn_of_missing_tariff()));
        desk.office.tariff = Tariff::from_iter([(2026, FEE)]);
        desk.work(|work| work.warn_of_missing_tariff());
        assert!(!desk.finds(FindingKind::TariffMissing));
    }

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
        desk.shelve(CARD, "2025-05-05");
        desk.work(|work| work.evidence_changed());
        assert_eq!(desk.state(id).code(), "refused");
        assert_eq!(desk.custody(CARD), "held");
    }

    /// A copy that came back on 1 April 2025 and was destroyed on 6 October, the full chain on file; told by its notice.
    fn not_collected() -> Desk {
        let mut desk = Desk::since_posting();
        desk.shelve(CARD, "2025-04-01");
        desk.work(|work| {
            let hold = work.case.holds[0].id;
            work.change("example", hold.0, |hold: &mut Hold| {
                hold.last_day = day("2025-10-01");
                hold.told_by_desk = Some(ToldByDesk { on: day("2025-04-02"), by: "anna".to_owned() });
                hold.outcome = Some(Outcome { how: Ending::Removed, on: day("2025-10-06") });
            });
            let due = Custody::RemovalDue { hold, reason: RemovalReason::Expired, since: day("2025-10-02") };
            let gone = Custody::Removed { on: day("2025-10-06"), hold, by: "anna".to_owned() };
            for (what, on, before, after) in [
                (EventKind::Returned, "2025-04-01", due.clone(), due.clone()),
                (EventKind::Destroyed, "2025-10-06", due.clone(), gone.clone()),
            ] {
                let event = Event {
                    id: work.ids.event(),
                    reference: None,
                    person: work.case.id(),
                    card: CARD,
                    what,
                    on: day(on),
                    by: String::new(),
                    undone_on: None,
                    received: None,
                    placed_after: None,
                    before: Before { custody: before, hold: None, unlabelled_since: None },
                    after,
                    note: Words::default(),
                };
                work.add("example", event);
            }
            work.change("example", CARD.0, |card: &mut Card| card.custody = gone);
        });
        desk
    }

    #[test]
    fn evidence_that_falls_after_the_payment_was_made_gives_the_fee_back() {
        let mut desk = not_collected();
        let id = desk.ask("A1", Cause::NoLongerHeld, "2025-10-20");
        assert_eq!(*desk.decision(id), Decision::Fee { amount: FEE, ground: Ground::NotCollected });
        desk.pay("B1", "A1", FEE, "2025-10-21");
        desk.queue_all();
        desk.changes_nothing(|desk| desk.work(|work| work.evidence_changed()));
        desk.work(|work| {
            let hold = work.case.holds[0].id;
            work.change("example", hold.0, |hold: &mut Hold| hold.told_by_desk = None);
            work.evidence_changed();
        });
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
    fn a_fee_is_waived_whether_paid_or_not() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.pay("B1", "A1", Ore(10_000), "2025-05-02");
        assert_eq!(desk.work(|work| work.waive(id)), Ok(()));
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::Waived });
        assert_eq!(desk.refunds(), [(Ore(10_000), "no-fee")]);
        assert!(!desk.finds(FindingKind::PaymentShort));
        assert_eq!(desk.work(|work| work.waive(id)).unwrap_err().code, "no-fee");
        desk.queue_all();
        assert_eq!(desk.custody(SECOND), "queued");
    }

    #[test]
    fn a_caseworker_decides_what_no_rule_does() {
        let mut desk = Desk::in_print("2025-03-03");
        let id = desk.ask("A1", Cause::Lost, "2025-04-01");
        assert_eq!(desk.work(|work| work.decide_by_hand(id, ByHand::Free)), Ok(()));
        assert!(!desk.finds(FindingKind::FeeManual));
        desk.queue_all();
        assert_eq!(desk.custody(SECOND), "queued");
        let decided = desk.work(|work| work.decide_by_hand(id, ByHand::Refuse)).unwrap_err();
        assert_eq!(decided.code, "already-decided");
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
