//! T10: a copy is handed out at the desk.

use crate::domain::{
    card::{Card, Collector, Custody, RemovalReason},
    case::Validity,
    casework::Casework,
    hold::Ending,
    person::Person,
};

use super::fact::Fact;

impl Casework<'_> {
    /// The copy is in the citizen's hands. It should have been held and count on that day, under its right name; a copy
    /// posted to the office arrives by being collected (T8b).
    pub(super) fn collected(&mut self, fact: &Fact, collector: Collector, postbox_labelled: bool) {
        let (card, on) = (fact.card(), fact.on());
        let Some(hold) = self.hold_to_end(fact) else { return };
        if let Some(rule) = self.not_to_be_handed_out(fact) {
            self.broke(fact, rule);
        }
        self.end_hold(hold, Ending::Collected, on);
        let custody = Custody::Collected { on, hold, by: collector };
        self.change("collected", card.0, |card: &mut Card| card.custody = custody);
        if postbox_labelled {
            self.clear_address();
        }
        self.collection_wins(card);
        self.place_kept_return(card, fact.id);
    }

    fn not_to_be_handed_out(&self, fact: &Fact) -> Option<&'static str> {
        let card = self.case.card(fact.card())?;
        match &card.custody {
            Custody::RemovalDue { reason: RemovalReason::Intercepted, .. } => Some("it carries a wrong name"),
            Custody::RemovalDue { reason: RemovalReason::Conflict, .. } => Some("it is on file as destroyed"),
            Custody::Missing { .. } => Some("it was missing here"),
            _ if self.case.carries_wrong_name(card.id) => Some("it carries a wrong name"),
            _ => match self.validity_here(card, fact.on()) {
                Validity::Valid => None,
                Validity::NotEntitled => Some("nobody entitled to it was registered that day"),
                Validity::Custody | Validity::OtherStay | Validity::Superseded => Some("it does not count any more"),
            },
        }
    }

    /// The desk says that the postbox carries the name now.
    pub(super) fn clear_address(&mut self) {
        let person = self.case.id();
        self.change("postbox labelled", person.0, |person: &mut Person| person.unlabelled_since = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::FindingKind,
        input::{DeskFact, Taken},
        notice::{NoticeKind, NoticeState},
        rules::{
            example::{CARD, Desk, day},
            example_requests::{FEE, SECOND, misspelt},
            example_shelf::{COLLECTED, row},
        },
    };

    #[test]
    fn a_held_copy_is_handed_out_and_nobody_is_asked_to_come() {
        let mut desk = Desk::posted("2025-03-03");
        desk.comes_back("2025-03-10");
        let fetched = row("D1", COLLECTED, "2025-03-11");
        assert_eq!(desk.desk_row(&fetched), Taken::Applied);
        assert_eq!((desk.state_of_card(), desk.outcomes()), ("collected", vec!["Collected 2025-03-11".to_owned()]));
        assert!(matches!(desk.notices(NoticeKind::CardHeld)[0].state, NoticeState::Dropped { .. }));
        assert!(!desk.finds(FindingKind::RuleBroken));
        desk.changes_nothing(|desk| assert_eq!(desk.desk_row(&fetched), Taken::Duplicate));
        desk.changes_nothing(|desk| assert_eq!(desk.desk_says(COLLECTED, "2025-03-11"), Taken::Duplicate));
    }

    #[test]
    fn the_address_is_cleared_when_the_desk_says_that_the_postbox_is_labelled() {
        let mut desk = Desk::held("2025-03-10");
        let mut other = Desk::held("2025-03-10");
        let labelled = DeskFact::Collected {
            collector: Collector::Guardian,
            identified_by: "passport".to_owned(),
            postbox_labelled: true,
        };
        desk.desk_says(labelled, "2025-03-12");
        other.desk_says(COLLECTED, "2025-03-12");
        assert_eq!(desk.case.person.unlabelled_since, None);
        assert_eq!(other.case.person.unlabelled_since, Some(day("2025-03-10")));
        assert_eq!(desk.case.events.last().unwrap().note.0, "identified by passport");
    }

    #[test]
    fn a_copy_over_its_last_day_is_still_handed_out() {
        let mut desk = Desk::held("2025-03-10");
        desk.night("2025-09-11");
        assert_eq!(desk.removal_reason(CARD), Some("expired"));
        desk.desk_says(COLLECTED, "2025-09-12");
        assert_eq!(desk.state_of_card(), "collected");
        assert!(!desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn a_wrong_name_is_not_to_be_handed_out_but_was() {
        let mut desk = Desk::held("2025-03-10");
        desk.ask_row(&misspelt("C1", "Lind", "2025-03-11"));
        desk.queue_all();
        desk.desk_says(COLLECTED, "2025-03-12");
        assert_eq!(desk.state_of_card(), "collected");
        assert!(desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn a_copy_posted_to_the_office_arrives_by_being_collected() {
        let mut desk = Desk::posted_to_office("2025-03-03");
        desk.desk_says(COLLECTED, "2025-03-06");
        assert_eq!(desk.outcomes(), ["Collected 2025-03-06"]);
        assert!(!desk.finds(FindingKind::RuleBroken));
        let mut home = Desk::posted("2025-03-03");
        home.desk_says(COLLECTED, "2025-03-06");
        assert_eq!(home.outcomes(), ["Collected 2025-03-06"]);
        assert!(home.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn a_lost_copy_whose_successor_is_printed_stays_stopped() {
        let mut desk = Desk::since_posting();
        desk.ask("A1", crate::domain::card::Cause::NeverArrived, "2025-03-10");
        desk.queue_all();
        desk.print_and_post(SECOND, 2, "2025-03-12");
        desk.desk_says(COLLECTED, "2025-03-14");
        assert_eq!((desk.state_of_card(), desk.case.holds.len()), ("lost", 0));
        assert!(desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn collection_wins_over_a_paid_card_that_is_not_printed() {
        let mut desk = Desk::since_posting();
        desk.ask("A1", crate::domain::card::Cause::Lost, "2025-03-10");
        desk.pay("B1", "A1", FEE, "2025-03-11");
        desk.queue_all();
        desk.comes_back("2025-03-12");
        desk.desk_says(COLLECTED, "2025-03-12");
        assert_eq!((desk.state_of_card(), desk.custody(SECOND)), ("collected", "cancelled"));
        assert_eq!(desk.refunds().len(), 1);
    }

    #[test]
    fn a_collection_before_the_copy_came_changes_nothing_but_the_file() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(COLLECTED, "2025-03-09");
        assert_eq!((desk.state_of_card(), desk.outcomes()), ("held", vec!["open".to_owned()]));
        assert!(desk.finds(FindingKind::RuleBroken));
        assert_eq!(desk.case.events.len(), 2);
    }

    #[test]
    fn what_was_never_printed_is_not_handed_out() {
        let mut desk = Desk::registered("2025-03-03");
        desk.desk_says(COLLECTED, "2025-03-09");
        assert_eq!((desk.state_of_card(), desk.case.holds.len()), ("planned", 0));
        assert!(desk.finds(FindingKind::RuleBroken));
    }
}
