//! Whatever is reported of a person's cards, in whatever order and on whatever day, what must always hold does (1.8: 1,
//! 3, 4, 5, 10), a row read twice counts once, and a night run twice changes nothing.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use crate::domain::{
    card::{Card, Cause, Custody},
    event::EventKind,
    finding::FindingKind,
    hold::{Ending, Hold},
    ids::{BatchId, CardId, EventId, HoldId, LetterId},
    input::{DeskEvent, DeskFact, NoticeOutcome, ProducerAnswer, Returned},
    notice::{NoticeState, Subject},
    rules::{
        example::{Desk, day},
        example_requests::{misspelt, wish},
        example_shelf::{COLLECTED, SENT, back, row},
    },
};

/// Something that happens; days count back from the business date.
#[derive(Debug, Clone)]
enum Happening {
    Night { days: u64 },
    ComesBack { card: usize, ago: u64 },
    Desk { card: usize, what: u8, ago: u64 },
    Undone { event: i64 },
    Letter { letter: i64, delivered: bool },
    Lacking { cause: Cause },
    Misspelt { surname: u8 },
    Printed,
    Posted { ago: u64 },
    Extended { card: usize, days: u64 },
    Restored { card: usize },
}

fn happening() -> impl Strategy<Value = Happening> {
    let lacking = prop_oneof![Just(Cause::Lost), Just(Cause::NeverArrived), Just(Cause::NoLongerHeld)];
    prop_oneof![
        4 => (0..70_u64).prop_map(|days| Happening::Night { days }),
        4 => (0..3_usize, 0..40_u64).prop_map(|(card, ago)| Happening::ComesBack { card, ago }),
        8 => (0..3_usize, 0..10_u8, 0..40_u64).prop_map(|(card, what, ago)| Happening::Desk { card, what, ago }),
        3 => (1..20_i64).prop_map(|event| Happening::Undone { event }),
        1 => (1..9_i64, any::<bool>()).prop_map(|(letter, delivered)| Happening::Letter { letter, delivered }),
        1 => lacking.prop_map(|cause| Happening::Lacking { cause }),
        1 => (0..3_u8).prop_map(|surname| Happening::Misspelt { surname }),
        1 => Just(Happening::Printed),
        1 => (0..9_u64).prop_map(|ago| Happening::Posted { ago }),
        1 => (0..3_usize, 0..90_u64).prop_map(|(card, days)| Happening::Extended { card, days }),
        1 => (0..3_usize).prop_map(|card| Happening::Restored { card }),
    ]
}

impl Desk {
    fn happens(&mut self, what: &Happening, count: usize) {
        let today = self.office.today;
        let ago = |days: u64| today - Days::new(days);
        let card = |at: usize| self.case.cards[at % self.case.cards.len()].id;
        match *what {
            Happening::Night { days } => self.night_twice(today + Days::new(days)),
            Happening::ComesBack { card: at, ago: days } => {
                let row = Returned { card: Some(card(at)), ..back(&ago(days).to_string()) };
                self.return_row(&row);
                self.changes_nothing(|desk| _ = desk.return_row(&row));
            }
            Happening::Desk { card: at, what, ago: days } => {
                let reference = format!("D{count}");
                let row = DeskEvent { card: card(at), ..row(&reference, fact(what), &ago(days).to_string()) };
                self.desk_row(&row);
                self.changes_nothing(|desk| _ = desk.desk_row(&row));
            }
            Happening::Undone { event } => {
                _ = self.work(|work| work.undo(EventId(event), "anna", "by mistake"));
            }
            Happening::Letter { letter, delivered } => {
                let row = NoticeOutcome { letter: LetterId(letter), delivered, on: today };
                self.work(|work| work.letter_answered(&row));
                self.changes_nothing(|desk| _ = desk.work(|work| work.letter_answered(&row)));
            }
            Happening::Lacking { cause } => {
                let row = wish(&format!("A{count}"), cause, &today.to_string());
                _ = self.work(|work| work.requested(&row));
            }
            Happening::Misspelt { surname } => {
                let surname = ["Lund", "Lind", "Lynd"][usize::from(surname)];
                let row = misspelt(&format!("C{count}"), surname, &today.to_string());
                _ = self.work(|work| work.requested(&row));
                self.queue_all();
            }
            Happening::Printed => self.work(|work| {
                let batch = work.ids.batch();
                work.print_queued_cards(batch);
            }),
            Happening::Posted { ago: days } => self.posts(ago(days)),
            Happening::Extended { card: at, days } => {
                let card = card(at);
                _ = self.work(|work| work.extend(card, today + Days::new(days), "anna", "abroad"));
            }
            Happening::Restored { card: at } => {
                let card = card(at);
                _ = self.work(|work| work.restore(card, "anna", "is coming"));
            }
        }
    }

