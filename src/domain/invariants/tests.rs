//! Each invariant holds in what the rules make, and is named where a hand broke it.

use super::*;
use crate::domain::{
    card::{Cause, Collector, Delivery, Superseded},
    hold::Outcome,
    ids::{BatchId, LetterId, PersonId, RequestId},
    input::DeskFact,
    notice::Channel,
    record::Kind,
    rules::example::{Desk, day},
};

const COLLECTED: DeskFact =
    DeskFact::Collected { collector: Collector::Holder, identified_by: String::new(), postbox_labelled: false };

fn broken(desk: &Desk) -> Vec<String> {
    of_case(&desk.case, desk.office.today).iter().map(Breach::to_string).collect()
}

fn card(desk: &mut Desk) -> &mut Card {
    &mut desk.case.cards[0]
}

/// What the entries made of cards, holds and notices, numbered from 1.
fn images(desk: &Desk) -> Vec<(i64, Image)> {
    fn read<R: serde::de::DeserializeOwned>(facts: &str) -> R {
        serde_json::from_str(facts).unwrap()
    }
    let image = |(kind, facts): (Kind, &str)| match kind {
        Kind::Card => Some(Image::Card(read(facts))),
        Kind::Hold => Some(Image::Hold(read(facts))),
        Kind::Notice => Some(Image::Notice(read(facts))),
        _ => None,
    };
    let images = desk.entries.iter().filter_map(|entry| image((entry.kind, &entry.facts)));
    (1..).zip(images).collect()
}

fn broken_history(desk: &Desk) -> Vec<String> {
    of_history(images(desk)).iter().map(Breach::to_string).collect()
}

#[test]
fn a_card_held_told_of_over_and_destroyed_breaks_nothing() {
    let mut desk = Desk::held("2025-03-10");
    assert_eq!(broken(&desk), [""; 0]);
    desk.night("2025-09-11");
    assert_eq!(broken(&desk), [""; 0]);
    desk.desk_says(DeskFact::Destroyed, "2025-09-12");
    assert_eq!(broken(&desk), [""; 0]);
    assert_eq!(broken_history(&desk), [""; 0]);
}

#[test]
fn a_second_card_that_counts_is_named_unless_a_newer_one_took_over() {
    let mut desk = Desk::posted("2025-03-03");
    let second = Card { id: CardId(2), ..desk.card().clone() };
    desk.case.cards.push(second);
    assert_eq!(broken(&desk), ["card K21: a second one counts on 2025-03-03 (1.8.1)"]);
    let tomorrow = Superseded { by: CardId(2), on: day("2025-03-04") };
    card(&mut desk).superseded = Some(tomorrow);
    assert_eq!(broken(&desk), [""; 0]);
}

#[test]
fn a_printed_card_stands_in_an_order_and_an_unprinted_one_in_none() {
    let mut desk = Desk::posted("2025-03-03");
    card(&mut desk).batch = None;
    assert_eq!(broken(&desk), ["card K13: it is posted and stands in no print order (1.8.2)"]);
    let mut desk = Desk::in_print("2025-03-03");
    card(&mut desk).custody = Custody::Queued { due_on: day("2025-03-03"), on: day("2025-03-03") };
    assert_eq!(broken(&desk), ["card K13: it is queued and stands in B1 (1.8.2)"]);
    let mut desk = Desk::in_print("2025-03-03");
    card(&mut desk).printed = None;
    assert_eq!(broken(&desk), ["card K13: nothing says what is printed on it (1.8.2)"]);
}

#[test]
fn the_lines_of_a_print_order_are_its_cards_and_those_refused_in_one_file() {
    let batch = Batch { id: BatchId(1), person: PersonId(0), on: day("2025-03-03"), cards: 3 };
    assert_eq!(of_batch(&batch, 2, 1, 1), []);
    let said = |cards, refused, files| of_batch(&batch, cards, refused, files)[0].to_string();
    assert_eq!(said(2, 0, 1), "batch B1: it has 3 lines, but 2 cards and 0 refused ones (1.8.2)");
    assert_eq!(said(3, 0, 2), "batch B1: 2 files are made of it (1.8.2)");
}

#[test]
fn a_payment_is_awaited_for_a_decided_fee_and_nothing_is_destroyed_unannounced() {
    let mut desk = Desk::since_posting();
    desk.ask("A1", Cause::Lost, "2025-03-10");
    assert_eq!(broken(&desk), [""; 0]);
    desk.case.requests[0].charge = None;
    let name = RequestId(1);
    assert_eq!(broken(&desk), [format!("request {name}: it waits for a payment that nothing decided (1.8.3)")]);
    desk.case.requests[0].state = RequestState::Queued;
    assert_eq!(broken(&desk), [format!("request {name}: it went on without a decision (1.8.3)")]);

    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(DeskFact::Destroyed, "2025-03-12");
    assert_eq!(broken(&desk), [""; 0], "a finding says that it was too early");
    desk.case.findings.clear();
    let early = "card K13: it was not due to be destroyed, and no finding says so (1.8.3)";
    assert_eq!(broken(&desk), [early]);
    card(&mut desk).custody = Custody::Removed { on: day("2025-03-12"), hold: HoldId(1), by: String::new() };
    assert_eq!(broken(&desk), ["card K13: it was destroyed by nobody (1.8.3)", early]);
}

