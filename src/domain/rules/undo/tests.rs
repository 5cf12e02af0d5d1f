use super::*;
use crate::domain::{
    ids::BatchId,
    input::DeskFact,
    request::RequestState,
    rules::{
        example::{CARD, Desk, day},
        example_requests::{SECOND, misspelt},
        example_shelf::{COLLECTED, SENT, row},
    },
};

fn undo(desk: &mut Desk, event: i64, on: &str) -> Result<Taken, Refusal> {
    desk.today(on);
    desk.work(|work| work.undo(EventId(event), "anna", "wrong card"))
}

#[test]
fn an_undone_return_was_never_there() {
    let mut desk = Desk::held("2025-03-10");
    assert_eq!(undo(&mut desk, 1, "2025-03-12"), Ok(Taken::Applied));
    assert_eq!((desk.state_of_card(), desk.outcomes()), ("posted", vec!["Undone 2025-03-12".to_owned()]));
    assert_eq!(desk.case.person.unlabelled_since, None);
    assert_eq!(desk.notices(NoticeKind::PickUpWithdrawn).len(), 1, "who was asked to come is told not to");
    let evidence = desk.case.evidence(CARD, desk.office.today, &desk.office.periods);
    assert_eq!((evidence.returned_on, evidence.told_on), (None, None));
    desk.changes_nothing(|desk| assert_eq!(undo(desk, 1, "2025-03-12"), Ok(Taken::Duplicate)));
}

#[test]
fn an_undone_collection_is_held_again_for_two_weeks_and_told() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(COLLECTED, "2025-09-05");
    undo(&mut desk, 2, "2025-09-09").unwrap();
    assert_eq!((desk.state_of_card(), desk.outcomes()), ("held", vec!["open".to_owned()]));
    assert_eq!((desk.last_day().as_str(), desk.hold().hold_until), ("2025-09-23", day("2025-09-10")));
    assert_eq!(desk.notices(NoticeKind::LastDayMoved).len(), 1);
    assert_eq!(desk.case.evidence(CARD, day("2025-09-09"), &desk.office.periods).collected_on, None);
}

#[test]
fn an_undone_sending_takes_its_mailing_back() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(SENT, "2025-03-12");
    undo(&mut desk, 2, "2025-03-13").unwrap();
    assert_eq!((desk.state_of_card(), desk.card().mailings), ("held", 1));
    assert_eq!(desk.case.person.unlabelled_since, Some(day("2025-03-10")), "the address is flagged as it was");
}

#[test]
fn an_undone_destruction_is_no_evidence_and_removal_is_due_as_before() {
    let mut desk = Desk::held("2025-03-10");
    desk.night("2025-09-11");
    desk.desk_says(DeskFact::Destroyed, "2025-09-12");
    undo(&mut desk, 2, "2025-09-15").unwrap();
    let due = Custody::RemovalDue { hold: HoldId(1), reason: RemovalReason::Expired, since: day("2025-09-11") };
    assert_eq!(desk.card().custody, due);
    assert_eq!(desk.case.evidence(CARD, desk.office.today, &desk.office.periods).destroyed_on, None);
    let dropped = |kind| matches!(desk.notices(kind)[0].state, crate::domain::notice::NoticeState::Dropped { .. });
    assert!(dropped(NoticeKind::HoldEnded));
}

#[test]
fn what_was_missed_by_mistake_is_held_and_what_was_found_by_mistake_is_missing() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(DeskFact::Missing, "2025-03-12");
    desk.desk_says(DeskFact::Found, "2025-03-14");
    undo(&mut desk, 3, "2025-03-17").unwrap();
    assert_eq!((desk.state_of_card(), desk.outcomes()), ("missing", vec!["Missing 2025-03-12".to_owned()]));
    assert!(desk.finds(FindingKind::Missing));
    undo(&mut desk, 2, "2025-03-18").unwrap();
    assert_eq!((desk.state_of_card(), desk.outcomes()), ("held", vec!["open".to_owned()]));
    assert!(!desk.finds(FindingKind::Missing));
}

