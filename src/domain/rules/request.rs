//! 1.6, T16: a wish for a new card comes in, and ends by refusal, withdrawal or lapse. What it stopped counts again, what
//! it planned is cancelled, what was paid goes back.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Cause, Custody},
    casework::Casework,
    finding::FindingKind,
    ground::Ground,
    ids::{CardId, RequestId},
    input::{Ask, Rejection, RequestRow, Taken},
    notice::{NoticeKind, Subject},
    refusal::Refusal,
    request::{Request, RequestKind, RequestState, Wish},
};

impl Casework<'_> {
    /// Takes in one row of requests: a wish, or the withdrawal of one. A wish entered at the desk has no reference and
    /// takes our number for it.
    ///
    /// # Errors
    /// When the withdrawn request is not on file, or the named card is not this person's.
    pub fn requested(&mut self, row: &RequestRow) -> Result<Taken, Rejection> {
        let known = self.case.requests.iter().find(|known| known.reference == row.reference).map(|known| known.id);
        match (row.ask, known) {
            (Ask::Card(kind, cause), None) => self.asked_for_card(row, kind, cause),
            (Ask::Card(..), Some(_)) => Ok(Taken::Duplicate),
            (Ask::Withdrawal, Some(id)) => Ok(self.asked_to_withdraw(id, row.requested_on)),
            (Ask::Withdrawal, None) => {
                Err(Rejection::new("request_id", "unknown-request", "no request of this id is on file"))
            }
        }
    }

    fn asked_for_card(&mut self, row: &RequestRow, kind: RequestKind, cause: Cause) -> Result<Taken, Rejection> {
        if row.card.is_some_and(|card| self.case.card(card).is_none()) {
            return Err(Rejection::new("card_id", "card-of-another", "is not a card of this person"));
        }
        let id = self.ids.request();
        let open = self.case.requests.iter().find(|other| other.kind == kind && other.state.is_open());
        let open = open.map(|other| other.id);
        let mut card = self.original(row.card, cause);
        if let (RequestKind::NameCorrection, Some(open), Some(original)) = (kind, open, card)
            && !self.nothing_to_correct(cause, &row.name, original)
        {
            // The newer correction replaces the open one (1.5).
            self.end(open, "replaced", RequestState::Withdrawn { on: self.today() });
            card = self.original(row.card, cause);
        }
        let request = Request {
            id,
            reference: if row.reference.is_empty() { id.to_string() } else { row.reference.clone() },
            person: self.case.id(),
            card,
            kind,
            cause,
            requested_on: row.requested_on,
            state: RequestState::Open,
            charge: None,
            reopened: false,
            successor: None,
            married_on: row.married_on,
            wish: Wish {
                name: row.name.clone(),
                gp_number: row.gp_number.clone(),
                insurance_group: row.insurance_group.clone(),
                note: row.note.clone(),
                replaced: None,
            },
        };
        self.add("requested", request);
        match (card, kind, open) {
            (None, _, _) => self.refuse(id, Ground::NoCard),
            (_, RequestKind::Replacement, Some(_)) => self.refuse(id, Ground::AlreadyRequested),
            (Some(card), RequestKind::Replacement, None) => self.replacement_wished(id, card, cause, row.requested_on),
            (Some(card), RequestKind::NameCorrection, _) => self.correction_wished(id, card),
        }
        Ok(Taken::Applied)
    }

    /// The copy a request is about. An own choice is about what the newest will carry; a correction, and whatever names
    /// no copy, about the newest that was printed, if any was.
    fn original(&self, named: Option<CardId>, cause: Cause) -> Option<CardId> {
        let given_up = |card: &&Card| matches!(card.custody, Custody::Cancelled { .. } | Custody::Spoiled { .. });
        let named = named.and_then(|id| self.case.card(id)).filter(|card| !given_up(card));
        let card = named.or(self.case.newest_card())?;
        let newest = self.case.card(self.case.newest_of(card.id))?;
        Some(match cause {
            Cause::OwnGpChoice | Cause::OwnNameChange => newest.id,
            _ if named.is_some() && !cause.corrects_name() => card.id,
            _ => newest.replaces.filter(|_| newest.custody.unprinted()).unwrap_or(newest.id),
        })
    }

    /// Lost, stolen, never arrived: the old copy stops at once, whatever the fee will be (T16). While a valid copy lies on
    /// our shelf no new one is made: it can be collected or sent again (1.6).
    fn replacement_wished(&mut self, id: RequestId, card: CardId, cause: Cause, on: NaiveDate) {
        if cause.lacks_card() && self.valid_copy_lies_here() {
            return self.refuse(id, Ground::HeldHere);
        }
        self.stop_original(card, cause, on);
        self.decide_fee(id);
    }

    /// The person has a copy to collect.
    pub(super) fn valid_copy_lies_here(&self) -> bool {
        self.case.cards.iter().any(|card| self.lies_here(card.id))
    }

    /// This copy is valid and may be handed out, and lies on our shelf.
    pub(super) fn lies_here(&self, card: CardId) -> bool {
        self.case.card(card).is_some_and(|card| card.custody.on_shelf() && self.case.is_valid(card, self.today()))
            && !self.case.carries_wrong_name(card)
    }

    /// Stops a copy that is out of the house; one that is ours to find is not the citizen's to lose.
    pub(super) fn stop_original(&mut self, card: CardId, cause: Cause, on: NaiveDate) {
        let out = self
            .case
            .card(card)
            .is_some_and(|card| matches!(card.custody, Custody::Posted { .. } | Custody::Collected { .. }));
        if out && cause.stops_at_once() {
            self.stop(card, cause, on);
        }
    }

    fn asked_to_withdraw(&mut self, id: RequestId, on: NaiveDate) -> Taken {
        let over = |request: &Request| {
            matches!(
                request.state,
                RequestState::Withdrawn { .. } | RequestState::Refused { .. } | RequestState::Lapsed { .. }
            )
        };
        if self.case.request(id).is_none_or(over) {
            return Taken::Duplicate;
        }
        if let Err(refusal) = self.withdraw(id, on) {
            self.find(FindingKind::RuleBroken, &id, refusal.reason);
        }
        Taken::Applied
    }

    /// Takes a request back: possible until the batch of its new card is closed.
    ///
    /// # Errors
    /// When the request is over, or its card is printed.
    pub fn withdraw(&mut self, id: RequestId, on: NaiveDate) -> Result<(), Refusal> {
        let request = self.open_request(id, "withdraw")?;
        if !self.successor_is_unprinted(request) {
            let reason = "its new card is printed; it stands".to_owned();
            return Err(refusal(request, "withdraw", "already-printed", reason));
        }
        self.end(id, "withdrawn", RequestState::Withdrawn { on });
        self.evidence_changed();
        Ok(())
    }

    /// The request, unless nothing can be done to it any more.
    pub(super) fn open_request(&self, id: RequestId, verb: &'static str) -> Result<&Request, Refusal> {
        let request = self.case.request(id).ok_or_else(|| Refusal {
            subject: id.to_string(),
            state: "unknown",
            verb,
            code: "unknown-request",
            reason: "no request of this id is in this case".to_owned(),
        })?;
        if request.state.is_open() {
            return Ok(request);
        }
        let reason = format!("the request is {} already", request.state.code());
        Err(refusal(request, verb, "request-over", reason))
    }

    /// Nothing was printed for the request: it can still be taken back whole.
    pub(super) fn successor_is_unprinted(&self, request: &Request) -> bool {
        request.successor.and_then(|card| self.case.card(card)).is_none_or(|card| card.custody.unprinted())
    }

    /// A fee that was not paid in time: the request lapses in the first night after its last day (1.6).
    pub fn lapse_if_unpaid(&mut self) {
        let today = self.today();
        let overdue: Vec<_> = self
            .case
            .requests
            .iter()
            .filter_map(|request| match request.state {
                RequestState::AwaitingPayment { lapse_on, .. } if lapse_on < today => Some((request.id, lapse_on)),
                _ => None,
            })
            .collect();
        for (id, lapse_on) in overdue {
            self.end(id, "lapsed", RequestState::Lapsed { on: today, lapse_on });
        }
    }

    /// Not granted; the citizen is told why.
    pub(super) fn refuse(&mut self, id: RequestId, why: Ground) {
        self.end(id, "refused", RequestState::Refused { on: self.today(), why });
        self.notify(NoticeKind::FeeDecision, Subject::Request(id), None);
    }

    /// Ends a request for which nothing was printed: everything it set in motion goes back.
    pub(super) fn end(&mut self, id: RequestId, verb: &'static str, state: RequestState) {
        let Some(request) = self.case.request(id) else { return };
        let (card, cause) = (request.card, request.cause);
        self.take_back_wish(id);
        self.cancel_successor(id);
        self.change(verb, id.0, |request: &mut Request| request.state = state);
        let notices = [NoticeKind::FeeDecision, NoticeKind::PaymentMissing, NoticeKind::CorrectedCardUnderWay];
        self.drop_notices(Subject::Request(id), &notices, verb);
        for kind in [FindingKind::FeeManual, FindingKind::TariffMissing, FindingKind::EvidenceChanged] {
            self.settle(kind, &id);
        }
        if let Some(card) = card {
            if cause.corrects_name() {
                self.name_stands(card);
            }
            if cause.stops_at_once() && self.revive(card) {
                self.notify(NoticeKind::CardValidAgain, Subject::Card(card), Some(self.today()));
            }
        }
        self.settle_account(id);
    }
}

