//! T12, T13: when six months are over the copy is to be destroyed, and then it is destroyed.

use crate::domain::{
    card::{Card, Custody, RemovalReason},
    casework::Casework,
    dates,
    finding::FindingKind,
    hold::{Ending, Hold},
    ids::{CardId, HoldId},
    notice::{NoticeKind, Subject},
};

use super::fact::Fact;

/// What the caseworker reads of a copy that was not due for it.
const DESTROYED_EARLY: &str = "destroyed before it was due for it";

impl Casework<'_> {
    /// T12: every held copy of the folder whose time is over goes on the worklist. Never told: it cannot end, and a
    /// finding says so.
    pub fn remove_if_over(&mut self) {
        for (card, hold) in self.held() {
            self.recount(hold);
            self.remove_one_if_over(card, hold);
        }
    }

    fn remove_one_if_over(&mut self, id: CardId, hold: HoldId) {
        let today = self.today();
        let (Some(card), Some(hold)) = (self.case.card(id), self.case.hold(hold)) else { return };
        // A departure has its own clock (T17), and a wrong name leaves when the right one is posted (1.5).
        if hold.last_day >= today || !self.may_be_collected(card) {
            return self.settle(FindingKind::NeverTold, &id);
        }
        let Some(told_on) = self.case.told_on(hold, today, &self.office.periods) else {
            let detail = format!("the last day was {}, but nobody was told of this hold", hold.last_day);
            return self.find(FindingKind::NeverTold, &id, detail);
        };
        let from = dates::removal_from(hold.last_day, told_on, &self.office.periods, &self.office.calendar);
        let hold = hold.id;
        self.settle(FindingKind::NeverTold, &id);
        if from <= today && self.office.calendar.is_open(today) {
            let custody = Custody::RemovalDue { hold, reason: RemovalReason::Expired, since: today };
            self.change("removal due", id.0, |card: &mut Card| card.custody = custody);
            self.drop_notices(Subject::Hold(hold), &NoticeKind::PICK_UP, "last-day-over");
        }
    }

    /// T13: the copy is gone. Before it was due for that, or of a copy that was not here: destroyed early, which is no
    /// evidence for a fee. Read after the return it precedes, it makes of that return a conflict (T9).
    pub(super) fn destroyed(&mut self, fact: &Fact) {
        let (card, on) = (fact.card(), fact.on());
        if let Custody::Removed { .. } = fact.custody() {
            return self.broke(fact, "it is on file as destroyed already");
        }
        if self.came_back_after(fact) {
            return;
        }
        let promised = self.case.card(card).is_some_and(|card| self.may_be_collected(card));
        let Some(hold) = self.hold_to_end(fact) else { return };
        let (due, expired) = match fact.custody() {
            Custody::RemovalDue { since, reason, .. } => (*since <= on, *reason == RemovalReason::Expired),
            _ => (false, false),
        };
        if !due {
            self.find(FindingKind::DestroyedEarly, &card, DESTROYED_EARLY);
        }
        self.end_hold(hold, Ending::Removed, on);
        let custody = Custody::Removed { on, hold, by: fact.report.by.clone() };
        self.change("destroyed", card.0, |card: &mut Card| card.custody = custody);
        if promised || expired {
            self.notify(NoticeKind::HoldEnded, Subject::Hold(hold), None);
        }
        self.place_kept_return(card, fact.id);
    }

    /// After an undo: a destruction that stands, early or not, is looked at as it was.
    pub(super) fn review_destruction(&mut self, id: CardId) {
        let Some(card) = self.case.card(id) else { return };
        if matches!(card.custody, Custody::Removed { .. }) && self.case.destroyed_when_due(card).is_none() {
            self.find(FindingKind::DestroyedEarly, &id, DESTROYED_EARLY);
        } else {
            self.settle(FindingKind::DestroyedEarly, &id);
        }
    }

    /// The copy on our shelf came after the day on which it is said to have been destroyed.
    fn came_back_after(&mut self, fact: &Fact) -> bool {
        let Some(Hold { id: hold, returned_on, .. }) = fact.before.hold else { return false };
        if !fact.custody().on_shelf() || returned_on <= fact.on() {
            return false;
        }
        self.find(FindingKind::DestructionConflict, &fact.card(), "came back although its destruction is on file");
        if matches!(fact.custody(), Custody::Held { .. }) {
            let custody = Custody::RemovalDue { hold, reason: RemovalReason::Conflict, since: self.today() };
            self.change("removal due", fact.card().0, |card: &mut Card| card.custody = custody);
            self.withdraw_pick_up(Subject::Hold(hold));
        }
        true
    }

    /// Every held copy of the folder with its time on the shelf.
    pub(super) fn held(&self) -> Vec<(CardId, HoldId)> {
        let held = |card: &Card| match card.custody {
            Custody::Held { hold } => Some((card.id, hold)),
            _ => None,
        };
        self.case.cards.iter().filter_map(held).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        input::{DeskFact, Taken},
        notice::NoticeState,
        rules::{
            example::{CARD, Desk, day},
            example_requests::misspelt,
            example_shelf::{COLLECTED, row},
        },
    };

    #[test]
    fn a_told_copy_is_to_be_destroyed_the_day_after_its_last() {
        let mut desk = Desk::held("2025-03-10");
        assert_eq!(desk.last_day(), "2025-09-10");
        for (today, state) in [("2025-09-09", "held"), ("2025-09-10", "held"), ("2025-09-11", "removal_due")] {
            desk.night(today);
            assert_eq!(desk.state_of_card(), state, "{today}");
        }
        desk.changes_nothing(|desk| desk.night("2025-09-11"));
        assert!(desk.case.is_valid(desk.card(), day("2025-09-11")));
    }

    #[test]
    fn nothing_is_destroyed_while_the_office_is_closed() {
        // 12 March 2025 and six months is a Friday.
        let mut desk = Desk::held("2025-03-12");
        assert_eq!(desk.last_day(), "2025-09-12");
        for (today, state) in [("2025-09-13", "held"), ("2025-09-14", "held"), ("2025-09-15", "removal_due")] {
            desk.night(today);
            assert_eq!(desk.state_of_card(), state, "{today}");
        }
    }

    #[test]
    fn who_was_never_told_keeps_the_copy_and_a_finding_says_so() {
        let mut desk = Desk::posted("2025-03-03");
        desk.comes_back("2025-03-10");
        desk.today("2025-09-11");
        desk.work(|work| work.remove_if_over());
        assert_eq!(desk.state_of_card(), "held");
        assert!(desk.finds(FindingKind::NeverTold));
        desk.night("2025-09-12");
        assert_eq!(desk.last_day(), "2025-10-13", "thirty days after the first telling, on an open day");
        assert!(!desk.finds(FindingKind::NeverTold));
    }

    #[test]
    fn whose_only_letter_failed_was_never_told() {
        let mut desk = Desk::held("2025-03-10");
        desk.answered(1, false, "2025-03-13");
        desk.night("2025-09-11");
        assert_eq!(desk.state_of_card(), "held");
        assert!(desk.finds(FindingKind::NeverTold));
        desk.desk_says(DeskFact::Told, "2025-09-12");
        assert!(!desk.finds(FindingKind::NeverTold));
        assert_eq!(desk.last_day(), "2025-10-13");
    }

    #[test]
    fn a_wrong_name_waits_for_the_right_one_and_is_no_finding() {
        let mut desk = Desk::held("2025-03-10");
        desk.ask_row(&misspelt("C1", "Lind", "2025-03-11"));
        desk.night("2025-09-11");
        assert_eq!(desk.state_of_card(), "held");
        assert!(!desk.finds(FindingKind::NeverTold));
    }

    #[test]
    fn a_destruction_when_due_is_evidence_and_is_told() {
        let mut desk = Desk::held("2025-03-10");
        desk.night("2025-09-11");
        let gone = row("D1", DeskFact::Destroyed, "2025-09-11");
        desk.desk_row(&gone);
        assert_eq!((desk.state_of_card(), desk.outcomes()), ("removed", vec!["Removed 2025-09-11".to_owned()]));
        let evidence = desk.case.evidence(CARD, desk.office.today, &desk.office.periods);
        assert_eq!(evidence.posted_on, Some(day("2025-03-03")));
        assert_eq!(evidence.returned_on, Some(day("2025-03-10")));
        assert_eq!(evidence.told_on, Some(day("2025-03-10")));
        assert_eq!(evidence.last_day, Some(day("2025-09-10")));
        assert_eq!(evidence.destroyed_on, Some(day("2025-09-11")));
        assert_eq!(desk.notices(NoticeKind::HoldEnded)[0].state, NoticeState::Wanted);
        assert!(!desk.finds(FindingKind::DestroyedEarly));
        desk.changes_nothing(|desk| assert_eq!(desk.desk_row(&gone), Taken::Duplicate));
    }

    #[test]
    fn a_destruction_before_it_was_due_is_recorded_and_no_evidence() {
        let mut held = Desk::held("2025-03-10");
        held.desk_says(DeskFact::Destroyed, "2025-05-02");
        let mut due_later = Desk::held("2025-03-10");
        due_later.night("2025-09-11");
        due_later.desk_says(DeskFact::Destroyed, "2025-09-10");
        let mut elsewhere = Desk::held("2025-03-10");
        elsewhere.desk_says(COLLECTED, "2025-03-12");
        elsewhere.desk_says(DeskFact::Destroyed, "2025-05-02");
        for desk in [held, due_later, elsewhere] {
            assert_eq!(desk.state_of_card(), "removed");
            assert!(desk.finds(FindingKind::DestroyedEarly));
            assert_eq!(desk.case.evidence(CARD, desk.office.today, &desk.office.periods).destroyed_on, None);
        }
    }

    #[test]
    fn what_is_destroyed_twice_was_destroyed_once() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Destroyed, "2025-05-02");
        desk.desk_says(DeskFact::Destroyed, "2025-05-05");
        assert_eq!(desk.outcomes(), ["Removed 2025-05-02"]);
        assert!(desk.finds(FindingKind::RuleBroken) && desk.finds(FindingKind::DestroyedEarly));
    }

    #[test]
    fn a_destruction_read_after_the_return_that_followed_it_is_a_conflict() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Destroyed, "2025-03-09");
        assert_eq!(desk.removal_reason(CARD), Some("conflict"));
        assert!(desk.finds(FindingKind::DestructionConflict));
        assert_eq!(desk.notices(NoticeKind::PickUpWithdrawn).len(), 1);
        assert_eq!(desk.case.evidence(CARD, desk.office.today, &desk.office.periods).destroyed_on, None);
    }
}
