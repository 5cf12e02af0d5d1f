//! T8, T8b, T9: a copy comes back by post, or arrives at the office on purpose; placed by the day it came.

use chrono::NaiveDate;

use crate::domain::{
    card::Custody,
    casework::Casework,
    event::{EventKind, Received},
    finding::FindingKind,
    hold::{ReturnReason, Words},
    ids::CardId,
    input::{DeskEvent, Returned, Taken},
};

use super::{
    fact::{Fact, Report},
    shelf::{Placed, expects_arrival},
};

/// What became of a return row in the folder it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComeBack {
    /// It is one of this person's copies.
    Taken(Taken),
    /// It fits none, or several: it is an item of the office's own folder, with the reason.
    Unmatched(&'static str),
}

impl Casework<'_> {
    /// Takes in something that came back by post, in the folder of the card or CPR number on it (T8, T9).
    pub fn returned(&mut self, row: &Returned) -> ComeBack {
        let card = match row.card {
            Some(card) => self.printed_copy(card),
            None => self.copy_by_name(&row.name),
        };
        let card = match card {
            Ok(card) => card,
            Err(why) => return ComeBack::Unmatched(why),
        };
        if self.came_already(card, EventKind::Returned, row.returned_on) {
            return ComeBack::Taken(Taken::Duplicate);
        }
        let report = Report {
            card,
            what: EventKind::Returned,
            on: row.returned_on,
            by: String::new(),
            note: row.words.clone(),
            reference: String::new(),
            received: Some(Received { reason: row.reason, site: row.site.clone(), slot: row.slot.clone() }),
        };
        let Some(fact) = self.take_up(report) else { return ComeBack::Taken(Taken::Duplicate) };
        if !row.reason_known && !row.words.is_empty() {
            self.find(FindingKind::ReasonUnknown, &card, "the carrier's words are not in the settings");
        }
        ComeBack::Taken(self.comes_in(fact))
    }

    /// A copy that was posted to the office has arrived (T8b). The row is known by its id, or by its day.
    pub(super) fn arrived(&mut self, row: &DeskEvent) -> Taken {
        if self.came_already(row.card, EventKind::Arrived, row.on) {
            return Taken::Duplicate;
        }
        let mut report = Report::of(row, EventKind::Arrived);
        let received = Received { reason: ReturnReason::OfficeDelivery, site: String::new(), slot: String::new() };
        report.received = Some(received);
        let Some(fact) = self.take_up(report) else { return Taken::Duplicate };
        let out_for_home = matches!(fact.custody(), Custody::Posted { .. } | Custody::InPrint { .. })
            && !self.case.card(row.card).is_some_and(expects_arrival);
        if out_for_home {
            self.broke(&fact, "it was not sent to the office");
        }
        self.comes_in(fact)
    }

    /// The state follows what came in; its day says where it belongs.
    pub(super) fn comes_in(&mut self, mut fact: Fact) -> Taken {
        let (card, on) = (fact.card(), fact.on());
        if fact.custody().never_printed() {
            self.broke(&fact, "it was never printed and posted");
            self.enter(fact);
            return Taken::Applied;
        }
        let placed = self.place(card, on);
        self.doubt_posting(card, on);
        match placed {
            Placed::Evidence | Placed::Kept => {}
            Placed::Found => self.back_on_shelf(card, on),
            Placed::New => {
                if let (Some(received), Custody::Collected { .. }) =
                    (&mut fact.report.received, fact.before.custody.but_for_loss())
                    && matches!(received.reason, ReturnReason::Other | ReturnReason::OfficeDelivery)
                {
                    received.reason = ReturnReason::FoundItem;
                }
                if let Some(received) = fact.report.received.clone() {
                    self.lay_on_shelf(card, on, &received, Words(fact.report.note.clone()));
                }
            }
        }
        self.enter(fact);
        if placed == Placed::Kept { Taken::Duplicate } else { Taken::Applied }
    }

    /// The same return on the same day is the same return, undone or not.
    fn came_already(&self, card: CardId, what: EventKind, on: NaiveDate) -> bool {
        self.case.events.iter().any(|event| event.card == card && event.what == what && event.on == on)
    }

    fn printed_copy(&self, card: CardId) -> Result<CardId, &'static str> {
        match self.case.card(card) {
            None => Err("no card of that number was issued to this person"),
            Some(card) if card.custody.never_printed() => Err("the card of that number was never printed and posted"),
            Some(card) => Ok(card.id),
        }
    }

    /// By CPR number and a name printed on that copy (T9). A destroyed copy is meant only when no other fits.
    fn copy_by_name(&self, name: &str) -> Result<CardId, &'static str> {
        let fitting: Vec<_> = self
            .case
            .cards
            .iter()
            .filter(|card| !card.custody.never_printed() && !matches!(card.custody, Custody::Spoiled { .. }))
            .filter(|card| card.printed.as_ref().is_some_and(|printed| printed.name.reads_like(name)))
            .collect();
        let destroyed = |custody: &Custody| matches!(custody, Custody::Removed { .. });
        let present: Vec<_> = fitting.iter().filter(|card| !destroyed(&card.custody)).collect();
        match (present.as_slice(), fitting.as_slice()) {
            ([card], _) => Ok(card.id),
            ([], [card]) => Ok(card.id),
            ([], []) => Err("no card of this person has that name printed on it"),
            _ => Err("several cards of this person have that name printed on them"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        cpr::Cpr,
        input::DeskFact,
        notice::{NoticeKind, NoticeState},
        rules::{
            example::{CARD, CPR, Desk, day},
            example_requests::{SECOND, misspelt},
            example_shelf::{COLLECTED, SENT, back, row},
        },
    };

    #[test]
    fn a_posted_copy_that_comes_back_is_held_flagged_and_told_of() {
        let mut desk = Desk::posted("2025-03-03");
        assert_eq!(desk.comes_back("2025-08-31"), Taken::Applied);
        let hold = desk.hold();
        assert_eq!((hold.returned_on, hold.hold_until), (day("2025-08-31"), day("2026-03-02")));
        assert_eq!((hold.site.as_str(), hold.slot.as_str()), ("Dokk1", "A1"));
        assert_eq!(hold.words.0, "Navn ikke på postkasse");
        assert_eq!(desk.state_of_card(), "held");
        assert_eq!(desk.case.person.unlabelled_since, Some(day("2025-08-31")));
        assert_eq!(desk.notices(NoticeKind::CardHeld).len(), 1);
        assert!(desk.card().posting.unwrap().evidence);
        desk.changes_nothing(|desk| assert_eq!(desk.comes_back("2025-08-31"), Taken::Duplicate));
    }

    #[test]
    fn another_reason_flags_no_address_and_an_unknown_one_is_a_finding() {
        let mut desk = Desk::posted("2025-03-03");
        let row = Returned {
            reason: ReturnReason::Other,
            reason_known: false,
            words: "Retur af ukendt grund".to_owned(),
            ..back("2025-03-10")
        };
        assert_eq!(desk.return_row(&row), ComeBack::Taken(Taken::Applied));
        assert_eq!(desk.case.person.unlabelled_since, None);
        assert!(desk.finds(FindingKind::ReasonUnknown));
    }

    #[test]
    fn an_unanswered_copy_that_comes_back_was_posted_without_evidence() {
        let mut desk = Desk::in_print("2025-03-03");
        desk.comes_back("2025-03-20");
        assert_eq!(desk.state_of_card(), "held");
        assert_eq!(desk.case.evidence(CARD, desk.office.today, &desk.office.periods).posted_on, None);
        desk.answer(CARD, crate::domain::ids::BatchId(1), "2025-03-05");
        assert!(desk.card().posting.unwrap().evidence, "the answer adds evidence to a copy that is back");
    }

    #[test]
    fn a_return_before_the_posting_on_file_makes_it_no_evidence() {
        let mut desk = Desk::posted("2025-03-10");
        desk.comes_back("2025-03-09");
        assert_eq!(desk.state_of_card(), "held");
        assert!(!desk.card().posting.unwrap().evidence);
        assert!(desk.finds(FindingKind::ReturnedBeforePosting));
        let mut same_day = Desk::posted("2025-03-10");
        same_day.comes_back("2025-03-10");
        assert!(same_day.card().posting.unwrap().evidence);
    }

    #[test]
    fn a_return_up_to_a_collection_is_evidence_and_a_later_one_a_found_item() {
        for (on, state, holds) in
            [("2025-03-19", "collected", 1), ("2025-03-20", "collected", 1), ("2025-03-21", "held", 2)]
        {
            let mut desk = Desk::held("2025-03-10");
            desk.desk_says(COLLECTED, "2025-03-20");
            let row = Returned { reason: ReturnReason::Other, ..back(on) };
            assert_eq!(desk.return_row(&row), ComeBack::Taken(Taken::Applied));
            assert_eq!((desk.state_of_card(), desk.case.holds.len()), (state, holds), "{on}");
            if holds == 2 {
                assert_eq!(desk.hold().reason, ReturnReason::FoundItem);
            }
        }
    }

    #[test]
    fn a_return_up_to_a_sending_is_evidence_and_a_later_one_is_held() {
        for (on, state) in [("2025-03-20", "posted"), ("2025-03-21", "held")] {
            let mut desk = Desk::held("2025-03-10");
            desk.desk_says(SENT, "2025-03-20");
            desk.comes_back(on);
            assert_eq!(desk.state_of_card(), state, "{on}");
        }
    }

    #[test]
    fn a_return_up_to_a_destruction_is_evidence_and_a_later_one_a_conflict() {
        for (on, state) in [("2025-03-20", "removed"), ("2025-03-21", "removal_due")] {
            let mut desk = Desk::held("2025-03-10");
            desk.desk_says(DeskFact::Destroyed, "2025-03-20");
            desk.comes_back(on);
            assert_eq!(desk.state_of_card(), state, "{on}");
            assert_eq!(desk.finds(FindingKind::DestructionConflict), state == "removal_due", "{on}");
        }
    }

    #[test]
    fn a_second_return_of_a_held_copy_is_a_duplicate_whose_date_is_kept() {
        let mut desk = Desk::held("2025-03-10");
        assert_eq!(desk.comes_back("2025-03-20"), Taken::Duplicate);
        assert_eq!(desk.hold().returned_on, day("2025-03-10"));
        assert_eq!(desk.case.events.len(), 2);
    }

    #[test]
    fn a_collection_read_after_two_returns_lies_between_them() {
        let mut desk = Desk::held("2025-03-10");
        desk.comes_back("2025-03-20");
        desk.desk_says(COLLECTED, "2025-03-15");
        assert_eq!(desk.outcomes(), ["Collected 2025-03-15", "open"]);
        assert_eq!(desk.hold().returned_on, day("2025-03-20"));
        assert_eq!(desk.state_of_card(), "held");
        assert_eq!(desk.hold().first_told, None, "a new hold is told of anew");
        assert_eq!(desk.notices(NoticeKind::CardHeld).len(), 2);
    }

    #[test]
    fn a_sending_on_the_day_of_the_second_return_leaves_it_evidence() {
        let mut desk = Desk::held("2025-03-10");
        desk.comes_back("2025-03-20");
        desk.desk_says(SENT, "2025-03-20");
        assert_eq!(desk.outcomes(), ["SentAgain 2025-03-20"]);
    }

    #[test]
    fn a_copy_that_was_superseded_is_destroyed_without_notice_or_flag() {
        let mut desk = Desk::posted("2025-03-03");
        desk.ask_row(&misspelt("C1", "Lind", "2025-03-05"));
        desk.queue_all();
        desk.print_and_post(SECOND, 2, "2025-03-07");
        desk.comes_back("2025-03-10");
        assert_eq!(desk.removal_reason(CARD), Some("superseded"));
        assert_eq!(desk.notices(NoticeKind::CardHeld).len(), 0);
        assert_eq!(desk.case.person.unlabelled_since, None);
    }

    #[test]
    fn a_lost_copy_counts_again_until_its_successor_is_ordered() {
        use crate::domain::card::Cause;
        let mut desk = Desk::since_posting();
        desk.ask("A1", Cause::NeverArrived, "2025-03-10");
        desk.queue_all();
        assert_eq!(desk.state_of_card(), "lost");
        let mut ordered = Desk::since_posting();
        ordered.ask("A1", Cause::NeverArrived, "2025-03-10");
        ordered.queue_all();
        ordered.work(|work| work.print_queued_cards(crate::domain::ids::BatchId(2)));
        desk.comes_back("2025-03-12");
        ordered.comes_back("2025-03-12");
        assert_eq!((desk.state_of_card(), desk.removal_reason(CARD)), ("held", None));
        assert_eq!(ordered.removal_reason(CARD), Some("superseded"));
        assert_eq!(ordered.notices(NoticeKind::CardHeld).len(), 0);
    }

    #[test]
    fn a_wrong_name_in_print_is_intercepted_and_one_that_is_out_is_held_untold() {
        let mut in_print = Desk::in_print("2025-03-03");
        in_print.ask_row(&misspelt("C1", "Lind", "2025-03-05"));
        in_print.queue_all();
        in_print.comes_back("2025-03-10");
        assert_eq!(in_print.removal_reason(CARD), Some("intercepted"));
        let mut out = Desk::posted("2025-03-03");
        out.ask_row(&misspelt("C1", "Lind", "2025-03-05"));
        out.queue_all();
        out.comes_back("2025-03-10");
        assert_eq!(out.state_of_card(), "held");
        assert!(out.notices(NoticeKind::CardHeld).is_empty());
    }

    #[test]
    fn without_a_card_id_the_name_printed_on_it_finds_the_copy() {
        let by_name = |name: &str| Returned {
            card: None,
            cpr: Cpr::parse(CPR).ok(),
            name: name.to_owned(),
            ..back("2025-03-10")
        };
        let mut desk = Desk::posted("2025-03-03");
        assert!(matches!(desk.return_row(&by_name("Maja Holm")), ComeBack::Unmatched(_)));
        assert_eq!(desk.return_row(&by_name("MAJA  lund")), ComeBack::Taken(Taken::Applied));
        let mut two = Desk::since_posting();
        two.ask("A1", crate::domain::card::Cause::NeverArrived, "2025-03-10");
        two.queue_all();
        two.print_and_post(SECOND, 2, "2025-03-12");
        assert!(matches!(two.return_row(&by_name("Maja Lund")), ComeBack::Unmatched(_)));
    }

    #[test]
    fn a_card_that_was_never_printed_does_not_come_back() {
        let mut desk = Desk::registered("2025-03-03");
        assert!(matches!(desk.return_row(&back("2025-03-10")), ComeBack::Unmatched(_)));
    }

    #[test]
    fn what_was_posted_to_the_office_arrives_and_is_ready() {
        let mut desk = Desk::posted_to_office("2025-03-03");
        let arrived = row("D1", DeskFact::Arrived, "2025-03-05");
        assert_eq!(desk.desk_row(&arrived), Taken::Applied);
        assert_eq!((desk.state_of_card(), desk.hold().reason), ("held", ReturnReason::OfficeDelivery));
        assert_eq!(desk.notices(NoticeKind::CardReady).len(), 1);
        assert!(!desk.finds(FindingKind::RuleBroken));
        desk.changes_nothing(|desk| assert_eq!(desk.desk_row(&arrived), Taken::Duplicate));
    }

    #[test]
    fn what_was_posted_home_and_arrives_breaks_a_rule_and_is_held() {
        let mut desk = Desk::posted("2025-03-03");
        desk.desk_says(DeskFact::Arrived, "2025-03-05");
        assert_eq!(desk.state_of_card(), "held");
        assert!(desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn a_missing_copy_that_comes_back_is_found() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Missing, "2025-03-20");
        desk.comes_back("2025-03-25");
        assert_eq!((desk.state_of_card(), desk.case.holds.len()), ("held", 1));
        assert!(!desk.finds(FindingKind::Missing));
        assert!(matches!(desk.notices(NoticeKind::CardHeld)[0].state, NoticeState::Exported { .. }));
    }
}
