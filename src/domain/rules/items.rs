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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::{
        example::{CARD, Desk, office_desk},
        example_shelf::back,
    };

    #[test]
    fn what_fits_no_card_lies_on_a_list_until_the_desk_ends_it() {
        let mut desk = office_desk("2025-03-10");
        let row = back("2025-03-10");
        assert_eq!(desk.work(|work| work.unmatched(&row, "several cards fit")), Taken::Applied);
        desk.changes_nothing(|desk| {
            assert_eq!(desk.work(|work| work.unmatched(&row, "several cards fit")), Taken::Duplicate);
        });
        assert!(desk.finds(FindingKind::UnmatchedItem));
        let id = desk.case.items[0].id;
        assert_eq!((desk.case.items[0].site.as_str(), desk.case.items[0].slot.as_str()), ("Dokk1", "A1"));
        assert_eq!(desk.work(|work| work.end_item(id, ItemEnding::Forwarded, None)), Ok(()));
        assert!(!desk.finds(FindingKind::UnmatchedItem));
        assert_eq!(desk.work(|work| work.end_item(id, ItemEnding::Forwarded, None)).unwrap_err().code, "not-open");
    }

    #[test]
    fn a_matched_item_is_the_return_it_always_was() {
        let mut office = office_desk("2025-03-12");
        office.work(|work| work.unmatched(&back("2025-03-10"), "the card of that number is not in the book"));
        let id = office.case.items[0].id;
        let row = office.work(|work| work.return_of_item(id, CARD)).unwrap();
        office.work(|work| work.end_item(id, ItemEnding::Matched, Some(CARD))).unwrap();
        let mut desk = Desk::posted("2025-03-03");
        desk.return_row(&row);
        assert_eq!(desk.hold().returned_on, back("2025-03-10").returned_on);
        assert_eq!(desk.hold().slot, "A1");
        assert!(office.work(|work| work.return_of_item(id, CARD)).is_none());
    }
}