/// Why the desk may not do something to a request.
pub(super) fn refusal(request: &Request, verb: &'static str, code: &'static str, reason: String) -> Refusal {
    Refusal { subject: request.id.to_string(), state: request.state.code(), verb, code, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::BatchId,
        input::DeskFact,
        request::Decision,
        rules::{
            example::{CARD, Desk, day},
            example_requests::{FEE, SECOND, misspelt, wish},
        },
    };

    #[test]
    fn a_lost_card_stops_at_once_and_its_fee_is_told() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        assert_eq!(desk.custody(CARD), "lost");
        assert_eq!(*desk.decision(id), Decision::Fee { amount: FEE, ground: Ground::Lost });
        let lapse_on = day("2025-06-30");
        assert_eq!(*desk.state(id), RequestState::AwaitingPayment { since: day("2025-05-01"), lapse_on });
        assert_eq!(desk.notices(NoticeKind::FeeDecision)[0].told_date, Some(lapse_on));
        desk.queue_all();
        assert_eq!(desk.case.cards.len(), 1, "nothing is made before it is paid");
    }

    #[test]
    fn the_same_request_again_is_a_duplicate() {
        let mut desk = Desk::since_posting();
        desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.changes_nothing(|desk| {
            let again = desk.work(|work| work.requested(&wish("A1", Cause::Lost, "2025-05-01")));
            assert_eq!(again, Ok(Taken::Duplicate));
        });
    }

    #[test]
    fn one_replacement_is_open_at_a_time() {
        let mut desk = Desk::since_posting();
        desk.ask("A1", Cause::Damaged, "2025-05-01");
        let second = desk.ask("A2", Cause::Damaged, "2025-05-02");
        let why = Ground::AlreadyRequested;
        assert_eq!(*desk.state(second), RequestState::Refused { on: day("2025-05-02"), why });
        desk.withdraw("A1", "2025-05-03");
        let third = desk.ask("A3", Cause::Damaged, "2025-05-03");
        assert_eq!(desk.state(third).code(), "awaiting_payment");
    }

    #[test]
    fn while_a_valid_copy_lies_here_it_is_offered_instead() {
        for cause in [Cause::Lost, Cause::Stolen, Cause::NeverArrived, Cause::NoLongerHeld] {
            let mut desk = Desk::since_posting();
            desk.come_back("2025-04-01");
            desk.report("D1", DeskFact::Told, "2025-04-02");
            let held = desk.ask("A1", cause, "2025-05-01");
            assert_eq!(*desk.state(held), RequestState::Refused { on: day("2025-05-01"), why: Ground::HeldHere });
            assert_eq!(desk.notices(NoticeKind::FeeDecision).len(), 1);
            desk.today("2025-10-02");
            desk.work(|work| work.remove_if_over());
            assert_eq!(desk.custody(CARD), "removal_due");
            let expired = desk.ask("A2", cause, "2025-10-02");
            assert_eq!(desk.state(expired).code(), "refused", "it can still be collected");
            desk.report("D2", DeskFact::Destroyed, "2025-10-02");
            let gone = desk.ask("A3", cause, "2025-10-03");
            assert_eq!(*desk.decision(gone), Decision::Fee { amount: FEE, ground: Ground::NotCollected });
        }
        let mut desk = Desk::since_posting();
        desk.come_back("2025-04-01");
        let choice = desk.ask("A1", Cause::OwnGpChoice, "2025-05-01");
        assert_eq!(desk.state(choice).code(), "awaiting_payment", "another wish has its own row");
    }

    #[test]
    fn a_card_that_is_lost_while_its_correction_waits_stops_at_once() {
        let mut desk = Desk::since_posting();
        desk.ask_row(&misspelt("A1", "Lundh", "2025-04-01"));
        desk.queue_all();
        let id = desk.ask("A2", Cause::Lost, "2025-04-01");
        desk.queue_all();
        assert_eq!((desk.custody(CARD), desk.request(id).successor), ("lost", Some(SECOND)));
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::MisspeltByUs });
    }

    #[test]
    fn what_was_lost_on_our_shelf_is_replaced_free() {
        let mut desk = Desk::since_posting();
        desk.come_back("2025-04-01");
        desk.report("D1", DeskFact::Missing, "2025-04-10");
        let id = desk.ask("A1", Cause::NoLongerHeld, "2025-04-11");
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::OurLoss });
        desk.queue_all();
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("missing", "queued"));
    }

    #[test]
    fn a_new_name_by_marriage_is_printed_free_before_the_register_reports_it() {
        let mut desk = Desk::since_posting();
        let row = RequestRow {
            married_on: Some(day("2025-04-26")),
            ..RequestRow {
                ask: wish("A1", Cause::OwnNameChange, "2025-05-01").ask,
                ..misspelt("A1", "Holm", "2025-05-01")
            }
        };
        let id = desk.ask_row(&row);
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::Marriage });
        desk.queue_all();
        desk.print_and_post(SECOND, 2, "2025-05-05");
        assert_eq!(desk.case.card(SECOND).unwrap().printed.as_ref().unwrap().name.surname, "Holm");
    }

    #[test]
    fn what_is_still_in_print_is_not_replaced() {
        let mut desk = Desk::in_print("2025-03-03");
        let id = desk.ask("A1", Cause::NeverArrived, "2025-04-01");
        assert_eq!(*desk.decision(id), Decision::Manual { why: Ground::StillInPrint });
        assert!(desk.finds(FindingKind::FeeManual));
        desk.queue_all();
        assert_eq!(desk.case.cards.len(), 1);
        assert_eq!(desk.custody(CARD), "in_print");
    }

    #[test]
    fn a_withdrawn_request_lets_the_old_copy_count_again_and_cancels_the_new_one() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::NeverArrived, "2025-04-01");
        desk.queue_all();
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("lost", "queued"));
        assert_eq!(desk.withdraw("A1", "2025-04-02"), Taken::Applied);
        assert_eq!(*desk.state(id), RequestState::Withdrawn { on: day("2025-04-02") });
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("posted", "cancelled"));
        assert_eq!(desk.notices(NoticeKind::CardValidAgain).len(), 1);
        desk.changes_nothing(|desk| assert_eq!(desk.withdraw("A1", "2025-04-02"), Taken::Duplicate));
    }

    #[test]
    fn a_request_is_not_withdrawn_once_its_card_is_printed() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::NeverArrived, "2025-04-01");
        desk.queue_all();
        desk.work(|work| work.print_queued_cards(BatchId(2)));
        let refused = desk.work(|work| work.withdraw(id, day("2025-04-03"))).unwrap_err();
        assert_eq!((refused.code, refused.state), ("already-printed", "queued"));
        assert_eq!(desk.withdraw("A1", "2025-04-03"), Taken::Applied);
        assert!(desk.finds(FindingKind::RuleBroken));
        assert_eq!((desk.state(id).code(), desk.custody(CARD)), ("queued", "lost"));
    }

    #[test]
    fn an_unpaid_request_lapses_the_night_after_its_last_day() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Stolen, "2025-05-01");
        desk.today("2025-06-30");
        desk.changes_nothing(|desk| desk.work(|work| work.lapse_if_unpaid()));
        desk.today("2025-07-01");
        desk.work(|work| work.lapse_if_unpaid());
        let lapsed = RequestState::Lapsed { on: day("2025-07-01"), lapse_on: day("2025-06-30") };
        assert_eq!((desk.state(id), desk.custody(CARD)), (&lapsed, "posted"));
        desk.changes_nothing(|desk| desk.work(|work| work.lapse_if_unpaid()));
    }

    #[test]
    fn a_withdrawal_of_nothing_and_a_card_of_another_are_rejected() {
        let mut desk = Desk::since_posting();
        let nothing = RequestRow { ask: Ask::Withdrawal, ..wish("A9", Cause::Lost, "2025-05-01") };
        assert_eq!(desk.work(|work| work.requested(&nothing)).unwrap_err().code, "unknown-request");
        let other = RequestRow { card: Some(CardId(77)), ..misspelt("A1", "Lundh", "2025-05-01") };
        assert_eq!(desk.work(|work| work.requested(&other)).unwrap_err().code, "card-of-another");
        assert!(desk.case.requests.is_empty());
    }
}
