//! Lines for the letter tool. It merges one template a file, so a file has one kind and one language, and a line has
//! the fields that the template names. The recommended templates stand in `wording/`: `frame` is around each of them.
//!
//! A date is `YYYY-MM-DD` and an amount kroner with two decimals, as in every file; the tool writes them in the way of the
//! letter's language. Where a letter lists several cards, each stands in `cards` with its own date.

use chrono::NaiveDate;

use super::{phrases, sheet};
use crate::domain::{
    letter::{Letter, Listed},
    matter::{Matter, Verdict},
    money::Ore,
    notice::NoticeKind,
    person::{Address, Language},
};

/// The columns that every kind begins with. `Modtager` is what the letter tool calls the recipient's CPR number.
pub const COMMON: [&str; 9] =
    ["Modtager", "notice_id", "channel", "name", "co_name", "address", "postal_code", "city", "cards"];

/// The columns of a kind.
#[must_use]
pub fn columns(kind: NoticeKind) -> Vec<&'static str> {
    [&COMMON[..], own_columns(kind)].concat()
}

const fn own_columns(kind: NoticeKind) -> &'static [&'static str] {
    match kind {
        NoticeKind::CardHeld => &["reason", "last_day", "site", "opening"],
        NoticeKind::CardReady | NoticeKind::Reminder30 | NoticeKind::Reminder7 | NoticeKind::LastDayMoved => {
            &["last_day", "site", "opening"]
        }
        NoticeKind::PickUpWithdrawn => &["why"],
        NoticeKind::HoldEnded => &["destroyed_on", "why"],
        NoticeKind::CardSentAgain => &["sent_on"],
        NoticeKind::FeeDecision => &["request_id", "decision", "ground", "amount", "pay_by"],
        NoticeKind::PaymentMissing => &["request_id", "amount", "paid", "missing", "pay_by"],
        NoticeKind::Refunded => &["request_id", "amount", "why"],
        NoticeKind::DepartureNoted => &["departs_on"],
        NoticeKind::CorrectedCardUnderWay | NoticeKind::CardValidAgain => &[],
    }
}

/// The first part of a file's name.
#[must_use]
pub fn file_kind(kind: NoticeKind, language: Language) -> String {
    format!("notices-{}-{}", kind.code(), language.code())
}

/// The content of a file.
#[must_use]
pub fn sheet(kind: NoticeKind, letters: &[Letter]) -> String {
    let columns = columns(kind);
    let line = |letter: &Letter| columns.iter().map(|column| cell(column, letter)).collect();
    sheet::csv(&columns, &letters.iter().map(line).collect::<Vec<Vec<String>>>())
}

fn cell(column: &str, letter: &Letter) -> String {
    let to = &letter.to;
    match column {
        "Modtager" => to.cpr.reveal(),
        "notice_id" => letter.id.to_string(),
        "channel" => to.channel.code().to_owned(),
        "name" => to.name.reveal(),
        "co_name" => to.address.co_name.clone(),
        "address" => street(&to.address),
        "postal_code" => to.address.postal_code.clone(),
        "city" => to.address.city.clone(),
        "cards" => each_once(letter.listed.iter().map(card), ", "),
        // Until this day all of them can be collected.
        "last_day" => pick_ups(letter).map(|(day, _)| day.to_string()).min().unwrap_or_default(),
        "opening" => {
            let latest = pick_ups(letter).max_by_key(|(day, _)| *day);
            latest.map(|(_, closed)| phrases::opening(closed, to.language)).unwrap_or_default()
        }
        _ => {
            let matters = letter.listed.iter().filter_map(|listed| listed.matter.as_ref());
            let between = if matches!(column, "reason" | "why") { " " } else { ", " };
            each_once(matters.filter_map(|matter| field(column, matter, to.language)), between)
        }
    }
}