#[test]
fn an_undone_telling_is_no_telling() {
    let mut desk = Desk::posted("2025-03-03");
    desk.comes_back("2025-03-10");
    desk.desk_says(DeskFact::Told, "2025-03-11");
    undo(&mut desk, 2, "2025-03-12").unwrap();
    assert_eq!((desk.hold().first_told, &desk.hold().told_by_desk), (None, &None));
    desk.night("2025-03-12");
    assert_eq!(desk.hold().first_told, Some(day("2025-03-12")), "a notice goes after all");
}

#[test]
fn a_fact_that_rests_on_it_must_be_undone_first() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(COLLECTED, "2025-03-12");
    let refused = undo(&mut desk, 1, "2025-03-13").unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), ("later-entry", "E2 (collected) rests on it; undo that first"));
    undo(&mut desk, 2, "2025-03-13").unwrap();
    assert_eq!(undo(&mut desk, 1, "2025-03-13"), Ok(Taken::Applied));
    assert_eq!(undo(&mut desk, 3, "2025-03-13").unwrap_err().code, "not-undoable");
    assert_eq!(undo(&mut desk, 99, "2025-03-13").unwrap_err().code, "unknown-event");
}

#[test]
fn a_return_placed_behind_a_mistake_is_a_kept_one_again() {
    let mut desk = Desk::held("2025-03-10");
    desk.comes_back("2025-03-20");
    desk.desk_says(COLLECTED, "2025-03-15");
    undo(&mut desk, 3, "2025-03-21").unwrap();
    assert_eq!(desk.outcomes(), ["open", "Undone 2025-03-21"]);
    assert_eq!(desk.card().custody, Custody::Held { hold: HoldId(1) });
    undo(&mut desk, 1, "2025-03-22").unwrap();
    assert_eq!(desk.outcomes(), ["Undone 2025-03-22", "Undone 2025-03-21", "open"]);
    assert_eq!(desk.hold().returned_on, day("2025-03-20"), "the second return was true");
}

#[test]
fn an_undone_return_of_an_unanswered_copy_gives_its_place_back() {
    let mut desk = Desk::posted("2025-03-03");
    desk.ask_row(&misspelt("C1", "Lind", "2025-03-05"));
    desk.queue_all();
    desk.work(|work| work.print_queued_cards(BatchId(2)));
    let mut back = crate::domain::rules::example_shelf::back("2025-03-10");
    back.card = Some(SECOND);
    desk.return_row(&back);
    assert!(desk.card().superseded.is_some());
    undo(&mut desk, 1, "2025-03-11").unwrap();
    assert_eq!((desk.custody(SECOND), desk.card().superseded), ("in_print", None));
    let second = desk.case.card(SECOND).unwrap();
    assert_eq!((second.mailings, second.posting), (0, None));
    assert_eq!(desk.case.requests[0].state, RequestState::Queued);
}

#[test]
fn what_a_closed_batch_rests_on_is_not_undone() {
    let mut desk = Desk::since_posting();
    desk.desk_says(DeskFact::ReportedLost, "2025-03-10");
    desk.ask("A1", Cause::NeverArrived, "2025-03-11");
    desk.queue_all();
    desk.work(|work| work.print_queued_cards(BatchId(2)));
    let refused = undo(&mut desk, 1, "2025-03-12").unwrap_err();
    assert_eq!((refused.code, refused.subject.as_str()), ("batch-closed", "E1"));
    assert_eq!(refused.reason, format!("{SECOND} was ordered in B2 because of it"));
}

#[test]
fn an_entry_before_a_loss_stands_until_the_loss_is_taken_back() {
    let mut desk = Desk::since_posting();
    desk.comes_back("2025-03-10");
    desk.desk_says(SENT, "2025-03-11");
    desk.ask("A1", Cause::NeverArrived, "2025-03-20");
    assert_eq!(undo(&mut desk, 2, "2025-03-21").unwrap_err().code, "later-entry");
    desk.withdraw("A1", "2025-03-21");
    assert_eq!(undo(&mut desk, 2, "2025-03-21"), Ok(Taken::Applied));
}

#[test]
fn a_lost_copy_that_was_found_by_mistake_keeps_its_collection() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(COLLECTED, "2025-03-11");
    desk.desk_says(DeskFact::ReportedLost, "2025-03-12");
    desk.desk_says(DeskFact::Found, "2025-03-13");
    undo(&mut desk, 4, "2025-03-14").unwrap();
    assert_eq!((desk.state_of_card(), desk.outcomes()), ("lost", vec!["Collected 2025-03-11".to_owned()]));
}

