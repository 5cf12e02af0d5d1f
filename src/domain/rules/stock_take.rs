//! T15, T16: a copy is not on the shelf where it should be, is found again, or is reported lost by the citizen.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Cause, Custody, RemovalReason},
    casework::Casework,
    event::{EventKind, Received},
    finding::FindingKind,
    hold::{Ending, Hold, ReturnReason},
    ids::CardId,
    input::{DeskEvent, Taken},
};

use super::fact::{Fact, Report};

impl Casework<'_> {
    /// T15: the copy should be on our shelf and is not.
    pub(super) fn missed(&mut self, fact: &Fact) {
        let (card, on) = (fact.card(), fact.on());
        let (true, Some(hold)) = (fact.custody().on_shelf(), &fact.before.hold) else {
            return self.broke(fact, "it was not on our shelf");
        };
        if on < hold.returned_on {
            return self.broke(fact, "the copy came to us later than that");
        }
        self.end_hold(hold.id, Ending::Missing, on);
        let was = Box::new(fact.custody().clone());
        self.change("missing", card.0, |card: &mut Card| card.custody = Custody::Missing { on, was });
        self.find(FindingKind::Missing, &card, "not on the shelf where it should be");
    }

    /// T15: a missing copy is on the shelf after all; T16: a lost one turned up. Any other that is found here came here
    /// unseen.
    pub(super) fn found(&mut self, row: &DeskEvent) -> Taken {
        let mut report = Report::of(row, EventKind::Found);
        let received = Received { reason: ReturnReason::FoundItem, site: String::new(), slot: String::new() };
        report.received = Some(received);
        let Some(fact) = self.take_up(report) else { return Taken::Duplicate };
        let (card, on) = (fact.card(), fact.on());
        match fact.custody() {
            Custody::Held { .. } | Custody::RemovalDue { .. } => {}
            Custody::Missing { .. } => self.back_on_shelf(card, on),
            Custody::Lost { .. } => {
                if !self.revive(card) {
                    self.broke(&fact, "it stays stopped: another one is printed");
                }
            }
            _ => {
                self.broke(&fact, "it was not missing here");
                return self.comes_in(fact);
            }
        }
        self.enter(fact);
        Taken::Applied
    }

    /// A missing copy is back in its state, held again where it was over its last day; stopped where a newer one took
    /// over meanwhile (T15).
    pub(super) fn back_on_shelf(&mut self, id: CardId, on: NaiveDate) {
        let Some(card) = self.case.card(id) else { return };
        let Custody::Missing { was, .. } = &card.custody else { return };
        let (was, superseded, since) = ((**was).clone(), card.superseded.is_some(), self.today());
        let Some(hold) = was.hold() else { return };
        self.settle(FindingKind::Missing, &id);
        match was {
            Custody::Held { .. } | Custody::RemovalDue { reason: RemovalReason::Expired, .. } if !superseded => {
                self.hold_again(id, hold, on);
            }
            Custody::Held { .. } | Custody::RemovalDue { reason: RemovalReason::Expired, .. } => {
                let custody = Custody::RemovalDue { hold, reason: RemovalReason::Superseded, since };
                self.back(id, custody);
            }
            was => self.back(id, was),
        }
    }

    fn back(&mut self, id: CardId, custody: Custody) {
        if let Some(hold) = custody.hold() {
            self.change("found", hold.0, |hold: &mut Hold| hold.outcome = None);
        }
        self.change("found", id.0, |card: &mut Card| card.custody = custody);
    }

    /// T16: the citizen has not got the copy. One that is on our shelf, came to it later or was sent later
    /// is not lost.
    pub(super) fn reported_lost(&mut self, fact: &Fact, how: Cause) {
        let came_later = fact.before.hold.as_ref().is_some_and(|hold| fact.on() < hold.returned_on);
        let sent_later = matches!(fact.custody(), Custody::Posted { on, .. } if fact.on() < *on);
        if came_later || sent_later || self.stop(fact.card(), how, fact.on()) {
            return;
        }
        if !fact.custody().on_shelf() && !matches!(fact.custody(), Custody::Missing { .. }) {
            self.broke(fact, "it was not with the citizen");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        input::DeskFact,
        notice::NoticeKind,
        rules::{
            example::{CARD, Desk, day},
            example_requests::{SECOND, misspelt},
            example_shelf::{COLLECTED, SENT, row},
        },
    };

    #[test]
    fn a_held_copy_is_missing_and_found_with_two_weeks_at_least() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Missing, "2025-09-02");
        assert_eq!((desk.state_of_card(), desk.outcomes()), ("missing", vec!["Missing 2025-09-02".to_owned()]));
        assert!(desk.finds(FindingKind::Missing));
        desk.changes_nothing(|desk| desk.night("2025-09-11"));
        desk.desk_says(DeskFact::Found, "2025-09-15");
        assert_eq!((desk.state_of_card(), desk.last_day().as_str()), ("held", "2025-09-29"));
        assert_eq!(desk.outcomes(), ["open"]);
        assert!(!desk.finds(FindingKind::Missing));
        assert_eq!(desk.notices(NoticeKind::LastDayMoved).len(), 1);
    }

    #[test]
    fn a_copy_that_went_missing_untold_is_told_of_when_found() {
        let mut desk = Desk::posted("2025-03-03");
        desk.comes_back("2025-03-10");
        desk.desk_says(DeskFact::Missing, "2025-03-10");
        desk.night("2025-03-10");
        assert_eq!(desk.hold().first_told, None, "nobody is asked to come for what is not here");
        desk.desk_says(DeskFact::Found, "2025-03-11");
        desk.night("2025-03-11");
        assert_eq!(desk.hold().first_told, Some(day("2025-03-11")));
    }

    #[test]
    fn a_copy_to_be_destroyed_that_was_missing_is_held_when_found() {
        let mut desk = Desk::held("2025-03-10");
        desk.night("2025-09-11");
        desk.desk_says(DeskFact::Missing, "2025-09-12");
        desk.desk_says(DeskFact::Found, "2025-09-15");
        assert_eq!((desk.state_of_card(), desk.last_day().as_str()), ("held", "2025-09-29"));
    }

    #[test]
    fn a_copy_whose_successor_was_posted_meanwhile_is_to_be_destroyed_when_found() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Missing, "2025-03-12");
        desk.ask_row(&misspelt("C1", "Lind", "2025-03-13"));
        desk.queue_all();
        desk.print_and_post(SECOND, 2, "2025-03-14");
        desk.desk_says(DeskFact::Found, "2025-03-17");
        assert_eq!(desk.removal_reason(CARD), Some("superseded"));
        assert_eq!(desk.outcomes(), ["open"]);
    }

    #[test]
    fn what_is_not_here_cannot_be_missing() {
        let mut desk = Desk::posted("2025-03-03");
        desk.desk_says(DeskFact::Missing, "2025-03-12");
        assert_eq!(desk.state_of_card(), "posted");
        assert!(desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn a_copy_that_is_found_here_against_the_file_is_held() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(COLLECTED, "2025-03-12");
        desk.desk_says(DeskFact::Found, "2025-03-14");
        assert_eq!((desk.state_of_card(), desk.hold().reason), ("held", ReturnReason::FoundItem));
        assert!(desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn a_lost_copy_stops_and_counts_again_when_it_turns_up() {
        let mut desk = Desk::posted("2025-03-03");
        desk.desk_says(DeskFact::ReportedLost, "2025-03-12");
        assert_eq!(desk.state_of_card(), "lost");
        assert!(!desk.case.is_valid(desk.card(), day("2025-03-12")));
        desk.desk_says(DeskFact::Found, "2025-03-14");
        assert_eq!(desk.state_of_card(), "posted");
        assert!(desk.case.is_valid(desk.card(), day("2025-03-14")));
    }

    #[test]
    fn a_copy_on_our_shelf_cannot_be_reported_lost() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::ReportedLost, "2025-03-12");
        assert_eq!(desk.state_of_card(), "held");
        assert!(desk.finds(FindingKind::LostWhileHeld));
        let refused = desk.work(|work| work.lost(&row("", DeskFact::ReportedLost, "2025-03-12"))).unwrap_err();
        assert_eq!(refused.to_string(), "lost K13 (held): it came back to us");
        desk.desk_says(COLLECTED, "2025-03-13");
        assert!(!desk.finds(FindingKind::LostWhileHeld));
    }

    #[test]
    fn a_loss_before_the_copy_came_or_was_sent_is_explained() {
        let mut came = Desk::held("2025-03-10");
        came.desk_says(DeskFact::ReportedLost, "2025-03-09");
        let mut sent = Desk::held("2025-03-10");
        sent.desk_says(SENT, "2025-03-12");
        sent.desk_says(DeskFact::ReportedLost, "2025-03-11");
        assert_eq!((came.state_of_card(), sent.state_of_card()), ("held", "posted"));
        assert!(!came.finds(FindingKind::LostWhileHeld) && !sent.finds(FindingKind::RuleBroken));
    }
}
