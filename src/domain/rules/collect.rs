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
