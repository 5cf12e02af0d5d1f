//! What a notice tells of one card or request: the facts of its kind, read off the folder when it goes out (2.3).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    card::{Custody, RemovalReason},
    case::{Case, Validity},
    casework::Office,
    ground::Ground,
    hold::ReturnReason,
    ids::{CardId, PaymentId},
    money::Ore,
    notice::{Notice, NoticeKind, Subject},
    request::{Decision, Payment, Refund, RefundState, Request, RequestState},
};

/// The facts that a kind tells of one card or request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// It can be collected.
    PickUp {
        /// Why it is here.
        reason: ReturnReason,
        /// Where the shelf is.
        site: String,
        /// Last day to collect it.
        last_day: NaiveDate,
        /// Working days on which the office is closed until then, as first and last day of each closure.
        closed: Vec<(NaiveDate, NaiveDate)>,
    },
    /// It can no longer be collected.
    Withdrawn(Withdrawal),
    /// It was destroyed.
    Destroyed {
        /// The day.
        on: NaiveDate,
        /// The last day was not over: a mistake of ours.
        early: bool,
    },
    /// It was posted again on this day.
    SentAgain(NaiveDate),
    /// A fee was decided, or the request was refused.
    Decided {
        /// The request's number as the citizen knows it.
        request: String,
        /// What was decided.
        verdict: Verdict,
        /// Why.
        ground: Ground,
        /// Last day to pay a fee.
        pay_by: Option<NaiveDate>,
    },
    /// Less than the fee was paid.
    Short {
        /// The request's number as the citizen knows it.
        request: String,
        /// The fee.
        fee: Ore,
        /// What came in and does not go back.
        paid: Ore,
        /// Last day to pay the rest.
        pay_by: Option<NaiveDate>,
    },
    /// Money went back.
    Refunded {
        /// The request's number as the citizen knows it.
        request: String,
        /// How much, over all payments to the request.
        amount: Ore,
        /// Why, as codes.
        why: BTreeSet<String>,
    },
    /// The residence ends on this day; a departure is known.
    Departure(NaiveDate),
}

/// What a fee decision says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No fee.
    Free,
    /// This fee.
    Fee(Ore),
    /// No new card.
    Refused,
    /// A caseworker has yet to decide.
    Undecided,
}

/// Why a card can no longer be collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// A newer one took over.
    Newer,
    /// It bears a wrong name, and one with the right name is on its way.
    WrongName,
    /// The person is not resident any more.
    NotResident,
    /// It is not valid, or not here, for another reason.
    Other,
}

impl Matter {
    /// What a notice tells, as the folder stands once it is exported; none where the copy itself says it all.
    #[must_use]
    pub fn of(case: &Case, notice: &Notice, office: &Office) -> Option<Self> {
        let hold = match notice.subject {
            Subject::Hold(hold) => case.hold(hold),
            Subject::Card(_) | Subject::Request(_) => None,
        };
        let request = match notice.subject {
            Subject::Request(request) => case.request(request),
            Subject::Card(_) | Subject::Hold(_) => None,
        };
        match notice.kind {
            NoticeKind::CardHeld
            | NoticeKind::CardReady
            | NoticeKind::Reminder30
            | NoticeKind::Reminder7
            | NoticeKind::LastDayMoved => {
                let hold = hold?;
                let last_day = notice.told_date.unwrap_or(hold.last_day);
                Some(Matter::PickUp {
                    reason: hold.reason,
                    site: hold.site.clone(),
                    last_day,
                    closed: office.calendar.closures_between(office.today, last_day),
                })
            }
            NoticeKind::PickUpWithdrawn => {
                Some(Matter::Withdrawn(withdrawal(case, case.card_of(notice.subject)?, office)))
            }
            NoticeKind::HoldEnded => {
                let (last_day, on) = (hold?.last_day, hold?.outcome?.on);
                Some(Matter::Destroyed { on, early: on <= last_day })
            }
            NoticeKind::CardSentAgain => hold?.outcome.map(|outcome| Matter::SentAgain(outcome.on)),
            NoticeKind::FeeDecision => decided(request?),
            NoticeKind::PaymentMissing => short(case, request?),
            NoticeKind::DepartureNoted => case.person.stays().last()?.departs_on.map(Matter::Departure),
            NoticeKind::Refunded => Some(refunded(case, request?, notice.told_date)),
            NoticeKind::CorrectedCardUnderWay | NoticeKind::CardValidAgain => None,
        }
    }
}

