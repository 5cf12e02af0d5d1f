//! 1.6: money in and money back. Payments to a request add up; what is not owed goes back, by a refund that hangs on a
//! payment.

use chrono::NaiveDate;

use crate::domain::{
    casework::Casework,
    dates,
    finding::FindingKind,
    ids::{PaymentId, RefundId, RequestId},
    input::{PaymentRow, RefundConfirmation, Rejection, Taken},
    money::Ore,
    notice::{NoticeKind, Subject},
    request::{Decision, Payment, Refund, RefundState, Remark, Request, RequestState},
};

impl Casework<'_> {
    /// Records one payment with its request; in the office's own folder one that names no request on file.
    pub fn paid(&mut self, row: &PaymentRow) -> Taken {
        if self.case.payments.iter().any(|known| known.reference == row.reference) {
            return Taken::Duplicate;
        }
        // The night that lets a request lapse may have been missed: late is late all the same.
        self.lapse_if_unpaid();
        let id = self.ids.payment();
        let request = self.case.requests.iter().find(|request| request.reference == row.request);
        let request = request.map(|request| request.id);
        let payment = Payment {
            id,
            reference: row.reference.clone(),
            person: self.case.id(),
            request,
            paid_on: row.paid_on,
            amount: row.amount,
            remark: Remark { request_id: row.request.clone(), payer: row.payer.clone(), reference: row.text.clone() },
        };
        self.add("paid", payment);
        let Some(request) = request else {
            self.find(FindingKind::PaymentUnknown, &id, "paid to a request that is not on file");
            return Taken::Applied;
        };
        self.reopen(request, row.paid_on);
        if let Some((kind, detail)) = self.misplaced(request) {
            self.find(kind, &id, detail);
        }
        self.settle_account(request);
        Taken::Applied
    }

    /// What a person must look at when a payment has come to a request that owes less or nothing.
    fn misplaced(&self, id: RequestId) -> Option<(FindingKind, String)> {
        let request = self.case.request(id)?;
        match request.state {
            RequestState::Withdrawn { .. } | RequestState::Refused { .. } | RequestState::Lapsed { .. } => {
                let state = request.state.code();
                Some((FindingKind::PaymentLate, format!("paid to {id}, which is {state}; it goes back")))
            }
            _ => {
                let (owed, received) = (self.owed(id)?, self.received(id));
                (received > owed).then(|| {
                    (FindingKind::PaymentOver, format!("{received} received for {id}, {owed} due; the rest goes back"))
                })
            }
        }
    }

    /// A lapsed request counts again when the fee was paid in time, whenever that is read, or, once, up to 30 days late.
    fn reopen(&mut self, id: RequestId, paid_on: NaiveDate) {
        let today = self.today();
        let Some(request) = self.case.request(id) else { return };
        let (RequestState::Lapsed { lapse_on, .. }, Some(charge), Some(card)) =
            (&request.state, &request.charge, request.card)
        else {
            return;
        };
        let (since, lapse_on, cause, on) = (charge.decided_on, *lapse_on, request.cause, request.requested_on);
        let Decision::Fee { amount: owed, .. } = charge.decision else { return };
        let late = paid_on > lapse_on;
        let too_late = late && (request.reopened || paid_on > dates::reopens_until(since, &self.office.periods));
        let rival = self.case.requests.iter().any(|other| other.kind == request.kind && other.state.is_open());
        let waiting = self.refunds_due(id);
        let available = waiting.iter().fold(self.received(id), |sum, refund| plus(sum, refund.amount));
        if too_late || rival || available < owed || (cause.lacks_card() && self.valid_copy_lies_here()) {
            return;
        }
        for refund in waiting {
            self.change("refund cancelled", refund.id.0, |refund: &mut Refund| {
                refund.state = RefundState::Cancelled { on: today };
            });
        }
        self.change("reopened", id.0, |request: &mut Request| {
            request.state = RequestState::AwaitingPayment { since, lapse_on };
            request.reopened |= late;
        });
        self.drop_notices(Subject::Card(card), &[NoticeKind::CardValidAgain], "reopened");
        self.stop_original(card, cause, on);
    }

    /// Compares what was received with what is owed: paid in full, still missing, or too much. Changes nothing twice.
    pub(super) fn settle_account(&mut self, id: RequestId) {
        let (Some(owed), Some(request)) = (self.owed(id), self.case.request(id)) else { return };
        let (state, received) = (request.state.clone(), self.received(id));
        if received > owed {
            self.give_back(id, minus(received, owed), refund_reason(&state, owed));
        }
        let RequestState::AwaitingPayment { lapse_on, .. } = state else {
            return self.settle(FindingKind::PaymentShort, &id);
        };
        if received >= owed {
            let on = self.paid_on(id).unwrap_or(self.office.today);
            self.change("paid in full", id.0, |request: &mut Request| request.state = RequestState::Paid { on });
            self.settle(FindingKind::PaymentShort, &id);
            self.drop_notices(Subject::Request(id), &[NoticeKind::PaymentMissing], "paid");
        } else if received > Ore(0) {
            self.find(FindingKind::PaymentShort, &id, format!("{received} of {owed} received"));
            self.notify(NoticeKind::PaymentMissing, Subject::Request(id), Some(lapse_on));
        }
    }

    /// What the request costs; `None` while a caseworker decides.
    fn owed(&self, id: RequestId) -> Option<Ore> {
        let request = self.case.request(id)?;
        if let RequestState::Withdrawn { .. } | RequestState::Refused { .. } | RequestState::Lapsed { .. } =
            request.state
        {
            return Some(Ore(0));
        }
        match request.charge.as_ref()?.decision {
            Decision::Fee { amount, .. } => Some(amount),
            Decision::Free { .. } => Some(Ore(0)),
            Decision::Manual { .. } => None,
        }
    }

    /// What was paid to the request and does not go back.
    #[must_use]
    pub fn received(&self, id: RequestId) -> Ore {
        let payments = self.case.payments.iter().filter(|payment| payment.request == Some(id));
        payments.fold(Ore(0), |sum, payment| plus(sum, self.kept_of(payment)))
    }

    fn kept_of(&self, payment: &Payment) -> Ore {
        let back = self.case.refunds.iter().filter(|refund| refund.payment == payment.id);
        let back = back.filter(|refund| !matches!(refund.state, RefundState::Cancelled { .. }));
        back.fold(payment.amount, |rest, refund| minus(rest, refund.amount))
    }

    /// The day of the latest payment to the request.
    pub(super) fn paid_on(&self, id: RequestId) -> Option<NaiveDate> {
        self.case.payments.iter().filter(|payment| payment.request == Some(id)).map(|payment| payment.paid_on).max()
    }

    fn refunds_due(&self, id: RequestId) -> Vec<Refund> {
        let paid_to = |payment: PaymentId| {
            self.case.payments.iter().any(|known| known.id == payment && known.request == Some(id))
        };
        let due = self.case.refunds.iter().filter(|refund| matches!(refund.state, RefundState::Due { .. }));
        due.filter(|refund| paid_to(refund.payment)).cloned().collect()
    }

    /// The newest payment goes back first.
    fn give_back(&mut self, id: RequestId, surplus: Ore, why: &'static str) {
        let payments = self.case.payments.iter().rev().filter(|payment| payment.request == Some(id));
        let payments: Vec<_> = payments.map(|payment| (payment.id, self.kept_of(payment))).collect();
        let mut rest = surplus;
        for (payment, kept) in payments {
            let amount = kept.min(rest);
            if amount > Ore(0) {
                self.add_refund(payment, amount, why);
                rest = minus(rest, amount);
            }
        }
    }

    fn add_refund(&mut self, payment: PaymentId, amount: Ore, why: &'static str) {
        let refund = Refund {
            id: self.ids.refund(),
            person: self.case.id(),
            payment,
            amount,
            why: why.to_owned(),
            state: RefundState::Due { on: self.today() },
        };
        self.add("refund due", refund);
    }

    /// Orders every refund that is due: those are the lines of the next refunds file.
    pub fn order_refunds(&mut self) -> Vec<RefundId> {
        let on = self.today();
        let due = self.case.refunds.iter().filter(|refund| matches!(refund.state, RefundState::Due { .. }));
        let due: Vec<_> = due.map(|refund| refund.id).collect();
        for id in &due {
            self.change("refund ordered", id.0, |refund: &mut Refund| refund.state = RefundState::Ordered { on });
        }
        due
    }

    /// The cashier has paid a refund back: the citizen is told, and what the payment was a finding for is done.
    ///
    /// # Errors
    /// When the refund is not in this folder.
    pub fn refund_confirmed(&mut self, row: &RefundConfirmation) -> Result<Taken, Rejection> {
        let refund = self.case.refunds.iter().find(|refund| refund.id == row.refund);
        let Some(refund) = refund.cloned() else {
            return Err(Rejection::new("refund_id", "unknown-refund", "no refund of this id was ordered"));
        };
        match refund.state {
            RefundState::Confirmed { .. } => return Ok(Taken::Duplicate),
            RefundState::Ordered { .. } => {}
            RefundState::Due { .. } | RefundState::Cancelled { .. } => {
                self.find(FindingKind::RuleBroken, &refund.id, "confirmed, but it was not ordered");
            }
        }
        let on = row.confirmed_on;
        self.change("refund confirmed", refund.id.0, |refund: &mut Refund| {
            refund.state = RefundState::Confirmed { on };
        });
        for kind in [FindingKind::PaymentOver, FindingKind::PaymentLate, FindingKind::PaymentUnknown] {
            self.settle(kind, &refund.payment);
        }
        let payment = self.case.payments.iter().find(|payment| payment.id == refund.payment);
        if let Some(request) = payment.and_then(|payment| payment.request) {
            self.notify(NoticeKind::Refunded, Subject::Request(request), Some(on));
        }
        Ok(Taken::Applied)
    }
}