#[test]
fn a_time_on_the_shelf_is_open_while_its_card_is_there_and_ends_as_the_card_left() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(COLLECTED, "2025-03-12");
    assert_eq!(broken(&desk), [""; 0]);
    desk.case.holds[0].outcome = None;
    let open = "hold H1: it is open, and its card is not on the shelf (1.8.4)";
    assert_eq!(broken(&desk), [open, "card K13: it is collected, and H1 says otherwise (1.8.4)"]);
    desk.case.holds.clear();
    assert_eq!(broken(&desk), ["card K13: it is collected, and H1 says otherwise (1.8.4)"]);

    let mut desk = Desk::held("2025-03-10");
    let on = day("2025-03-12");
    desk.case.holds[0].outcome = Some(Outcome { how: Ending::Removed, on });
    assert_eq!(broken(&desk), ["hold H1: it is over, and its card is on the shelf (1.8.4)"]);

    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(DeskFact::Missing, "2025-03-12");
    assert_eq!(broken(&desk), [""; 0]);
    desk.case.holds[0].outcome = Some(Outcome { how: Ending::Removed, on });
    assert_eq!(broken(&desk), ["hold H1: its card is missed, and it ended otherwise (1.8.4)"]);
    card(&mut desk).custody = Custody::Posted { on, to: Delivery::Home };
    desk.case.holds[0].outcome = Some(Outcome { how: Ending::Missing, on });
    assert_eq!(broken(&desk), ["hold H1: it ended as missing, and its card is not missed (1.8.4)"]);
}

#[test]
fn what_was_told_stands_and_nobody_is_to_be_asked_for_what_is_not_held() {
    let mut desk = Desk::held("2025-03-10");
    desk.case.holds[0].last_day = day("2025-09-09");
    assert_eq!(broken(&desk), ["hold H1: its last day is earlier than the one that was told (1.8.5)"]);
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(COLLECTED, "2025-03-12");
    desk.case.notices[0].state = NoticeState::Wanted;
    let vain = "notice M1: it is still to ask for a card to be fetched that is not held (1.8.10)";
    assert_eq!(broken(&desk), [vain]);
}

#[test]
fn the_rows_of_a_file_add_up_and_are_there() {
    let rows = FileRows {
        read: 6,
        applied: 2,
        duplicate: 1,
        overtaken: 1,
        waiting: 1,
        rejected: 1,
        kept_waiting: 1,
        kept_rejects: 1,
    };
    assert_eq!(of_file("ab", rows), []);
    let said = |rows| of_file("ab", rows).iter().map(Breach::to_string).collect::<Vec<_>>();
    let lost = FileRows { read: 7, ..rows };
    assert_eq!(said(lost), ["file ab: 7 rows were read, and their ends add up to 6 (1.8.9)"]);
    let gone = FileRows { kept_waiting: 0, kept_rejects: 2, ..rows };
    let wrong = [
        "file ab: 1 rows wait by its count, and there are 0 (1.8.9)",
        "file ab: 1 rows were rejected by its count, and the rejects are 2 (1.8.9)",
    ];
    assert_eq!(said(gone), wrong);
}

#[test]
fn the_ledger_shows_where_a_promise_was_broken() {
    let mut moved = Desk::held("2025-03-10");
    let mut hold = moved.hold().clone();
    hold.hold_until = day("2025-09-11");
    moved.work(|work| work.change("test", 1, |known: &mut Hold| *known = hold.clone()));
    let at = images(&moved).len();
    let until = format!("ledger row {at}: the six months of H1 ended on 2025-09-10, and now on 2025-09-11 (1.8.5)");
    assert_eq!(broken_history(&moved), [until]);

    let mut earlier = Desk::held("2025-03-10");
    earlier.work(|work| work.change("test", 1, |hold: &mut Hold| hold.last_day = day("2025-09-09")));
    let at = images(&earlier).len();
    let told = format!("ledger row {at}: the last day of H1 was told as 2025-09-10, and is now 2025-09-09 (1.8.5)");
    assert_eq!(broken_history(&earlier), [told]);

    let mut vain = Desk::posted("2025-03-03");
    vain.comes_back("2025-03-10");
    vain.desk_says(DeskFact::Destroyed, "2025-03-10");
    let (letter, channel) = (LetterId(1), Channel::Letter);
    let state = NoticeState::Exported { on: day("2025-03-10"), letter, channel, answer: None };
    vain.work(|work| work.change("test", 1, |notice: &mut Notice| notice.state = state));
    let at = images(&vain).len();
    assert_eq!(
        broken_history(&vain),
        [format!("ledger row {at}: M1 asked for the card of H1, which was not held then (1.8.10)")]
    );
}
