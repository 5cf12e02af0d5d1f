//! What a letter says: to whom it goes, which cards and requests it lists, and the facts that its kind tells (2.3). One
//! letter goes to one recipient at one address; what it lists shares its number, and so its outcome.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    card::{Custody, RemovalReason},
    case::{Case, Validity},
    casework::Office,
    cpr::Cpr,
    ground::Ground,
    hold::ReturnReason,
    ids::{CardId, Ids, LetterId, PaymentId, RequestId},
    money::Ore,
    notice::{Channel, Notice, NoticeKind, Subject},
    person::{Address, Language, Name, Person},
    request::{Decision, Payment, Refund, RefundState, Request, RequestState},
};

/// One letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The `notice_id` that the letter tool answers with.
    pub id: LetterId,
    /// Whom it goes to.
    pub to: Recipient,
    /// What it is about, in the order in which it came up.
    pub listed: Vec<Listed>,
}

/// Whom a letter goes to, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient {
    /// The person; for a child the guardian.
    pub cpr: Cpr,
    /// Empty for a guardian who is not in the book: the letter tool knows the name.
    pub name: Name,
    /// Where a letter on paper goes; empty for digital post.
    pub address: Address,
    /// What it is written in.
    pub language: Language,
    /// How it goes.
    pub channel: Channel,
}

/// One card or request in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The copy, where there is one.
    pub card: Option<CardId>,
    /// Who is on it.
    pub whose: Name,
    /// What is told of it; for some kinds the copy says it all.
    pub matter: Option<Matter>,
}

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

/// The letters of one export.
#[derive(Debug, Default)]
pub struct Letters(BTreeMap<Heading, Letter>);

/// What makes two notices one letter: kind, recipient and address. A decision on a request is a letter of its own, for
/// each has its own ground, amount and right to complain.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Heading {
    kind: NoticeKind,
    to: Recipient,
    request: Option<RequestId>,
}

impl Recipient {
    /// Whom to write to about a person: below the age limit the guardian, where one is registered. A guardian who is not
    /// in the book is written to at the child's address. None for the office's own folder.
    #[must_use]
    pub fn of(person: &Person, guardians: &BTreeMap<Cpr, Person>, channel: Channel, office: &Office) -> Option<Self> {
        let own = person.cpr()?;
        let is_child = own.age_on(office.today) < office.periods.guardian_below_age;
        let guardian = person.data.register.guardian.filter(|_| is_child);
        let known = guardian.map_or(Some(person), |guardian| guardians.get(&guardian));
        let register = &known.unwrap_or(person).data.register;
        Some(Self {
            cpr: guardian.unwrap_or(own),
            name: known.map(|person| person.name().clone()).unwrap_or_default(),
            address: if channel == Channel::Letter { register.address.clone() } else { Address::default() },
            language: register.language.unwrap_or(office.language),
            channel,
        })
    }
}

impl Letters {
    /// The letter in which something of this kind goes to this recipient: the one that is begun, or a new one.
    pub fn open(&mut self, kind: NoticeKind, subject: Subject, to: Recipient, ids: &mut Ids) -> &mut Letter {
        let request = match subject {
            Subject::Request(request) => Some(request),
            Subject::Hold(_) | Subject::Card(_) => None,
        };
        let heading = Heading { kind, to: to.clone(), request };
        self.0.entry(heading).or_insert_with(|| Letter { id: ids.letter(), to, listed: Vec::new() })
    }

    /// The letters of each kind and language, in the order of their numbers.
    #[must_use]
    pub fn by_kind_and_language(self) -> BTreeMap<(NoticeKind, Language), Vec<Letter>> {
        let mut files: BTreeMap<_, Vec<Letter>> = BTreeMap::new();
        for (heading, letter) in self.0 {
            files.entry((heading.kind, heading.to.language)).or_default().push(letter);
        }
        for letters in files.values_mut() {
            letters.sort_by_key(|letter| letter.id);
        }
        files
    }
}

impl Listed {
    /// What a letter lists for a notice, as the folder stands once the notice is exported.
    #[must_use]
    pub fn of(case: &Case, notice: &Notice, office: &Office) -> Self {
        Self {
            card: card_of(case, notice.subject),
            whose: case.person.name().clone(),
            matter: matter(case, notice, office),
        }
    }
}

/// The copy a notice is about: of a request the one it wishes to replace.
#[must_use]
pub fn card_of(case: &Case, subject: Subject) -> Option<CardId> {
    match subject {
        Subject::Card(card) => Some(card),
        Subject::Hold(hold) => case.hold(hold).map(|hold| hold.card),
        Subject::Request(request) => case.request(request).and_then(|request| request.card),
    }
}

