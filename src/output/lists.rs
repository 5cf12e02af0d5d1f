//! Lists of how things stand, for the desk, the shelf and the producer. A list is written when it differs from the last
//! one, so nothing in it counts days. Whoever is on it is named by card id; a name stands only on the desk's own list,
//! and not where name and address are protected.

use crate::domain::{
    card::{Card, Custody, RemovalReason},
    case::Case,
    casework::Office,
    notice::{NoticeState, Subject},
};

/// The columns of `desk-list-*.csv`, and of `shelf --format csv`.
pub const DESK: [&str; 10] =
    ["card_id", "state", "site", "slot", "returned_on", "reason", "hold_until", "last_day", "told_on", "holder"];

/// The columns of `removal-worklist-*.csv`. The last one is empty, to tick.
pub const REMOVALS: [&str; 7] = ["site", "slot", "card_id", "reason", "last_day", "since", "destroyed"];

/// The columns of `call-list-*.csv`. Where there is no card, the first has the number of the request.
pub const CALLS: [&str; 6] = ["card_id", "whom", "about", "why", "since", "last_day"];

/// The columns of `recalls-*.csv`.
pub const RECALLS: [&str; 4] = ["batch_id", "card_id", "reason", "since"];

/// What stands for a name that is protected.
const PROTECTED: &str = "(protected)";

/// Brings lines into the order in which people read them: by their cells from the left, the shorter one first, so that K9
/// comes before K10 and slot A2 before A12.
pub fn sort(lines: &mut [Vec<String>]) {
    lines.sort_by_cached_key(|line| line.iter().map(|cell| (cell.len(), cell.clone())).collect::<Vec<_>>());
}

/// What lies on the shelf of one person; of the office's own folder the unmatched items, by their own ids.
#[must_use]
pub fn desk(case: &Case, office: &Office) -> Vec<Vec<String>> {
    let cards = case.cards.iter().filter(|card| card.custody.on_shelf()).map(|card| desk_line(case, card, office));
    let items = case.items.iter().filter(|item| item.outcome.is_none()).map(|item| {
        let (returned_on, reason) = (item.returned_on.to_string(), item.reason.code().to_owned());
        let mut line = vec![
            item.id.to_string(),
            "unmatched".to_owned(),
            item.site.clone(),
            item.slot.clone(),
            returned_on,
            reason,
        ];
        line.resize(DESK.len(), String::new());
        line
    });
    cards.chain(items).collect()
}

/// Where one copy lies, or lay, and for whom.
#[must_use]
pub fn desk_line(case: &Case, card: &Card, office: &Office) -> Vec<String> {
    let mut line = vec![card.id.to_string(), card.custody.state().to_owned()];
    match card.custody.hold().and_then(|hold| case.hold(hold)) {
        Some(hold) => line.extend([
            hold.site.clone(),
            hold.slot.clone(),
            hold.returned_on.to_string(),
            hold.reason.code().to_owned(),
            hold.hold_until.to_string(),
            hold.last_day.to_string(),
            case.told_on(hold, office.today, &office.periods).map(|on| on.to_string()).unwrap_or_default(),
        ]),
        None => line.resize(DESK.len() - 1, String::new()),
    }
    line.push(holder(case));
    line
}

/// Who a card is for, masked where protected.
#[must_use]
pub fn holder(case: &Case) -> String {
    if case.person.data.register.protected { PROTECTED.to_owned() } else { case.person.name().reveal() }
}

/// The copies of one person that are to be destroyed (T12, T13).
#[must_use]
pub fn removals(case: &Case, _: &Office) -> Vec<Vec<String>> {
    let line = |card: &Card| {
        let Custody::RemovalDue { hold, reason, since } = &card.custody else { return None };
        let hold = case.hold(*hold)?;
        Some(vec![
            hold.site.clone(),
            hold.slot.clone(),
            card.id.to_string(),
            reason.code().to_owned(),
            hold.last_day.to_string(),
            since.to_string(),
            String::new(),
        ])
    };
    case.cards.iter().filter_map(line).collect()
}

