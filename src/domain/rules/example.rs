//! One person and an office to try the rules on: resident, group 2, with the first card as far as a test wants it.

use chrono::NaiveDate;

use crate::domain::{
    calendar::Calendar,
    card::{Card, ProducerOutcome},
    case::Case,
    casework::{Casework, Entry, Office, Source},
    cpr::Cpr,
    finding::FindingKind,
    hold::Hold,
    ids::{BatchId, CardId, Ids, PersonId},
    input::{ProducerAnswer, Registration},
    money::Tariff,
    notice::{Notice, NoticeKind},
    periods::Periods,
    person::{Address, Group, Language, Name, Person, Place, Register, Status},
};

/// Fails modulus 11, so it was never issued.
pub(in crate::domain) const CPR: &str = "0202901234";

/// The first card of a [`Desk`].
pub(in crate::domain) const CARD: CardId = CardId(1);

/// A date as files write it.
pub(in crate::domain) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An office on one day, and one folder.
#[derive(Debug)]
pub(in crate::domain) struct Desk {
    pub(in crate::domain) office: Office,
    pub(in crate::domain) ids: Ids,
    pub(in crate::domain) case: Case,
    pub(in crate::domain) entries: Vec<Entry>,
}

impl Desk {
    /// A person registered on this day with status 01, and the plan for the first card.
    pub(in crate::domain) fn registered(on: &str) -> Self {
        Self::with_status(on, Status::Resident)
    }

    /// The first card is in the closed batch `B1` since this day.
    pub(in crate::domain) fn in_print(on: &str) -> Self {
        let mut desk = Self::registered(on);
        desk.print(on);
        desk
    }

    /// The first card was posted home on this day.
    pub(in crate::domain) fn posted(on: &str) -> Self {
        let mut desk = Self::in_print(on);
        desk.answer(CARD, BatchId(1), on);
        desk
    }

    /// The first card was posted to the office on this day.
    pub(in crate::domain) fn posted_to_office(on: &str) -> Self {
        let mut desk = Self::with_status(on, Status::NoAddress);
        desk.print(on);
        desk.answer(CARD, BatchId(1), on);
        desk
    }

    fn with_status(on: &str, status: Status) -> Self {
        let mut ids = Ids::default();
        let person = Person::new(ids.person(), Cpr::parse(CPR).ok());
        let mut desk = Self { office: office(day(on)), ids, case: Case::new(person), entries: Vec::new() };
        let register = Register {
            name: Name { given: "Maja".to_owned(), surname: "Lund".to_owned() },
            address: Address {
                street: "Skovvejen".to_owned(),
                house_number: "7".to_owned(),
                postal_code: "8000".to_owned(),
                city: "Aarhus C".to_owned(),
                ..Address::default()
            },
            municipality: "0751".to_owned(),
            group: Group::Two,
            digital_post: true,
            ..Register::default()
        };
        desk.work(|work| {
            work.registered(Registration {
                cpr: Cpr::parse(CPR).unwrap(),
                place: Place { at: None, file: "registrations-1.csv".to_owned(), line: 2 },
                status,
                registered_on: day(on),
                register,
            })
        });
        desk
    }

    /// Orders every planned card, whatever its due date, in a batch of its own.
    pub(in crate::domain) fn print(&mut self, on: &str) {
        self.office.today = NaiveDate::MAX;
        self.work(|work| work.issue_due_cards());
        self.today(on);
        self.work(|work| {
            let batch = work.ids.batch();
            work.print_queued_cards(batch);
        });
    }

    /// The producer posted a card.
    pub(in crate::domain) fn answer(&mut self, card: CardId, batch: BatchId, on: &str) {
        let row = ProducerAnswer { batch, card, outcome: ProducerOutcome::Posted, on: day(on) };
        self.work(|work| work.answered(&row)).unwrap();
    }

    /// The business date from here on.
    pub(in crate::domain) fn today(&mut self, on: &str) {
        self.office.today = day(on);
    }

    /// Does casework on the folder.
    pub(in crate::domain) fn work<T>(&mut self, decide: impl FnOnce(&mut Casework<'_>) -> T) -> T {
        let case = std::mem::replace(&mut self.case, Case::new(Person::new(PersonId::OFFICE, None)));
        let mut work = Casework::new(case, &self.office, &mut self.ids, Source::Rule, "test")
            .with_entries(std::mem::take(&mut self.entries));
        let decided = decide(&mut work);
        (self.case, self.entries) = work.close();
        decided
    }

    /// The first card.
    pub(in crate::domain) fn card(&self) -> &Card {
        self.case.card(CARD).unwrap()
    }

    /// The latest time on the shelf.
    pub(in crate::domain) fn hold(&self) -> &Hold {
        self.case.holds.last().unwrap()
    }

    /// The notices of a kind, oldest first.
    pub(in crate::domain) fn notices(&self, kind: NoticeKind) -> Vec<&Notice> {
        self.case.notices.iter().filter(|notice| notice.kind == kind).collect()
    }

    /// Whether a finding of this kind is open.
    pub(in crate::domain) fn finds(&self, kind: FindingKind) -> bool {
        self.case.findings.iter().any(|finding| finding.kind == kind && finding.closed.is_none())
    }
}

/// The office's own folder, empty, for what belongs to nobody.
pub(in crate::domain) fn office_desk(today: &str) -> Desk {
    let case = Case::new(Person::new(PersonId::OFFICE, None));
    Desk { office: office(day(today)), ids: Ids::default(), case, entries: Vec::new() }
}

fn office(today: NaiveDate) -> Office {
    Office {
        today,
        calendar: Calendar::default(),
        periods: Periods::default(),
        tariff: Tariff::default(),
        site: "Dokk1".to_owned(),
        language: Language::En,
        practitioners: std::collections::BTreeMap::new(),
    }
}