/// Why money goes back, as a code of the refunds file.
fn refund_reason(state: &RequestState, owed: Ore) -> &'static str {
    match state {
        RequestState::Withdrawn { .. } => "request-withdrawn",
        RequestState::Refused { .. } => "request-refused",
        RequestState::Lapsed { .. } => "request-lapsed",
        _ if owed == Ore(0) => "no-fee",
        _ => "paid-too-much",
    }
}

/// Amounts beyond what can be counted are no amounts of this office: the sum stays at the end of the scale.
fn plus(sum: Ore, more: Ore) -> Ore {
    sum.checked_add(more).unwrap_or(Ore(i64::MAX))
}

fn minus(sum: Ore, less: Ore) -> Ore {
    sum.checked_sub(less).unwrap_or(Ore(0))
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::domain::{
        card::Cause,
        ids::{BatchId, RefundId},
        rules::{
            example::{CARD, Desk, day, office_desk},
            example_requests::{FEE, SECOND},
        },
    };

    /// Lost on 1 May 2025, so payable until 30 June.
    fn lost() -> (Desk, RequestId) {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        (desk, id)
    }

    fn confirm(desk: &mut Desk, refund: i64, on: &str) -> Result<Taken, Rejection> {
        let row = RefundConfirmation { refund: RefundId(refund), confirmed_on: day(on) };
        desk.work(|work| work.refund_confirmed(&row))
    }

    #[test]
    fn a_paid_replacement_is_queued_that_night() {
        let (mut desk, id) = lost();
        assert_eq!(desk.pay("B1", "A1", FEE, "2025-05-02"), Taken::Applied);
        assert_eq!(*desk.state(id), RequestState::Paid { on: day("2025-05-02") });
        desk.queue_all();
        assert_eq!((desk.state(id).code(), desk.custody(SECOND)), ("queued", "queued"));
        desk.changes_nothing(Desk::queue_all);
        desk.print_and_post(SECOND, 2, "2025-05-09");
        assert_eq!(*desk.state(id), RequestState::Fulfilled { on: day("2025-05-09") });
        assert!(desk.refunds().is_empty());
        desk.changes_nothing(|desk| assert_eq!(desk.pay("B1", "A1", FEE, "2025-05-02"), Taken::Duplicate));
    }

    #[test]
    fn payments_add_up_and_what_is_short_is_told() {
        let (mut desk, id) = lost();
        desk.pay("B1", "A1", Ore(20_000), "2025-05-02");
        assert_eq!(desk.state(id).code(), "awaiting_payment");
        assert!(desk.finds(FindingKind::PaymentShort));
        assert_eq!(desk.notices(NoticeKind::PaymentMissing).len(), 1);
        desk.pay("B2", "A1", Ore(3_000), "2025-05-20");
        assert_eq!(*desk.state(id), RequestState::Paid { on: day("2025-05-20") });
        assert!(!desk.finds(FindingKind::PaymentShort));
        assert!(desk.refunds().is_empty());
    }

    #[test]
    fn what_was_paid_over_or_twice_goes_back() {
        let (mut desk, id) = lost();
        desk.pay("B1", "A1", Ore(25_000), "2025-05-02");
        assert_eq!(desk.refunds(), [(Ore(2_000), "paid-too-much")]);
        desk.pay("B2", "A1", FEE, "2025-05-03");
        assert_eq!(desk.refunds(), [(Ore(2_000), "paid-too-much"), (FEE, "paid-too-much")]);
        assert_eq!((desk.state(id).code(), desk.work(|work| work.received(id))), ("paid", FEE));
        assert!(desk.finds(FindingKind::PaymentOver));
    }

    #[test]
    fn a_refund_is_ordered_once_and_told_when_it_is_confirmed() {
        let (mut desk, _) = lost();
        desk.pay("B1", "A1", Ore(25_000), "2025-05-02");
        assert_eq!(desk.work(|work| work.order_refunds()), [RefundId(1)]);
        desk.changes_nothing(|desk| assert_eq!(desk.work(|work| work.order_refunds()), []));
        assert_eq!(confirm(&mut desk, 1, "2025-05-05"), Ok(Taken::Applied));
        assert_eq!(desk.notices(NoticeKind::Refunded)[0].told_date, Some(day("2025-05-05")));
        assert!(!desk.finds(FindingKind::PaymentOver));
        desk.changes_nothing(|desk| assert_eq!(confirm(desk, 1, "2025-05-05"), Ok(Taken::Duplicate)));
        assert_eq!(confirm(&mut desk, 7, "2025-05-05").unwrap_err().code, "unknown-refund");
    }

    #[test]
    fn a_payment_up_to_the_last_day_is_in_time_whenever_it_is_read() {
        let (mut desk, id) = lost();
        desk.today("2025-07-05");
        desk.work(|work| work.lapse_if_unpaid());
        assert_eq!(desk.custody(CARD), "posted");
        desk.pay("B1", "A1", FEE, "2025-06-30");
        assert_eq!(*desk.state(id), RequestState::Paid { on: day("2025-06-30") });
        assert!(!desk.request(id).reopened);
        assert_eq!(desk.custody(CARD), "lost", "the old copy stops again");
        assert!(desk.refunds().is_empty() && !desk.finds(FindingKind::PaymentLate));
    }

    #[test]
    fn two_parts_paid_in_time_count_even_when_both_are_read_after_the_lapse() {
        let (mut desk, id) = lost();
        desk.today("2025-07-01");
        desk.work(|work| work.lapse_if_unpaid());
        desk.pay("B1", "A1", Ore(10_000), "2025-06-29");
        assert_eq!(desk.refunds(), [(Ore(10_000), "request-lapsed")]);
        desk.pay("B2", "A1", Ore(13_000), "2025-06-30");
        assert_eq!(desk.state(id).code(), "paid");
        assert_eq!(desk.work(|work| work.order_refunds()), []);
    }

    #[test]
    fn a_late_payment_reopens_within_thirty_days() {
        for (paid_on, state, reopened) in
            [("2025-07-01", "paid", true), ("2025-07-30", "paid", true), ("2025-07-31", "lapsed", false)]
        {
            let (mut desk, id) = lost();
            desk.today("2025-08-02");
            desk.pay("B1", "A1", FEE, paid_on);
            assert_eq!((desk.state(id).code(), desk.request(id).reopened), (state, reopened), "{paid_on}");
            assert_eq!(desk.finds(FindingKind::PaymentLate), !reopened);
            assert_eq!(desk.refunds().is_empty(), reopened);
        }
    }

    #[test]
    fn money_for_a_withdrawn_request_goes_back() {
        let (mut desk, id) = lost();
        desk.pay("B1", "A1", FEE, "2025-05-02");
        desk.withdraw("A1", "2025-05-02");
        assert_eq!(desk.refunds(), [(FEE, "request-withdrawn")]);
        assert!(!desk.finds(FindingKind::PaymentLate));
        desk.pay("B2", "A1", Ore(100), "2025-05-03");
        assert_eq!(desk.refunds()[1], (Ore(100), "request-withdrawn"));
        assert!(desk.finds(FindingKind::PaymentLate));
        assert_eq!(desk.work(|work| work.received(id)), Ore(0));
    }

    #[test]
    fn a_payment_to_an_unknown_request_is_a_finding_of_the_office() {
        let mut desk = office_desk("2025-05-02");
        assert_eq!(desk.pay("B1", "A1", FEE, "2025-05-02"), Taken::Applied);
        assert!(desk.finds(FindingKind::PaymentUnknown));
        desk.changes_nothing(|desk| assert_eq!(desk.pay("B1", "A1", FEE, "2025-05-02"), Taken::Duplicate));
    }

    #[test]
    fn what_is_paid_before_a_caseworker_decides_waits_for_the_decision() {
        let mut desk = Desk::in_print("2025-03-03");
        desk.ask("A1", Cause::NeverArrived, "2025-04-01");
        desk.pay("B1", "A1", FEE, "2025-04-02");
        assert!(desk.refunds().is_empty());
        desk.answer(CARD, BatchId(1), "2025-03-05");
        assert_eq!(desk.refunds(), [(FEE, "no-fee")]);
        assert!(!desk.finds(FindingKind::FeeManual));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_never_more_than_the_fee(
            payments in vec((1..40_000i64, 0..130u64), 1..6),
            withdrawn in option::of(0..6usize),
        ) {
            let (mut desk, id) = lost();
            for (nth, (amount, after)) in payments.into_iter().enumerate() {
                let paid_on = day("2025-05-01") + Days::new(after);
                desk.office.today = desk.office.today.max(paid_on);
                desk.work(|work| work.lapse_if_unpaid());
                desk.pay(&format!("B{nth}"), "A1", Ore(amount), &paid_on.to_string());
                if withdrawn == Some(nth) {
                    desk.withdraw("A1", &paid_on.to_string());
                }
                let kept = desk.work(|work| work.received(id));
                let over = matches!(desk.state(id).code(), "withdrawn" | "lapsed");
                let owed = if over { Ore(0) } else { FEE };
                prop_assert!(kept <= owed);
                prop_assert_eq!(desk.state(id).code() == "paid", kept == FEE);
                let back = |refund: &Refund| !matches!(refund.state, RefundState::Cancelled { .. });
                for payment in &desk.case.payments {
                    let refunds = desk.case.refunds.iter().filter(|known| known.payment == payment.id && back(known));
                    prop_assert!(refunds.map(|refund| refund.amount.0).sum::<i64>() <= payment.amount.0);
                }
                desk.changes_nothing(|desk| desk.work(|work| work.settle_account(id)));
            }
        }
    }
}
