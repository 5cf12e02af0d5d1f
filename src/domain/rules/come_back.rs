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
        if never_left(fact.custody()) {
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
            Some(card) if never_left(&card.custody) => Err("the card of that number was never printed and posted"),
            Some(card) => Ok(card.id),
        }
    }

    /// By CPR number and a name printed on that copy (T9). A destroyed copy is meant only when no other fits.
    fn copy_by_name(&self, name: &str) -> Result<CardId, &'static str> {
        let fitting: Vec<_> = self
            .case
            .cards
            .iter()
            .filter(|card| !never_left(&card.custody) && !matches!(card.custody, Custody::Spoiled { .. }))
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

/// No such copy can come from anywhere: it was never printed, or the producer refused to.
const fn never_left(custody: &Custody) -> bool {
    custody.unprinted() || matches!(custody, Custody::Cancelled { .. })
}
