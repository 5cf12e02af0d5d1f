//! 1.5: a name put right, by where the original is. Unprinted: what will be printed is corrected. Printed: a free new
//! copy, and the original is not handed out.

use crate::domain::{
    card::{Card, Cause, Custody, RemovalReason},
    casework::Casework,
    finding::FindingKind,
    ground::Ground,
    ids::{CardId, RequestId},
    notice::{NoticeKind, Subject},
    person::Name,
    request::RequestKind,
    rules::replace::is_free,
};

impl Casework<'_> {
    /// A correction is free; one that equals what was ordered and printed has nothing to correct. A replacement that waits
    /// for its fee becomes free with it: one card serves both.
    pub(super) fn correction_wished(&mut self, id: RequestId, original: CardId) {
        let Some(request) = self.case.request(id) else { return };
        if self.nothing_to_correct(request.cause, &request.wish.name, original) {
            self.refuse(id, Ground::NothingToCorrect);
        } else {
            if request.cause == Cause::Misprint {
                self.find(FindingKind::Misprint, &original, "printed otherwise than ordered");
            }
            self.decide_fee(id);
        }
        self.evidence_changed();
    }

    /// Compares with what the newest copy carries, or will carry. A misprint is right in the order, so only a printed copy
    /// can have one.
    pub(super) fn nothing_to_correct(&self, cause: Cause, wished: &Name, original: CardId) -> bool {
        let Some(newest) = self.case.card(self.case.newest_of(original)) else { return true };
        let printed = newest.printed.as_ref().filter(|_| !newest.custody.unprinted());
        match cause {
            Cause::Misprint => newest.custody.unprinted(),
            _ => wished == printed.map_or(self.case.person.name(), |printed| &printed.name),
        }
    }

    /// Every correction that is decided gets its card: the unprinted one with the right name, or a new one. The original
    /// in print is intercepted, one on our shelf is not handed out.
    pub fn queue_corrections(&mut self) {
        for id in self.open_ones(RequestKind::NameCorrection) {
            let Some(request) = self.case.request(id).filter(|request| is_free(request)) else { continue };
            let Some(original) = request.card else { continue };
            self.queue(id, original);
            self.keep_back(original);
            if self.case.request(id).is_some_and(|request| request.successor != Some(original)) {
                self.notify(NoticeKind::CorrectedCardUnderWay, Subject::Request(id), None);
            }
        }
        self.compare_printed_name();
        self.issue_due_cards();
    }

    fn keep_back(&mut self, original: CardId) {
        let Some(custody) = self.case.card(original).map(|card| card.custody.clone()) else { return };
        let today = self.today();
        match custody {
            Custody::InPrint { .. } => self.change("intercepted", original.0, |card: &mut Card| {
                card.intercept_since.get_or_insert(today);
            }),
            Custody::Held { hold } | Custody::RemovalDue { hold, .. } => self.withdraw_pick_up(Subject::Hold(hold)),
            _ => {}
        }
    }

    /// The correction was given up: the name on the copy stands, and nothing holds it back any more. Who was told not to
    /// come for it is told that it counts again.
    pub(super) fn name_stands(&mut self, original: CardId) {
        if self.case.carries_wrong_name(original) {
            return;
        }
        let Some(custody) = self.case.card(original).map(|card| card.custody.clone()) else { return };
        self.change("no longer intercepted", original.0, |card: &mut Card| card.intercept_since = None);
        if let Custody::RemovalDue { hold, reason: RemovalReason::Intercepted, .. } = custody {
            self.hold_again(original, hold, self.today());
        }
        if let Some(hold) = custody.hold().filter(|_| self.lies_here(original)) {
            self.drop_notices(Subject::Hold(hold), &[NoticeKind::PickUpWithdrawn], "valid-again");
            self.notify(NoticeKind::CardValidAgain, Subject::Card(original), Some(self.today()));
            self.tell_of_holds();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::ProducerOutcome,
        ids::BatchId,
        input::{ProducerAnswer, RequestRow},
        notice::NoticeState,
        request::{Decision, RequestState},
        rules::{
            example::{CARD, Desk, day},
            example_requests::{SECOND, misspelt, wish},
        },
    };

    const THIRD: CardId = CardId(3);

    fn printed_surname(desk: &Desk, card: CardId) -> String {
        desk.case.card(card).unwrap().printed.as_ref().unwrap().name.surname.clone()
    }

    #[test]
    fn what_is_not_printed_yet_is_corrected_without_a_second_card() {
        let mut desk = Desk::registered("2025-03-03");
        let id = desk.ask_row(&misspelt("A1", "Lundh", "2025-03-04"));
        desk.office.today = day("2025-03-17");
        desk.work(|work| work.issue_due_cards());
        assert_eq!(desk.custody(CARD), "planned", "a wrong name never leaves");
        desk.queue_all();
        assert_eq!((desk.case.cards.len(), desk.custody(CARD)), (1, "queued"));
        assert!(desk.notices(NoticeKind::CorrectedCardUnderWay).is_empty(), "there is no other card");
        assert!(!desk.finds(FindingKind::CorrectionUndecided));
        desk.print_and_post(CARD, 1, "2025-03-18");
        assert_eq!(printed_surname(&desk, CARD), "Lundh");
        assert_eq!(*desk.state(id), RequestState::Fulfilled { on: day("2025-03-18") });
        assert!(!desk.case.carries_wrong_name(CARD));
    }

    #[test]
    fn a_withdrawn_correction_leaves_the_planned_card_with_the_old_name() {
        let mut desk = Desk::registered("2025-03-03");
        desk.ask_row(&misspelt("A1", "Lundh", "2025-03-04"));
        desk.queue_all();
        desk.withdraw("A1", "2025-03-05");
        desk.print("2025-03-17");
        assert_eq!(printed_surname(&desk, CARD), "Lund");
    }

    #[test]
    fn the_original_in_print_is_intercepted() {
        let mut desk = Desk::in_print("2025-03-03");
        desk.ask_row(&misspelt("A1", "Lundh", "2025-03-04"));
        desk.queue_all();
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("in_print", "queued"));
        assert_eq!(desk.card().intercept_since, Some(day("2025-03-04")));
        desk.withdraw("A1", "2025-03-05");
        assert_eq!((desk.card().intercept_since, desk.custody(SECOND)), (None, "cancelled"));
    }

    #[test]
    fn an_intercepted_copy_that_is_never_made_gives_way_to_the_corrected_one() {
        for outcome in [ProducerOutcome::Refused, ProducerOutcome::Spoiled] {
            let mut desk = Desk::in_print("2025-03-03");
            desk.ask_row(&misspelt("A1", "Lundh", "2025-03-04"));
            desk.queue_all();
            let row = ProducerAnswer { batch: BatchId(1), card: CARD, outcome, on: day("2025-03-05") };
            desk.work(|work| work.answered(&row)).unwrap();
            desk.queue_all();
            assert_eq!(desk.case.cards.len(), 2, "{outcome:?}");
            assert!(!desk.card().custody.unprinted());
            desk.print_and_post(SECOND, 2, "2025-03-09");
            assert_eq!(printed_surname(&desk, SECOND), "Lundh");
        }
    }

    #[test]
    fn a_posted_original_counts_until_the_corrected_one_is_posted() {
        let mut desk = Desk::since_posting();
        let id = desk.ask_row(&misspelt("A1", "Lundh", "2025-04-01"));
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::MisspeltByUs });
        desk.queue_all();
        assert_eq!(desk.notices(NoticeKind::CorrectedCardUnderWay).len(), 1);
        assert!(desk.case.is_valid(desk.card(), day("2025-04-01")));
        desk.changes_nothing(Desk::queue_all);
        desk.print_and_post(SECOND, 2, "2025-04-05");
        assert!(!desk.case.is_valid(desk.card(), day("2025-04-05")));
        assert_eq!(desk.state(id).code(), "fulfilled");
    }

    #[test]
    fn a_held_original_is_not_handed_out() {
        let mut desk = Desk::since_posting();
        desk.come_back("2025-04-01");
        let hold = desk.hold().id;
        desk.ask_row(&misspelt("A1", "Lundh", "2025-04-01"));
        desk.queue_all();
        assert!(desk.case.carries_wrong_name(CARD));
        assert!(matches!(desk.notices(NoticeKind::CardHeld)[0].state, NoticeState::Dropped { .. }));
        desk.print_and_post(SECOND, 2, "2025-04-05");
        let reason = RemovalReason::Superseded;
        assert_eq!(desk.card().custody, Custody::RemovalDue { hold, reason, since: day("2025-04-05") });
    }

    #[test]
    fn a_held_original_is_handed_out_again_when_its_correction_is_withdrawn() {
        let mut desk = Desk::since_posting();
        desk.come_back("2025-04-01");
        desk.ask_row(&misspelt("A1", "Lundh", "2025-04-01"));
        desk.queue_all();
        desk.withdraw("A1", "2025-04-02");
        assert!(!desk.case.carries_wrong_name(CARD));
        assert_eq!(desk.notices(NoticeKind::CardValidAgain).len(), 1);
    }

    #[test]
    fn an_intercepted_copy_on_our_shelf_is_held_again_when_its_correction_is_withdrawn() {
        let mut desk = Desk::in_print("2025-03-03");
        desk.ask_row(&misspelt("A1", "Lundh", "2025-03-04"));
        desk.queue_all();
        desk.come_back("2025-03-10");
        let (hold, since) = (desk.hold().id, day("2025-03-10"));
        assert_eq!(desk.card().custody, Custody::RemovalDue { hold, reason: RemovalReason::Intercepted, since });
        desk.withdraw("A1", "2025-03-10");
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("held", "cancelled"));
        assert_eq!(desk.notices(NoticeKind::CardHeld).len(), 1);
    }

    #[test]
    fn the_newest_correction_before_print_wins_with_one_card() {
        let mut desk = Desk::since_posting();
        let first = desk.ask_row(&misspelt("A1", "Lundh", "2025-04-01"));
        desk.queue_all();
        desk.ask_row(&misspelt("A2", "Lunde", "2025-04-02"));
        desk.ask_row(&misspelt("A3", "Lunding", "2025-04-02"));
        desk.queue_all();
        assert_eq!(desk.state(first).code(), "withdrawn");
        let unprinted: Vec<_> = desk.case.cards.iter().filter(|card| card.custody.unprinted()).collect();
        assert_eq!(unprinted.len(), 1);
        let newest = unprinted[0].id;
        desk.print_and_post(newest, 2, "2025-04-05");
        assert_eq!(printed_surname(&desk, newest), "Lunding");
        assert_eq!(desk.card().superseded.unwrap().by, newest);
    }

    #[test]
    fn a_newer_correction_after_print_makes_a_third_card() {
        let mut desk = Desk::since_posting();
        desk.ask_row(&misspelt("A1", "Lundh", "2025-04-01"));
        desk.queue_all();
        desk.work(|work| work.print_queued_cards(BatchId(2)));
        desk.ask_row(&misspelt("A2", "Lunde", "2025-04-02"));
        desk.queue_all();
        assert!(desk.case.card(SECOND).unwrap().intercept_since.is_some());
        assert_eq!(desk.case.card(THIRD).unwrap().replaces, Some(SECOND));
    }

    #[test]
    fn the_name_that_is_printed_already_is_refused() {
        let mut desk = Desk::since_posting();
        let id = desk.ask_row(&misspelt("A1", "Lund", "2025-04-01"));
        assert_eq!(*desk.state(id), RequestState::Refused { on: day("2025-04-01"), why: Ground::NothingToCorrect });
        desk.ask_row(&misspelt("A2", "Lundh", "2025-04-01"));
        desk.queue_all();
        let again = desk.ask_row(&misspelt("A3", "Lundh", "2025-04-02"));
        assert_eq!(desk.state(again).code(), "refused", "it is under way");
        assert_eq!(desk.custody(SECOND), "queued");
        let back = desk.ask_row(&misspelt("A4", "Lund", "2025-04-03"));
        assert_eq!((desk.state(back).code(), desk.custody(SECOND)), ("refused", "cancelled"));
        assert_eq!(desk.case.person.name().surname, "Lund");
    }

    #[test]
    fn a_misprint_is_free_and_a_finding() {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Misprint, "2025-04-01");
        assert_eq!(*desk.decision(id), Decision::Free { ground: Ground::Misprint });
        assert!(desk.finds(FindingKind::Misprint));
        desk.queue_all();
        assert_eq!(desk.case.card(SECOND).unwrap().cause, Cause::Misprint);
        let mut desk = Desk::registered("2025-03-03");
        let id = desk.ask_row(&RequestRow { ..wish("A1", Cause::Misprint, "2025-03-04") });
        assert_eq!(desk.state(id).code(), "refused", "nothing is printed yet");
    }
}