/// What one person must be told in another way than by a letter: about which card, why, and since when. A child of that
/// day is reached through the guardian.
#[must_use]
pub fn calls(case: &Case, office: &Office) -> Vec<Vec<String>> {
    let is_child_on = |day| {
        let person = &case.person;
        person.data.register.guardian.is_some()
            && person.cpr().is_some_and(|cpr| cpr.age_on(day) < office.periods.guardian_below_age)
    };
    let named = |subject| {
        let card = case.card_of(subject).or_else(|| case.newest_card().map(|card| card.id));
        match (card, subject) {
            (Some(card), _) => card.to_string(),
            (None, Subject::Request(request)) => request.to_string(),
            (None, _) => String::new(),
        }
    };
    case.notices
        .iter()
        .filter_map(|notice| {
            let NoticeState::ToCall { since, why, .. } = &notice.state else { return None };
            let last_day = match notice.subject {
                Subject::Hold(hold) if notice.kind.tells_of_hold() => case.hold(hold).map(|hold| hold.last_day),
                _ => None,
            };
            Some(vec![
                named(notice.subject),
                if is_child_on(*since) { "guardian" } else { "holder" }.to_owned(),
                notice.kind.code().to_owned(),
                why.clone(),
                since.to_string(),
                last_day.map(|day| day.to_string()).unwrap_or_default(),
            ])
        })
        .collect()
}