fn withdrawal(case: &Case, id: CardId, office: &Office) -> Withdrawal {
    let Some(card) = case.card(id) else { return Withdrawal::Other };
    match (&card.custody, case.validity(card, office.today)) {
        _ if case.carries_wrong_name(id) => Withdrawal::WrongName,
        (Custody::RemovalDue { reason: RemovalReason::Superseded, .. }, _) | (_, Validity::Superseded) => {
            Withdrawal::Newer
        }
        (Custody::RemovalDue { reason: RemovalReason::Departed, .. }, _) | (_, Validity::NotEntitled) => {
            Withdrawal::NotResident
        }
        _ => Withdrawal::Other,
    }
}

/// The refusal, or else the decision on the fee; none while there is neither.
fn decided(request: &Request) -> Option<Matter> {
    let (verdict, ground) = match (&request.state, request.charge.as_ref().map(|charge| &charge.decision)) {
        (RequestState::Refused { why, .. }, _) => (Verdict::Refused, *why),
        (_, Some(Decision::Free { ground })) => (Verdict::Free, *ground),
        (_, Some(Decision::Fee { amount, ground })) => (Verdict::Fee(*amount), *ground),
        (_, Some(Decision::Manual { why })) => (Verdict::Undecided, *why),
        (_, None) => return None,
    };
    Some(Matter::Decided { request: request.reference.clone(), verdict, ground, pay_by: pay_by(request) })
}

fn short(case: &Case, request: &Request) -> Option<Matter> {
    let Decision::Fee { amount: fee, .. } = request.charge.as_ref()?.decision else { return None };
    let goes_back = |payment: &Payment| -> i64 {
        let refunds = case.refunds.iter().filter(|refund| refund.payment == payment.id);
        let refunds = refunds.filter(|refund| !matches!(refund.state, RefundState::Cancelled { .. }));
        refunds.map(|refund| refund.amount.0).sum()
    };
    let paid = payments(case, request).map(|payment| payment.amount.0 - goes_back(payment)).sum();
    Some(Matter::Short { request: request.reference.clone(), fee, paid: Ore(paid), pay_by: pay_by(request) })
}

/// The refunds of one request that were confirmed on the day the notice tells.
fn refunded(case: &Case, request: &Request, confirmed_on: Option<NaiveDate>) -> Matter {
    let payments: BTreeSet<PaymentId> = payments(case, request).map(|payment| payment.id).collect();
    let told = |refund: &&Refund| {
        let confirmed = matches!(refund.state, RefundState::Confirmed { on } if Some(on) == confirmed_on);
        confirmed && payments.contains(&refund.payment)
    };
    let refunds = || case.refunds.iter().filter(told);
    Matter::Refunded {
        request: request.reference.clone(),
        amount: Ore(refunds().map(|refund| refund.amount.0).sum()),
        why: refunds().map(|refund| refund.why.clone()).collect(),
    }
}

fn payments<'c>(case: &'c Case, request: &Request) -> impl Iterator<Item = &'c Payment> {
    let id = request.id;
    case.payments.iter().filter(move |payment| payment.request == Some(id))
}