fn matter(case: &Case, notice: &Notice, office: &Office) -> Option<Matter> {
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
            Some(Matter::Withdrawn(withdrawal(case, card_of(case, notice.subject)?, office)))
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
        ids::{HoldId, NoticeId, PersonId, RefundId},
        notice::NoticeState,
        request::{Charge, Evidence, Remark, RequestKind, Wish},
        rules::example::{CARD, Desk, day},
    };

    /// Fail modulus 11, so they were never issued; the child turns 15 on 12 September 2029.
    const CHILD: &str = "1209145671";
    const GUARDIAN: &str = "1503701235";

    fn person(cpr: &str, given: &str) -> Person {
        let mut person = Person::new(PersonId(7), Cpr::parse(cpr).ok());
        person.data.register.name = Name { given: given.to_owned(), surname: "Lund".to_owned() };
        person.data.register.address.street = format!("{given}s Vej");
        person
    }

    fn child() -> Person {
        let mut child = person(CHILD, "Bo");
        child.data.register.guardian = Cpr::parse(GUARDIAN).ok();
        child
    }

    fn guardians() -> BTreeMap<Cpr, Person> {
        let mut guardian = person(GUARDIAN, "Ask");
        guardian.data.register.language = Some(Language::Da);
        [(Cpr::parse(GUARDIAN).unwrap(), guardian)].into()
    }

    fn recipient(guardians: &BTreeMap<Cpr, Person>, channel: Channel, today: &str) -> Recipient {
        let mut desk = Desk::registered("2026-01-05");
        desk.today(today);
        Recipient::of(&child(), guardians, channel, &desk.office).unwrap()
    }

    #[test]
    fn the_guardian_is_written_to_until_the_child_is_fifteen() {
        for (today, cpr, language) in [
            ("2029-09-11", GUARDIAN, Language::Da),
            ("2029-09-12", CHILD, Language::En),
            ("2029-09-13", CHILD, Language::En),
        ] {
            let to = recipient(&guardians(), Channel::Letter, today);
            assert_eq!((to.cpr.reveal(), to.language), (cpr.to_owned(), language), "{today}");
        }
    }

    #[test]
    fn a_guardian_who_is_not_in_the_book_is_written_to_at_the_childs_address() {
        let to = recipient(&BTreeMap::new(), Channel::Letter, "2026-01-05");
        assert_eq!(to.cpr.reveal(), GUARDIAN);
        assert_eq!((to.name.reveal(), to.address.street), (String::new(), "Bos Vej".to_owned()));
    }

    #[test]
    fn digital_post_needs_no_address() {
        let to = recipient(&guardians(), Channel::Digital, "2026-01-05");
        assert_eq!(to.address, Address::default());
        assert_eq!(recipient(&guardians(), Channel::Letter, "2026-01-05").address.street, "Asks Vej");
    }

    #[test]
    fn one_recipient_at_one_address_gets_one_letter_of_a_kind() {
        let (mut letters, mut ids) = (Letters::default(), Ids::default());
        let paper = recipient(&guardians(), Channel::Letter, "2026-01-05");
        let digital = recipient(&guardians(), Channel::Digital, "2026-01-05");
        let mut open = |kind, subject, to: &Recipient| letters.open(kind, subject, to.clone(), &mut ids).id;
        let hold = |number| Subject::Hold(HoldId(number));
        let first = open(NoticeKind::CardHeld, hold(1), &paper);
        assert_eq!(open(NoticeKind::CardHeld, hold(2), &paper), first);
        assert_ne!(open(NoticeKind::CardHeld, hold(3), &digital), first);
        assert_ne!(open(NoticeKind::Reminder7, hold(1), &paper), first);
        let decision = |number| Subject::Request(RequestId(number));
        let decided = open(NoticeKind::FeeDecision, decision(1), &paper);
        assert_ne!(open(NoticeKind::FeeDecision, decision(2), &paper), decided);
        let files = letters.by_kind_and_language();
        let numbers: Vec<_> = files.iter().map(|(file, letters)| (file.0, letters.len())).collect();
        let expected = [(NoticeKind::CardHeld, 2), (NoticeKind::Reminder7, 1), (NoticeKind::FeeDecision, 2)];
        assert_eq!(numbers, expected);
    }

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
        let mut case = Case::new(person("0202901234", "Maja"));
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