#[test]
fn an_early_destruction_that_stands_again_is_still_a_finding() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_says(DeskFact::Destroyed, "2025-05-02");
    desk.comes_back("2025-05-05");
    desk.desk_says(DeskFact::Destroyed, "2025-05-06");
    undo(&mut desk, 4, "2025-05-07").unwrap();
    assert!(!desk.finds(FindingKind::DestroyedEarly));
    undo(&mut desk, 3, "2025-05-07").unwrap();
    assert_eq!(desk.state_of_card(), "removed");
    assert!(desk.finds(FindingKind::DestroyedEarly));
}

#[test]
fn nobody_is_asked_to_come_for_what_is_missing_after_all() {
    let mut desk = Desk::posted("2025-03-03");
    desk.comes_back("2025-03-10");
    desk.desk_says(DeskFact::Missing, "2025-03-10");
    desk.desk_says(DeskFact::Arrived, "2025-03-11");
    undo(&mut desk, 3, "2025-03-12").unwrap();
    assert_eq!(desk.state_of_card(), "missing");
    assert!(desk.case.notices.iter().all(|notice| !notice.is_pending()));
}

#[test]
fn what_a_still_newer_copy_stopped_stays_stopped() {
    let mut desk = Desk::posted("2025-03-03");
    let third = CardId(SECOND.0 + 1);
    desk.ask_row(&misspelt("C1", "Lind", "2025-03-05"));
    desk.queue_all();
    desk.work(|work| work.print_queued_cards(BatchId(2)));
    desk.ask_row(&misspelt("C2", "Lynd", "2025-03-06"));
    desk.queue_all();
    let mut back = crate::domain::rules::example_shelf::back("2025-03-07");
    back.card = Some(SECOND);
    desk.return_row(&back);
    desk.print_and_post(third, 3, "2025-03-10");
    undo(&mut desk, 1, "2025-03-11").unwrap();
    assert_eq!(desk.card().superseded.map(|by| by.by), Some(third));
}

#[test]
fn an_arrival_of_what_was_never_printed_is_placed_nowhere() {
    let mut desk = Desk::registered("2025-03-03");
    desk.desk_says(DeskFact::Arrived, "2025-03-04");
    desk.desk_says(DeskFact::Arrived, "2025-03-05");
    undo(&mut desk, 2, "2025-03-06").unwrap();
    assert_eq!((desk.state_of_card(), desk.case.holds.len()), ("planned", 0));
}

#[test]
fn a_row_undoes_by_its_id_or_ours_and_of_its_own_card() {
    let mut desk = Desk::held("2025-03-10");
    desk.desk_row(&row("D1", COLLECTED, "2025-03-12"));
    let undone = |event: &str| DeskFact::Undone { event: event.to_owned() };
    let wrong = row("D2", undone("D9"), "2025-03-13");
    assert_eq!(desk.work(|work| work.desk_event(&wrong)).unwrap_err().code, "unknown-event");
    let early = row("D3", undone("E1"), "2025-03-13");
    assert_eq!(desk.work(|work| work.desk_event(&early)).unwrap_err().code, "later-entry");
    assert_eq!(desk.desk_row(&row("D4", undone("D1"), "2025-03-13")), Taken::Applied);
    assert_eq!(desk.state_of_card(), "held");
    desk.changes_nothing(|desk| {
        assert_eq!(desk.desk_row(&row("D4", undone("D1"), "2025-03-13")), Taken::Duplicate);
    });
    assert_eq!(desk.desk_row(&row("D5", undone("E1"), "2025-03-14")), Taken::Applied);
    assert_eq!(desk.state_of_card(), "posted");
}

#[test]
fn a_broken_rule_is_settled_with_the_entry_that_broke_it() {
    let mut desk = Desk::posted("2025-03-03");
    desk.desk_says(DeskFact::Arrived, "2025-03-05");
    assert!(desk.finds(FindingKind::RuleBroken));
    undo(&mut desk, 1, "2025-03-06").unwrap();
    assert!(!desk.finds(FindingKind::RuleBroken));
}