fn pay_by(request: &Request) -> Option<NaiveDate> {
    match request.state {
        RequestState::AwaitingPayment { lapse_on, .. } => Some(lapse_on),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        hold::{Hold, Words},
        ids::{HoldId, NoticeId, PersonId, RefundId, RequestId},
        letter::Listed,
        notice::NoticeState,
        person::Person,
        request::{Charge, Evidence, Remark, RequestKind, Wish},
        rules::example::{CARD, Desk, day},
    };

    fn notice(kind: NoticeKind, subject: Subject, told_date: Option<NaiveDate>) -> Notice {
        let (id, person) = (NoticeId(1), PersonId(1));
        Notice { id, person, kind, subject, told_date, wanted_on: day("2026-01-05"), state: NoticeState::Wanted }
    }

    #[test]
    fn a_held_card_is_listed_with_the_date_told_and_the_days_the_office_is_closed() {
        let mut desk = Desk::posted("2026-01-20");
        desk.case.holds.push(Hold {
            id: HoldId(1),
            person: desk.case.id(),
            card: CARD,
            returned_on: day("2026-01-28"),
            recorded_on: day("2026-01-28"),
            reason: ReturnReason::Moved,
            site: "Dokk1".to_owned(),
            slot: String::new(),
            hold_until: day("2026-07-28"),
            last_day: day("2026-07-28"),
            first_told: None,
            told_last_day: None,
            told_by_desk: None,
            held_again_on: None,
            extended_to: None,
            outcome: None,
            words: Words::default(),
        });
        desk.today("2026-05-10");
        let told = notice(NoticeKind::CardHeld, Subject::Hold(HoldId(1)), Some(day("2026-06-09")));
        let listed = Listed::of(&desk.case, &told, &desk.office);
        assert_eq!((listed.card, listed.whose.reveal()), (Some(CARD), "Maja Lund".to_owned()));
        let closed = ["2026-05-14", "2026-05-25", "2026-06-05"].map(|on| (day(on), day(on))).to_vec();
        let (reason, last_day) = (ReturnReason::Moved, day("2026-06-09"));
        assert_eq!(listed.matter, Some(Matter::PickUp { reason, site: "Dokk1".to_owned(), last_day, closed }));
    }

    fn requested(state: RequestState, decision: Decision) -> Case {
        let mut case = Case::new(Person::new(PersonId(7), None));
        case.requests.push(Request {
            id: RequestId(3),
            reference: "A-2001".to_owned(),
            person: case.id(),
            card: Some(CARD),
            kind: RequestKind::Replacement,
            cause: crate::domain::card::Cause::Lost,
            requested_on: day("2024-03-02"),
            state,
            charge: Some(Charge { decided_on: day("2024-03-02"), decision, evidence: Evidence::default() }),
            reopened: false,
            successor: None,
            married_on: None,
            wish: Wish::default(),
        });
        case
    }

    fn told(case: &Case, kind: NoticeKind, told_date: Option<NaiveDate>) -> Option<Matter> {
        let desk = Desk::registered("2024-03-02");
        Listed::of(case, &notice(kind, Subject::Request(RequestId(3)), told_date), &desk.office).matter
    }

    #[test]
    fn a_fee_decision_tells_ground_amount_and_the_last_day_to_pay() {
        let (request, lapse_on) = ("A-2001".to_owned(), day("2024-05-01"));
        let fee = Decision::Fee { amount: Ore(22_500), ground: Ground::Lost };
        let awaiting = RequestState::AwaitingPayment { since: day("2024-03-02"), lapse_on };
        let (verdict, ground, pay_by) = (Verdict::Fee(Ore(22_500)), Ground::Lost, Some(lapse_on));
        assert_eq!(
            told(&requested(awaiting, fee.clone()), NoticeKind::FeeDecision, pay_by),
            Some(Matter::Decided { request: request.clone(), verdict, ground, pay_by })
        );
        let refused = RequestState::Refused { on: day("2024-03-02"), why: Ground::HeldHere };
        let (verdict, ground, pay_by) = (Verdict::Refused, Ground::HeldHere, None);
        assert_eq!(
            told(&requested(refused, fee), NoticeKind::FeeDecision, None),
            Some(Matter::Decided { request, verdict, ground, pay_by })
        );
    }

    #[test]
    fn what_is_missing_leaves_out_what_goes_back() {
        let fee = Decision::Fee { amount: Ore(22_500), ground: Ground::Lost };
        let lapse_on = day("2024-05-01");
        let mut case = requested(RequestState::AwaitingPayment { since: day("2024-03-02"), lapse_on }, fee);
        for (id, amount) in [(1, 10_000), (2, 5_000)] {
            case.payments.push(Payment {
                id: PaymentId(id),
                reference: format!("I-{id}"),
                person: case.id(),
                request: Some(RequestId(3)),
                paid_on: day("2024-03-09"),
                amount: Ore(amount),
                remark: Remark::default(),
            });
        }
        for (id, state) in
            [(1, RefundState::Confirmed { on: day("2024-03-20") }), (2, RefundState::Due { on: day("2024-03-09") })]
        {
            let (person, amount, why) = (case.id(), Ore(2_000 * id), "paid-too-much".to_owned());
            case.refunds.push(Refund { id: RefundId(id), person, payment: PaymentId(2), amount, why, state });
        }
        let (request, fee, paid) = ("A-2001".to_owned(), Ore(22_500), Ore(9_000));
        let short = told(&case, NoticeKind::PaymentMissing, Some(lapse_on));
        assert_eq!(short, Some(Matter::Short { request: request.clone(), fee, paid, pay_by: Some(lapse_on) }));
        let refunded = told(&case, NoticeKind::Refunded, Some(day("2024-03-20")));
        let why = ["paid-too-much".to_owned()].into();
        assert_eq!(refunded, Some(Matter::Refunded { request, amount: Ore(2_000), why }));
    }
}
