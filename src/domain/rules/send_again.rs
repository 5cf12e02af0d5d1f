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
