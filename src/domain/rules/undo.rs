//! T23: an entry made by mistake is taken back by another entry. The state before returns with its dates, but a last day
//! that was told never moves earlier.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Cause, Custody, Delivery, Posting, ProducerOutcome, RemovalReason},
    casework::Casework,
    event::{Event, EventKind},
    finding::FindingKind,
    hold::{Ending, Hold, ToldByDesk},
    ids::{CardId, EventId, HoldId},
    input::Taken,
    notice::{NoticeKind, Subject},
    person::Person,
    refusal::Refusal,
};

use super::{fact::Report, keep::refusal};

impl Casework<'_> {
    /// The event of this number, or with this id of the desk's.
    #[must_use]
    pub fn event_named(&self, name: &str) -> Option<EventId> {
        let ours = name.parse::<EventId>().ok();
        let named = |event: &&Event| event.reference.as_deref() == Some(name) || Some(event.id) == ours;
        self.case.events.iter().find(named).map(|event| event.id)
    }

    /// Takes back an entry of the desk or a return row. Refused, naming it, where a later fact or a closed batch rests on
    /// it. Undone before: a duplicate.
    pub(super) fn take_back(&mut self, id: EventId, report: Report) -> Result<Taken, Refusal> {
        let Some(event) = self.case.events.iter().find(|event| event.id == id).cloned() else {
            return Err(unknown_event(id));
        };
        if event.undone_on.is_some() {
            return Ok(Taken::Duplicate);
        }
        self.may_be_undone(&event)?;
        let on = report.on;
        let Some(fact) = self.take_up(report) else { return Ok(Taken::Duplicate) };
        self.change("undone", id.0, |event: &mut Event| event.undone_on = Some(on));
        self.unplace_returns(&event, on);
        self.undo_hold(&event, on);
        self.undo_card(&event, on);
        if let Some(hold) = self.case.card(event.card).and_then(|card| card.custody.hold()) {
            self.recount(hold);
        }
        self.undo_address(&event);
        self.undo_findings(&event);
        let (card, undoing) = (event.card, fact.id);
        self.enter(fact);
        self.place_kept_return(card, undoing);
        Ok(Taken::Applied)
    }

    fn may_be_undone(&self, event: &Event) -> Result<(), Refusal> {
        let Some(card) = self.case.card(event.card) else { return Err(unknown_event(event.id)) };
        let refused = |code, reason: String| {
            Err(Refusal { subject: event.id.to_string(), ..refusal(card, "undo", code, reason) })
        };
        if event.what == EventKind::Undone {
            return refused("not-undoable", "it is itself an undo; enter what is true instead".to_owned());
        }
        let rests = |fact: &&Event| {
            fact.moved()
                && fact.place() > event.place()
                && fact.placed_after != Some(event.id)
                && fact.what != EventKind::Undone
        };
        if let Some(later) = self.case.facts(event.card).filter(|_| event.moved()).find(rests) {
            let reason = format!("{} ({}) rests on it; undo that first", later.id, later.what.code());
            return refused("later-entry", reason);
        }
        if event.moved() && matches!(card.custody, Custody::Lost { .. }) && event.after.but_for_loss() == &event.after {
            return refused("later-entry", "it was reported lost since; withdraw that first".to_owned());
        }
        let printed = self.case.cards.iter().find(|newer| {
            newer.replaces == Some(event.card) && newer.batch.is_some() && made_because_of(newer.cause, event.what)
        });
        match printed.and_then(|newer| Some((newer.id, newer.batch?))) {
            Some((newer, batch)) => refused("batch-closed", format!("{newer} was ordered in {batch} because of it")),
            None => Ok(()),
        }
    }

    /// Returns that were placed behind the mistake are kept ones again; their holds were none.
    fn unplace_returns(&mut self, event: &Event, on: NaiveDate) {
        let placed: Vec<_> =
            self.case.facts(event.card).filter(|fact| fact.placed_after == Some(event.id)).cloned().collect();
        for fact in placed {
            if let Some(hold) = fact.after.hold() {
                self.hold_was_none(hold, on);
            }
            let custody = event.before.custody.clone();
            self.change("return kept", fact.id.0, |kept: &mut Event| {
                kept.placed_after = None;
                kept.before.custody = custody.clone();
                kept.after = custody;
            });
        }
    }

    /// A hold the mistake opened ends as undone; one that it ended is open again, with the facts it had.
    fn undo_hold(&mut self, event: &Event, on: NaiveDate) {
        let (before, after) = (event.before.custody.but_for_loss().hold(), event.after.hold());
        if let Some(opened) = after.filter(|_| after != before) {
            self.hold_was_none(opened, on);
        }
        let Some(was) = &event.before.hold else { return };
        let told = self.case.facts(event.card).find(|fact| {
            fact.what == EventKind::Told && fact.before.hold.as_ref().is_some_and(|hold| hold.id == was.id)
        });
        let told = told.map(|fact| ToldByDesk { on: fact.on, by: fact.by.clone() });
        self.change("undone", was.id.0, |hold: &mut Hold| {
            if event.moved() {
                hold.outcome = was.outcome;
            }
            match event.what {
                EventKind::Told => hold.told_by_desk = told,
                EventKind::Extended => hold.extended_to = was.extended_to,
                _ if event.moved() && event.after.hold() == Some(was.id) => hold.held_again_on = was.held_again_on,
                _ => {}
            }
        });
        if event.moved() && was.outcome.is_some() {
            self.drop_notices(Subject::Hold(was.id), &NoticeKind::PICK_UP, "undone");
        }
        match event.what {
            EventKind::SentAgain => self.drop_notices(Subject::Hold(was.id), &[NoticeKind::CardSentAgain], "undone"),
            EventKind::Destroyed => self.drop_notices(Subject::Hold(was.id), &[NoticeKind::HoldEnded], "undone"),
            EventKind::Told => self.retell(was.id),
            _ => {}
        }
    }

    fn hold_was_none(&mut self, hold: HoldId, on: NaiveDate) {
        self.end_hold(hold, Ending::Undone, on);
        self.withdraw_pick_up(Subject::Hold(hold));
    }

    fn undo_card(&mut self, event: &Event, on: NaiveDate) {
        if !event.moved() {
            return self.trust_posting(event.card);
        }
        let unanswered = matches!(event.before.custody, Custody::InPrint { .. })
            && self.case.card(event.card).is_some_and(|card| card.answer.is_none());
        let custody = self.custody_again(event);
        let sent = event.what == EventKind::SentAgain;
        let again = custody.clone();
        self.change("undone", event.card.0, |card: &mut Card| {
            card.custody = again;
            if unanswered {
                card.posting = None;
            }
            card.mailings = card.mailings.saturating_sub(u8::from(sent) + u8::from(unanswered));
        });
        if unanswered {
            self.yield_again(event.card, on);
        }
        self.trust_posting(event.card);
        if let Custody::Held { hold } = custody {
            self.hold_again(event.card, hold, on);
        }
    }

    /// The custody that returns: as it was before, seen with what the book has learnt since.
    fn custody_again(&self, event: &Event) -> Custody {
        let before = event.before.custody.clone();
        let Some(card) = self.case.card(event.card) else { return before };
        match (&before, card.posting) {
            (Custody::InPrint { .. }, Some(posting)) if card.answer == Some(ProducerOutcome::Posted) => {
                let to = card.printed.as_ref().map_or(Delivery::Home, |printed| printed.delivery);
                Custody::Posted { on: posting.on, to }
            }
            (Custody::Held { hold }, _) if card.superseded.is_some() => {
                Custody::RemovalDue { hold: *hold, reason: RemovalReason::Superseded, since: self.today() }
            }
            _ => before,
        }
    }

    /// The posting date confirmed by the producer is evidence again when no return that stands contradicts it.
    fn trust_posting(&mut self, id: CardId) {
        let Some(card) = self.case.card(id).filter(|card| card.answer == Some(ProducerOutcome::Posted)) else { return };
        let Some(posting) = card.posting else { return };
        if !posting.evidence && self.case.facts(id).filter(|fact| fact.is_return()).all(|fact| fact.on >= posting.on) {
            self.change("posting trusted", id.0, |card: &mut Card| {
                card.posting = Some(Posting { evidence: true, ..posting });
            });
            self.settle(FindingKind::ReturnedBeforePosting, &id);
        }
    }

    /// The flag returns to what it was, unless something else has changed it since.
    fn undo_address(&mut self, event: &Event) {
        let (was, is) = (event.before.unlabelled_since, self.case.person.unlabelled_since);
        let flagged_by_it = event.is_return() && was.is_none() && is == Some(event.on);
        let cleared_by_it = matches!(event.what, EventKind::Collected | EventKind::SentAgain) && is.is_none();
        if flagged_by_it || cleared_by_it {
            let person = self.case.id();
            self.change("undone", person.0, |person: &mut Person| person.unlabelled_since = was);
        }
    }

    fn undo_findings(&mut self, event: &Event) {
        let left_behind: &[FindingKind] = match event.what {
            EventKind::Returned | EventKind::Arrived => &[FindingKind::DestructionConflict, FindingKind::ReasonUnknown],
            EventKind::Destroyed => &[FindingKind::DestructionConflict],
            EventKind::Missing if event.moved() => &[FindingKind::Missing],
            EventKind::ReportedLost => &[FindingKind::LostWhileHeld],
            _ => &[],
        };
        for kind in left_behind {
            self.settle(*kind, &event.card);
        }
        self.settle_broken(event.card, event.id);
        self.review_destruction(event.card);
        if event.moved() && matches!(event.before.custody, Custody::Missing { .. }) {
            self.find(FindingKind::Missing, &event.card, "not on the shelf where it should be");
        }
    }
}

/// Such a copy is made because of such an entry.
const fn made_because_of(cause: Cause, what: EventKind) -> bool {
    match what {
        EventKind::ReportedLost => cause.stops_at_once(),
        EventKind::Destroyed => matches!(cause, Cause::NoLongerHeld),
        EventKind::Missing => matches!(cause, Cause::OurLoss),
        _ => false,
    }
}

fn unknown_event(id: EventId) -> Refusal {
    Refusal {
        subject: id.to_string(),
        state: "unknown",
        verb: "undo",
        code: "unknown-event",
        reason: "no entry of this number is on file for this person".to_owned(),
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            ("later-entry", "E2 (collected) rests on it; undo that first")
        );
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
}