fn field(column: &str, matter: &Matter, language: Language) -> Option<String> {
    match (column, matter) {
        ("reason", Matter::PickUp { reason, .. }) => Some(phrases::returned(*reason, language).to_owned()),
        ("site", Matter::PickUp { site, .. }) => Some(site.clone()),
        ("why", Matter::Destroyed { early, .. }) => Some(phrases::destroyed(*early, language).to_owned()),
        ("why", Matter::Withdrawn(why)) => Some(phrases::withdrawn(*why, language).to_owned()),
        ("destroyed_on", Matter::Destroyed { on, .. })
        | ("sent_on", Matter::SentAgain(on))
        | ("departs_on", Matter::Departure(on)) => Some(on.to_string()),
        (
            "request_id",
            Matter::Decided { request, .. } | Matter::Short { request, .. } | Matter::Refunded { request, .. },
        ) => Some(request.clone()),
        ("decision", Matter::Decided { verdict, .. }) => Some(phrases::decided(*verdict, language).to_owned()),
        ("ground", Matter::Decided { ground, .. }) => Some(ground.text(language).to_owned()),
        ("amount", Matter::Decided { verdict: Verdict::Free, .. }) => Some(Ore(0).to_string()),
        (
            "amount",
            Matter::Decided { verdict: Verdict::Fee(amount), .. }
            | Matter::Short { fee: amount, .. }
            | Matter::Refunded { amount, .. },
        ) => Some(amount.to_string()),
        ("paid", Matter::Short { paid, .. }) => Some(paid.to_string()),
        ("missing", Matter::Short { fee, paid, .. }) => fee.checked_sub(*paid).map(|missing| missing.to_string()),
        ("pay_by", Matter::Decided { pay_by, .. } | Matter::Short { pay_by, .. }) => pay_by.map(|day| day.to_string()),
        ("why", Matter::Refunded { why, .. }) => {
            Some(each_once(why.iter().map(|why| phrases::refunded(why, language).to_owned()), " "))
        }
        _ => None,
    }
}

/// A card as a letter lists it: its id, the name on it, and the day that is told of it.
fn card(listed: &Listed) -> String {
    let day = match listed.matter {
        Some(Matter::PickUp { last_day: day, .. } | Matter::Destroyed { on: day, .. } | Matter::SentAgain(day)) => {
            format!(" ({day})")
        }
        _ => String::new(),
    };
    let id = listed.card.map(|card| card.to_string()).unwrap_or_default();
    format!("{id} {}{day}", listed.whose.reveal()).trim().to_owned()
}

fn pick_ups(letter: &Letter) -> impl Iterator<Item = (NaiveDate, &[(NaiveDate, NaiveDate)])> {
    letter.listed.iter().filter_map(|listed| match &listed.matter {
        Some(Matter::PickUp { last_day, closed, .. }) => Some((*last_day, closed.as_slice())),
        _ => None,
    })
}

/// Street, house number, floor and door on one line: `Nørre Allé 1B, 2. th`.
fn street(address: &Address) -> String {
    let house = format!("{} {}", address.street, address.house_number);
    let floor = if address.floor.is_empty() { String::new() } else { format!("{}.", address.floor) };
    let flat = format!("{floor} {}", address.door);
    match flat.trim() {
        "" => house.trim().to_owned(),
        flat => format!("{}, {flat}", house.trim()),
    }
}

