//! 1.6: each request has a fee decision with the evidence it rests on, by the rules or by a caseworker.

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

    pub(super) fn decision(&self, request: &Request, evidence: &Evidence) -> Decision {
        let (on, office) = (request.requested_on, self.office);
        if request.kind == RequestKind::Replacement && !self.case.entitled(self.today()) {
            return Decision::Manual { why: Ground::NotEntitled };
        }
        fee::decide(request.cause, evidence, on, &office.tariff, &office.periods)
    }

    /// What the book shows today of the copy a request is about.
    pub(super) fn evidence_of(&self, request: &Request) -> Evidence {
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
    pub(super) fn is_being_corrected(&self, request: &Request, card: &Card) -> bool {
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
    pub(super) fn charge(&mut self, id: RequestId, decision: Decision, evidence: Evidence) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::Cause,
        money::{Ore, Tariff},
        rules::{
            example::{Desk, office_desk},
            example_requests::{FEE, SECOND},
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
}
