//! A letter: to whom it goes, and which cards and requests it lists (2.3). One letter goes to one recipient at one
//! address; what it lists shares its number, and so its outcome.

use std::collections::BTreeMap;

use super::{
    case::Case,
    casework::Office,
    cpr::Cpr,
    ids::{CardId, Ids, LetterId, RequestId},
    matter::Matter,
    notice::{Channel, Notice, NoticeKind, Subject},
    person::{Address, Language, Name, Person},
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
            card: case.card_of(notice.subject),
            whose: case.person.name().clone(),
            matter: Matter::of(case, notice, office),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::{HoldId, PersonId},
        rules::example::Desk,
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
}