/// Texts one after the other, each of them once.
fn each_once(texts: impl Iterator<Item = String>, between: &str) -> String {
    let mut once: Vec<String> = Vec::new();
    for text in texts {
        if !once.contains(&text) {
            once.push(text);
        }
    }
    once.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        cpr::Cpr,
        hold::ReturnReason,
        ids::{CardId, LetterId},
        letter::Recipient,
        notice::Channel,
        person::Name,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn name(given: &str) -> Name {
        Name { given: given.to_owned(), surname: "Lund".to_owned() }
    }

    fn letter(language: Language, listed: Vec<Listed>) -> Letter {
        let address = Address {
            street: "Skovvejen".to_owned(),
            house_number: "7B".to_owned(),
            floor: "2".to_owned(),
            door: "th".to_owned(),
            postal_code: "8000".to_owned(),
            city: "Aarhus C".to_owned(),
            ..Address::default()
        };
        // Fails modulus 11, so it was never issued.
        let cpr = Cpr::parse("1503701235").unwrap();
        Letter {
            id: LetterId(4),
            to: Recipient { cpr, name: name("Ask"), address, language, channel: Channel::Letter },
            listed,
        }
    }

    fn held(card: i64, whose: &str, last_day: &str, reason: ReturnReason) -> Listed {
        let closed = vec![(day("2026-12-24"), day("2026-12-25")), (day("2027-01-01"), day("2027-01-01"))];
        let closed = closed.into_iter().filter(|(first, _)| *first <= day(last_day)).collect();
        let matter = Matter::PickUp { reason, site: "Dokk1".to_owned(), last_day: day(last_day), closed };
        Listed { card: Some(CardId(card)), whose: name(whose), matter: Some(matter) }
    }

    #[test]
    fn a_letter_lists_its_cards_each_with_its_own_date() {
        let letter = letter(
            Language::En,
            vec![
                held(572, "Maja", "2027-01-04", ReturnReason::NoNameOnPostbox),
                held(573, "Bo", "2026-12-28", ReturnReason::NoNameOnPostbox),
            ],
        );
        let expected = "Modtager,notice_id,channel,name,co_name,address,postal_code,city,cards,reason,last_day,site,opening\n\
            1503701235,N4,letter,Ask Lund,,\"Skovvejen 7B, 2. th\",8000,Aarhus C,\
            \"K5724 Maja Lund (2027-01-04), K5735 Bo Lund (2026-12-28)\",The name was not on the postbox.,2026-12-28,Dokk1,\
            \"Monday to Friday, except 2026-12-24 to 2026-12-25, 2027-01-01\"\n";
        assert_eq!(sheet(NoticeKind::CardHeld, &[letter]), expected);
    }

    #[test]
    fn every_reason_is_told_once_and_in_the_letters_language() {
        let reasons = [ReturnReason::Moved, ReturnReason::BoxFull, ReturnReason::Moved];
        let listed = reasons.map(|reason| held(572, "Maja", "2026-12-01", reason)).to_vec();
        let letter = letter(Language::Da, listed);
        let told = "Posten oplyser, at modtageren er flyttet. Der var ikke plads i postkassen.";
        assert_eq!(cell("reason", &letter), told);
        assert_eq!(cell("opening", &letter), "mandag til fredag");
    }

    #[test]
    fn a_free_decision_has_no_last_day_to_pay_and_a_refusal_no_amount() {
        let ground = crate::domain::ground::Ground::Misprint;
        for (verdict, amount) in
            [(Verdict::Free, "0.00"), (Verdict::Fee(Ore(22_500)), "225.00"), (Verdict::Refused, "")]
        {
            let matter = Matter::Decided { request: "A-1".to_owned(), verdict, ground, pay_by: None };
            let letter = letter(Language::En, vec![Listed { card: None, whose: name("Maja"), matter: Some(matter) }]);
            assert_eq!((cell("amount", &letter).as_str(), cell("pay_by", &letter).as_str()), (amount, ""));
            assert_eq!((cell("request_id", &letter).as_str(), cell("cards", &letter).as_str()), ("A-1", "Maja Lund"));
        }
    }

    #[test]
    fn a_name_that_would_be_a_formula_is_none() {
        let mut letter = letter(Language::En, Vec::new());
        letter.to.name = Name { given: "=1+1".to_owned(), surname: "Lund".to_owned() };
        assert!(sheet(NoticeKind::CardValidAgain, &[letter]).contains(",'=1+1 Lund,"));
    }
}
