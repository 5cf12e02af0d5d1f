//! T12, T13: when six months are over the copy is to be destroyed, and then it is destroyed.

use crate::domain::{
    card::{Card, Custody, RemovalReason},
    casework::Casework,
    dates,
    finding::FindingKind,
    hold::{Ending, Hold},
    ids::{CardId, HoldId},
    notice::{NoticeKind, Subject},
};

use super::fact::Fact;

impl Casework<'_> {
    /// T12: every held copy of the folder whose time is over goes on the worklist. Never told: it cannot end, and a
    /// finding says so.
    pub fn remove_if_over(&mut self) {
        for (card, hold) in self.held() {
            self.recount(hold);
            self.remove_one_if_over(card, hold);
        }
    }

    fn remove_one_if_over(&mut self, id: CardId, hold: HoldId) {
        let today = self.today();
        let (Some(card), Some(hold)) = (self.case.card(id), self.case.hold(hold)) else { return };
        // A departure has its own clock (T17), and a wrong name leaves when the right one is posted (1.5).
        if hold.last_day >= today || !self.may_be_collected(card) {
            return self.settle(FindingKind::NeverTold, &id);
        }
        let Some(told_on) = self.case.told_on(hold, today, &self.office.periods) else {
            let detail = format!("the last day was {}, but nobody was told of this hold", hold.last_day);
            return self.find(FindingKind::NeverTold, &id, detail);
        };
        let from = dates::removal_from(hold.last_day, told_on, &self.office.periods, &self.office.calendar);
        let hold = hold.id;
        self.settle(FindingKind::NeverTold, &id);
        if from <= today && self.office.calendar.is_open(today) {
            let custody = Custody::RemovalDue { hold, reason: RemovalReason::Expired, since: today };
            self.change("removal due", id.0, |card: &mut Card| card.custody = custody);
            self.drop_notices(Subject::Hold(hold), &NoticeKind::PICK_UP, "last-day-over");
        }
    }

    /// T13: the copy is gone. Before it was due for that, or of a copy that was not here: destroyed early, which is no
    /// evidence for a fee. Read after the return it precedes, it makes of that return a conflict (T9).
    pub(super) fn destroyed(&mut self, fact: &Fact) {
        let (card, on) = (fact.card(), fact.on());
        if self.came_back_after(fact) {
            return;
        }
        let promised = self.case.card(card).is_some_and(|card| self.may_be_collected(card));
        let Some(hold) = self.hold_to_end(fact) else { return };
        let (due, expired) = match fact.custody() {
            Custody::RemovalDue { since, reason, .. } => (*since <= on, *reason == RemovalReason::Expired),
            _ => (false, false),
        };
        if !due {
            self.find(FindingKind::DestroyedEarly, &card, "destroyed before it was due for it");
        }
        self.end_hold(hold, Ending::Removed, on);
        let custody = Custody::Removed { on, hold, by: fact.report.by.clone() };
        self.change("destroyed", card.0, |card: &mut Card| card.custody = custody);
        if promised || expired {
            self.notify(NoticeKind::HoldEnded, Subject::Hold(hold), None);
        }
        self.place_kept_return(card, fact.id);
    }

    /// The copy on our shelf came after the day on which it is said to have been destroyed.
    fn came_back_after(&mut self, fact: &Fact) -> bool {
        let Some(Hold { id: hold, returned_on, .. }) = fact.before.hold else { return false };
        if !fact.custody().on_shelf() || returned_on <= fact.on() {
            return false;
        }
        self.find(FindingKind::DestructionConflict, &fact.card(), "came back although its destruction is on file");
        if matches!(fact.custody(), Custody::Held { .. }) {
            let custody = Custody::RemovalDue { hold, reason: RemovalReason::Conflict, since: self.today() };
            self.change("removal due", fact.card().0, |card: &mut Card| card.custody = custody);
            self.withdraw_pick_up(Subject::Hold(hold));
        }
        true
    }

    /// Every held copy of the folder with its time on the shelf.
    pub(super) fn held(&self) -> Vec<(CardId, HoldId)> {
        let held = |card: &Card| match card.custody {
            Custody::Held { hold } => Some((card.id, hold)),
            _ => None,
        };
        self.case.cards.iter().filter_map(held).collect()
    }
}