/// The cards of one person that are with the producer and must not go out (1.5).
#[must_use]
pub fn recalls(case: &Case, _: &Office) -> Vec<Vec<String>> {
    let line = |card: &Card| {
        let Custody::InPrint { .. } = card.custody else { return None };
        let (batch, since) = (card.batch?, card.intercept_since?);
        Some(vec![
            batch.to_string(),
            card.id.to_string(),
            RemovalReason::Intercepted.code().to_owned(),
            since.to_string(),
        ])
    };
    case.cards.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::{
        calendar::Calendar,
        card::Cause,
        cpr::Cpr,
        hold::{Hold, ReturnReason, Words},
        ids::{BatchId, CardId, HoldId, NoticeId, PersonId},
        money::Tariff,
        notice::{Channel, Notice, NoticeKind},
        periods::Periods,
        person::{Language, Name, Person},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn office(today: &str) -> Office {
        Office {
            today: day(today),
            calendar: Calendar::default(),
            periods: Periods::default(),
            tariff: Tariff::default(),
            site: "Dokk1".to_owned(),
            language: Language::En,
            practitioners: std::collections::BTreeMap::new(),
        }
    }

    /// A child of eleven whose card is on the shelf.
    fn case(custody: Custody) -> Case {
        // Fail modulus 11, so they were never issued.
        let mut person = Person::new(PersonId(1), Cpr::parse("1209145671").ok());
        person.data.register.guardian = Cpr::parse("1503701235").ok();
        person.data.register.name = Name { given: "Bo".to_owned(), surname: "Lund".to_owned() };
        let mut case = Case::new(person);
        let mut card = Card::planned(CardId(572), PersonId(1), 1, Cause::First, day("2026-01-19"));
        card.custody = custody;
        case.cards.push(card);
        case.holds.push(Hold {
            id: HoldId(1),
            person: PersonId(1),
            card: CardId(572),
            returned_on: day("2026-01-28"),
            recorded_on: day("2026-01-28"),
            reason: ReturnReason::NoNameOnPostbox,
            site: "Dokk1".to_owned(),
            slot: "A12".to_owned(),
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
        case
    }

    fn notice(state: NoticeState) -> Notice {
        Notice {
            id: NoticeId(1),
            person: PersonId(1),
            kind: NoticeKind::CardHeld,
            subject: Subject::Hold(HoldId(1)),
            told_date: None,
            wanted_on: day("2026-01-28"),
            state,
        }
    }

    fn lines(lines: Vec<Vec<String>>) -> Vec<String> {
        lines.into_iter().map(|line| line.join(",")).collect()
    }

    #[test]
    fn lines_go_by_numbers_not_by_digits() {
        let mut lines = ["A12,K5", "B1,K10", "B1,K9", "A2,K7"].map(|line| line.split(',').map(str::to_owned).collect());
        sort(&mut lines);
        assert_eq!(self::lines(lines.to_vec()), ["A2,K7", "B1,K9", "B1,K10", "A12,K5"]);
    }

    #[test]
    fn the_desk_sees_who_a_card_is_for_unless_that_is_protected() {
        let mut case = case(Custody::Held { hold: HoldId(1) });
        let line = "K5724,held,Dokk1,A12,2026-01-28,no_name_on_postbox,2026-07-28,2026-07-28,,";
        assert_eq!(lines(desk(&case, &office("2026-02-01"))), [format!("{line}Bo Lund")]);
        case.person.data.register.protected = true;
        assert_eq!(lines(desk(&case, &office("2026-02-01"))), [format!("{line}(protected)")]);
    }

    #[test]
    fn the_desk_sees_when_the_citizen_was_told_once_that_is_certain() {
        let mut case = case(Custody::Held { hold: HoldId(1) });
        let letter = crate::domain::ids::LetterId(1);
        let (on, channel) = (day("2026-01-28"), Channel::Digital);
        case.notices.push(notice(NoticeState::Exported { on, letter, channel, answer: None }));
        let told_on = DESK.iter().position(|column| *column == "told_on").unwrap();
        for (today, told) in [("2026-02-03", ""), ("2026-02-04", "2026-01-28"), ("2026-02-05", "2026-01-28")] {
            assert_eq!(desk(&case, &office(today))[0][told_on], told, "{today}");
        }
    }

    #[test]
    fn a_card_to_be_destroyed_is_on_the_worklist_with_a_column_to_tick() {
        let since = day("2026-07-29");
        let due = Custody::RemovalDue { hold: HoldId(1), reason: RemovalReason::Expired, since };
        let expected = ["Dokk1,A12,K5724,expired,2026-07-28,2026-07-29,"];
        assert_eq!(lines(removals(&case(due), &office("2026-08-03"))), expected);
        assert!(removals(&case(Custody::Held { hold: HoldId(1) }), &office("2026-08-03")).is_empty());
    }

    #[test]
    fn who_must_be_called_is_named_by_card_and_a_child_through_the_guardian() {
        let mut case = case(Custody::Held { hold: HoldId(1) });
        case.notices.push(notice(NoticeState::ToCall {
            since: day("2026-01-28"),
            why: "postbox-unlabelled".to_owned(),
            letter: None,
        }));
        let expected = ["K5724,guardian,card-held,postbox-unlabelled,2026-01-28,2026-07-28"];
        // The list stays as it is when the child grows up meanwhile.
        for today in ["2026-02-01", "2036-02-01"] {
            assert_eq!(lines(calls(&case, &office(today))), expected);
        }
        case.notices[0].state = NoticeState::Wanted;
        assert!(calls(&case, &office("2026-02-01")).is_empty());
    }

    #[test]
    fn a_card_in_print_with_a_wrong_name_is_recalled_until_the_producer_answers() {
        let mut case = case(Custody::InPrint { on: day("2026-01-19") });
        case.cards[0].batch = Some(BatchId(1));
        assert!(recalls(&case, &office("2026-01-20")).is_empty());
        case.cards[0].intercept_since = Some(day("2026-01-20"));
        assert_eq!(lines(recalls(&case, &office("2026-01-20"))), ["B1,K5724,intercepted,2026-01-20"]);
        case.cards[0].custody = Custody::Cancelled { on: day("2026-01-21") };
        assert!(recalls(&case, &office("2026-01-21")).is_empty());
    }
}