    fn posts(&mut self, on: NaiveDate) {
        let in_print: Vec<(CardId, BatchId)> = self
            .case
            .cards
            .iter()
            .filter(|card| matches!(card.custody, Custody::InPrint { .. }))
            .filter_map(|card| Some((card.id, card.batch?)))
            .collect();
        for (card, batch) in in_print {
            let outcome = crate::domain::card::ProducerOutcome::Posted;
            self.work(|work| work.answered(&ProducerAnswer { batch, card, outcome, on })).unwrap();
        }
    }

    fn night_twice(&mut self, today: NaiveDate) {
        let today = today.to_string();
        self.work(|work| work.queue_replacements());
        self.night(&today);
        self.changes_nothing(|desk| {
            desk.night(&today);
            desk.work(|work| work.queue_replacements());
        });
    }
}

fn fact(what: u8) -> DeskFact {
    match what {
        0 => DeskFact::Arrived,
        1 | 2 => COLLECTED,
        3 => SENT,
        4 | 5 => DeskFact::Destroyed,
        6 => DeskFact::Missing,
        7 => DeskFact::Found,
        8 => DeskFact::ReportedLost,
        _ => DeskFact::Told,
    }
}

/// What was promised of each hold so far.
type Promises = BTreeMap<HoldId, (NaiveDate, Option<NaiveDate>)>;

fn check(desk: &Desk, promised: &mut Promises) -> Result<(), TestCaseError> {
    let (case, today) = (&desk.case, desk.office.today);
    let valid: Vec<_> = case.cards.iter().filter(|card| case.is_valid(card, today)).map(|card| card.id).collect();
    prop_assert!(valid.len() <= 1, "several valid cards: {valid:?}");
    for card in &case.cards {
        check_custody(desk, card)?;
    }
    for hold in &case.holds {
        check_hold(desk, hold, promised)?;
    }
    Ok(())
}

/// 1.8.3, 1.8.4: custody and hold tell the same story, and what is destroyed was due for it or is a finding.
fn check_custody(desk: &Desk, card: &Card) -> Result<(), TestCaseError> {
    let outcome = card.custody.hold().and_then(|hold| desk.case.hold(hold)).map(|hold| {
        assert_eq!(hold.card, card.id);
        hold.outcome.map(|outcome| outcome.how)
    });
    match &card.custody {
        Custody::Held { .. } | Custody::RemovalDue { .. } => prop_assert_eq!(outcome, Some(None)),
        Custody::Collected { .. } => prop_assert_eq!(outcome, Some(Some(Ending::Collected))),
        Custody::Missing { .. } => prop_assert_eq!(outcome, Some(Some(Ending::Missing))),
        Custody::Removed { by, .. } => {
            prop_assert_eq!(outcome, Some(Some(Ending::Removed)));
            prop_assert!(!by.is_empty());
            let destroyed = desk.case.facts(card.id).rfind(|fact| fact.what == EventKind::Destroyed && fact.moved());
            let due = destroyed.is_some_and(|fact| matches!(fact.before.custody, Custody::RemovalDue { .. }));
            prop_assert!(due || desk.finds(FindingKind::DestroyedEarly));
        }
        _ => prop_assert_eq!(outcome, None),
    }
    Ok(())
}

/// 1.8.4, 1.8.5, 1.8.10: an open hold is a copy on the shelf; its dates keep what they promised; nobody is asked to come
/// for what is not here.
fn check_hold(desk: &Desk, hold: &Hold, promised: &mut Promises) -> Result<(), TestCaseError> {
    let card = desk.case.card(hold.card).unwrap();
    let here = card.custody.on_shelf() && card.custody.hold() == Some(hold.id);
    prop_assert_eq!(hold.outcome.is_none(), here);
    prop_assert!(hold.told_last_day.is_none_or(|told| told <= hold.last_day));
    let (hold_until, told) = promised.entry(hold.id).or_insert((hold.hold_until, hold.told_last_day));
    prop_assert_eq!(*hold_until, hold.hold_until);
    prop_assert!(*told <= hold.told_last_day, "a told last day moved earlier");
    *told = hold.told_last_day;
    let asks = |notice: &&crate::domain::notice::Notice| {
        notice.subject == Subject::Hold(hold.id) && notice.kind.tells_of_hold() && notice.state == NoticeState::Wanted
    };
    prop_assert!(here || !desk.case.notices.iter().any(|notice| asks(&notice)));
    Ok(())
}

proptest! {
    #[test]
    fn what_must_always_hold_does(happenings in prop::collection::vec(happening(), 1..40)) {
        let mut desk = Desk::since_posting();
        desk.today("2025-04-14");
        let mut promised = Promises::new();
        for (count, what) in happenings.iter().enumerate() {
            desk.happens(what, count);
            check(&desk, &mut promised)?;
        }
    }
}

#[test]
fn the_model_notices_a_hold_that_is_open_without_its_copy() {
    let mut desk = Desk::held("2025-03-10");
    check(&desk, &mut Promises::new()).unwrap();
    desk.case.cards[0].custody = Custody::Posted { on: day("2025-03-03"), to: crate::domain::card::Delivery::Home };
    assert!(check(&desk, &mut Promises::new()).is_err());
}
