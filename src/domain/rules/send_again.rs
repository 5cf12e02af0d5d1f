//! T11: a held copy is put in the post once more.

use crate::domain::{
    card::{Card, Custody, Delivery},
    casework::Casework,
    hold::{Ending, ReturnReason},
    ids::CardId,
    notice::{NoticeKind, Subject},
};

use super::fact::Fact;

/// What the desk knows of the address it sends to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending {
    /// A c/o name is given.
    pub(super) care_of: bool,
    /// The postbox carries the name now, or the citizen confirmed the address.
    pub(super) confirmed: bool,
}

impl Casework<'_> {
    /// The copy is on its way again; what was wrong with that is a finding.
    pub(super) fn sent_again(&mut self, fact: &Fact, sending: Sending) {
        let (card, on) = (fact.card(), fact.on());
        let Some(hold) = self.hold_to_end(fact) else { return };
        if let Some((_, rule)) = self.not_to_be_sent(card, sending) {
            self.broke(fact, rule);
        }
        self.end_hold(hold, Ending::SentAgain, on);
        self.change("sent again", card.0, |card: &mut Card| {
            card.custody = Custody::Posted { on, to: Delivery::Home };
            card.mailings = card.mailings.saturating_add(1);
        });
        if sending.confirmed {
            self.clear_address();
        }
        self.notify(NoticeKind::CardSentAgain, Subject::Hold(hold), None);
        self.place_kept_return(card, fact.id);
    }

    /// Why the copy may not be put in the post, as a code and in words.
    pub(super) fn not_to_be_sent(&self, id: CardId, sending: Sending) -> Option<(&'static str, &'static str)> {
        let card = self.case.card(id)?;
        let Custody::Held { hold } = card.custody else { return Some(("not-held", "it is not held here")) };
        if !self.case.is_valid(card, self.today()) {
            return Some(("not-valid", "it does not count any more"));
        }
        if self.case.carries_wrong_name(id) {
            return Some(("wrong-name", "it carries a wrong name"));
        }
        if card.mailings >= self.office.periods.mailings {
            return Some(("mailed-often-enough", "it came back too often and is for pick-up"));
        }
        if !self.case.person.data.register.address.is_present() {
            return Some(("no-address", "the register has no address to send it to"));
        }
        if sending.care_of || sending.confirmed {
            return None;
        }
        if self.case.person.unlabelled_since.is_some() {
            return Some(("postbox-unlabelled", "the postbox does not carry the name and no c/o is given"));
        }
        let reason = self.case.hold(hold)?.reason;
        matches!(reason, ReturnReason::Moved | ReturnReason::Unknown | ReturnReason::Refused)
            .then_some(("address-unconfirmed", "the citizen has not confirmed the address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::FindingKind,
        input::{DeskFact, Taken},
        rules::{
            example::{CARD, Desk, day},
            example_requests::misspelt,
            example_shelf::{COLLECTED, SENT, back, row},
        },
    };

    const CLOSED_EYES: DeskFact = DeskFact::SentAgain { co_name: String::new(), postbox_labelled: false };

    fn refused(desk: &mut Desk, what: DeskFact) -> &'static str {
        let row = row("", what, &desk.office.today.to_string());
        desk.work(|work| work.send_again(&row)).map_or_else(|refusal| refusal.code, |_| "sent")
    }

    #[test]
    fn a_held_copy_is_sent_again_and_the_citizen_told() {
        let mut desk = Desk::held("2025-03-10");
        assert_eq!(refused(&mut desk, SENT), "sent");
        assert_eq!((desk.state_of_card(), desk.card().mailings), ("posted", 2));
        assert_eq!(desk.outcomes(), ["SentAgain 2025-03-10"]);
        assert_eq!(desk.notices(NoticeKind::CardSentAgain).len(), 1);
        assert_eq!(desk.case.person.unlabelled_since, None);
        assert_eq!(desk.card().posting.unwrap().on, day("2025-03-03"), "the producer's posting stays the evidence");
    }

    #[test]
    fn an_unlabelled_postbox_needs_a_care_of_or_a_label() {
        let mut desk = Desk::held("2025-03-10");
        assert_eq!(refused(&mut desk, CLOSED_EYES), "postbox-unlabelled");
        assert_eq!(desk.state_of_card(), "held");
        let care_of = DeskFact::SentAgain { co_name: "Lund".to_owned(), postbox_labelled: false };
        assert_eq!(refused(&mut desk, care_of), "sent");
        assert_eq!(desk.case.person.unlabelled_since, Some(day("2025-03-10")));
        assert_eq!(desk.case.events.last().unwrap().note.0, "c/o Lund");
    }

    #[test]
    fn an_address_that_failed_must_be_confirmed() {
        for (reason, code) in [
            (ReturnReason::Moved, "address-unconfirmed"),
            (ReturnReason::Unknown, "address-unconfirmed"),
            (ReturnReason::Refused, "address-unconfirmed"),
            (ReturnReason::BoxFull, "sent"),
        ] {
            let mut desk = Desk::posted("2025-03-03");
            desk.return_row(&crate::domain::input::Returned { reason, ..back("2025-03-10") });
            assert_eq!(refused(&mut desk, CLOSED_EYES), code, "{reason:?}");
            if code != "sent" {
                assert_eq!(refused(&mut desk, SENT), "sent");
            }
        }
    }

    #[test]
    fn the_second_return_is_for_pick_up() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(SENT, "2025-03-12");
        desk.comes_back("2025-03-20");
        assert_eq!(refused(&mut desk, SENT), "mailed-often-enough");
        desk.desk_says(SENT, "2025-03-21");
        assert_eq!((desk.state_of_card(), desk.card().mailings), ("posted", 3), "a fact is never refused");
        assert!(desk.finds(FindingKind::RuleBroken));
    }

    #[test]
    fn only_what_may_be_handed_out_is_sent() {
        let mut collected = Desk::held("2025-03-10");
        collected.desk_says(COLLECTED, "2025-03-12");
        assert_eq!(refused(&mut collected, SENT), "not-held");
        let mut wrong = Desk::held("2025-03-10");
        wrong.ask_row(&misspelt("C1", "Lind", "2025-03-11"));
        wrong.queue_all();
        assert_eq!(refused(&mut wrong, SENT), "wrong-name");
        let mut nowhere = Desk::held("2025-03-10");
        nowhere.case.person.data.register.address = crate::domain::person::Address::default();
        assert_eq!(refused(&mut nowhere, SENT), "no-address");
    }

    #[test]
    fn the_same_sending_again_changes_nothing() {
        let mut desk = Desk::held("2025-03-10");
        let sent = row("D7", SENT, "2025-03-12");
        desk.desk_row(&sent);
        desk.changes_nothing(|desk| assert_eq!(desk.desk_row(&sent), Taken::Duplicate));
        assert_eq!(desk.case.card(CARD).unwrap().mailings, 2);
    }
}
