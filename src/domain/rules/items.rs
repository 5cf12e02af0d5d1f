//! T9: what came back and fits no copy, or several, lies on our shelf until the desk matches, forwards or destroys it.

use crate::domain::{
    casework::Casework,
    cpr::Cpr,
    finding::FindingKind,
    hold::{Item, ItemEnding, ItemOutcome, Label},
    ids::{CardId, ItemId},
    input::{Returned, Taken},
    refusal::Refusal,
};

impl Casework<'_> {
    /// Lays it on the office's own shelf: an open item with a slot, and a finding with the reason. The same item again
    /// is a duplicate. Called on the office's own folder.
    pub fn unmatched(&mut self, row: &Returned, why: &str) -> Taken {
        let label = Label {
            card_id: row.card.map(|card| card.to_string()).unwrap_or_default(),
            cpr: row.cpr.map(Cpr::reveal).unwrap_or_default(),
            name: row.name.clone(),
            words: row.words.clone(),
        };
        if self.case.items.iter().any(|item| item.returned_on == row.returned_on && item.label == label) {
            return Taken::Duplicate;
        }
        let item = Item {
            id: self.ids.item(),
            person: self.case.id(),
            returned_on: row.returned_on,
            reason: row.reason,
            site: if row.site.is_empty() { self.office.site.clone() } else { row.site.clone() },
            slot: row.slot.clone(),
            outcome: None,
            label,
        };
        let id = item.id;
        self.add("unmatched item", item);
        self.find(FindingKind::UnmatchedItem, &id, why);
        Taken::Applied
    }

    /// The return that an open item is, now that the desk knows whose card it is: to be laid into that folder. Called on
    /// the office's own folder.
    #[must_use]
    pub fn return_of_item(&self, id: ItemId, card: CardId) -> Option<Returned> {
        let item = self.case.items.iter().find(|item| item.id == id && item.outcome.is_none())?;
        Some(Returned {
            card: Some(card),
            cpr: None,
            name: item.label.name.clone(),
            returned_on: item.returned_on,
            reason: item.reason,
            reason_known: true,
            words: item.label.words.clone(),
            site: item.site.clone(),
            slot: item.slot.clone(),
        })
    }

    /// The item is matched with a card, forwarded or destroyed, and its finding is closed. Called on the office's own
    /// folder.
    pub fn end_item(&mut self, id: ItemId, how: ItemEnding, card: Option<CardId>) -> Result<(), Refusal> {
        if !self.case.items.iter().any(|item| item.id == id && item.outcome.is_none()) {
            return Err(Refusal {
                subject: id.to_string(),
                state: "closed",
                verb: "return",
                code: "not-open",
                reason: "no such item lies unmatched on the shelf".to_owned(),
            });
        }
        let on = self.today();
        self.change("item ended", id.0, |item: &mut Item| item.outcome = Some(ItemOutcome { how, on, card }));
        self.settle(FindingKind::UnmatchedItem, &id);
        Ok(())
    }
}
