//! T14 and the last day of 1.4: a held copy is given more time, a copy to be destroyed is held again, and every date
//! follows the calendar as it is now.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Custody, RemovalReason},
    case::Validity,
    casework::Casework,
    dates::{self, HoldClock},
    event::EventKind,
    finding::FindingKind,
    hold::Hold,
    ids::{CardId, HoldId},
    input::Taken,
    notice::{Notice, NoticeKind, NoticeState, Subject},
    refusal::Refusal,
};

use super::fact::Report;

impl Casework<'_> {
    /// T14: the citizen may come until this day at least; a closed one moves to the next open day.
    pub fn extend(&mut self, id: CardId, to: NaiveDate, by: &str, reason: &str) -> Result<Taken, Refusal> {
        let (card, hold) = self.to_be_kept(id, "extend")?;
        if to <= hold.last_day || to < self.today() {
            return Err(refusal(&card, "extend", "not-later", format!("it can be collected until {}", hold.last_day)));
        }
        let Some(fact) = self.take_up(self.by_operator(id, EventKind::Extended, by, reason)) else {
            return Ok(Taken::Duplicate);
        };
        self.change("extended", hold.id.0, |hold: &mut Hold| hold.extended_to = Some(to));
        self.recount(hold.id);
        self.enter(fact);
        Ok(Taken::Applied)
    }

    /// T14: a copy on the worklist is held again, for two weeks at least.
    pub fn restore(&mut self, id: CardId, by: &str, reason: &str) -> Result<Taken, Refusal> {
        let (card, hold) = self.to_be_kept(id, "restore")?;
        if matches!(card.custody, Custody::Held { .. }) {
            return Err(refusal(&card, "restore", "not-due", "it is held and not to be destroyed"));
        }
        let Some(fact) = self.take_up(self.by_operator(id, EventKind::Restored, by, reason)) else {
            return Ok(Taken::Duplicate);
        };
        self.hold_again(id, hold.id, self.today());
        self.enter(fact);
        Ok(Taken::Applied)
    }

    /// Counts the last day of every copy on the folder's shelf again: a closure was entered, or a setting changed.
    pub fn recount_shelf(&mut self) {
        let on_shelf: Vec<_> = self
            .case
            .cards
            .iter()
            .filter(|card| card.custody.on_shelf())
            .filter_map(|card| card.custody.hold())
            .collect();
        for hold in on_shelf {
            self.recount(hold);
        }
    }

    /// Counts the last day of one hold again (1.4): never earlier once told; when it is later than told, the citizen is
    /// told again; and a copy that is no longer over is held again.
    pub(super) fn recount(&mut self, id: HoldId) {
        let Some(hold) = self.case.hold(id) else { return };
        let (last_day, told) = (self.last_day_of(hold), hold.told_last_day);
        self.change("last day moved", id.0, |hold: &mut Hold| hold.last_day = last_day);
        let Some(card) = self.case.hold(id).and_then(|hold| self.case.card(hold.card)) else { return };
        if card.custody.hold() != Some(id) {
            return;
        }
        let number = card.id;
        if let Custody::RemovalDue { reason: RemovalReason::Expired, .. } = card.custody
            && !self.is_over(id)
        {
            self.change("held again", number.0, |card: &mut Card| card.custody = Custody::Held { hold: id });
        }
        let Some(card) = self.case.card(number) else { return };
        let subject = Subject::Hold(id);
        let moved = |notice: &Notice| notice.kind == NoticeKind::LastDayMoved && notice.subject == subject;
        if self.may_be_collected(card) && told.is_some_and(|told| told < last_day) {
            self.notify(NoticeKind::LastDayMoved, subject, Some(last_day));
        } else if self.case.notices.iter().any(|notice| moved(notice) && notice.state == NoticeState::Wanted) {
            self.drop_notices(subject, &[NoticeKind::LastDayMoved], "not-moved");
        }
        if last_day >= self.today() {
            self.settle(FindingKind::NeverTold, &number);
        }
    }

    /// The copy is held once more: valid, found, restored or undone on this day.
    pub(super) fn hold_again(&mut self, card: CardId, hold: HoldId, on: NaiveDate) {
        self.change("held again", card.0, |card: &mut Card| card.custody = Custody::Held { hold });
        self.change("held again", hold.0, |hold: &mut Hold| {
            hold.outcome = None;
            hold.held_again_on = hold.held_again_on.max(Some(on));
        });
        self.recount(hold);
        self.tell_of_holds();
    }

    /// The last day as its facts and today's calendar give it, or the later one already told.
    pub(super) fn last_day_of(&self, hold: &Hold) -> NaiveDate {
        let clock = HoldClock {
            hold_until: hold.hold_until,
            first_told_on: hold.first_told,
            held_again_on: hold.held_again_on,
            extended_to: hold.extended_to,
        };
        let counted = dates::last_day(&clock, &self.office.periods, &self.office.calendar);
        hold.told_last_day.map_or(counted, |told| told.max(counted))
    }

    /// The last day has passed, and the citizen still counts as told.
    fn is_over(&self, hold: HoldId) -> bool {
        self.case.hold(hold).is_some_and(|hold| {
            hold.last_day < self.today() && self.case.told_on(hold, self.today(), &self.office.periods).is_some()
        })
    }

    /// The copy lies here, and only its time is in the way.
    fn to_be_kept(&self, id: CardId, verb: &'static str) -> Result<(Card, Hold), Refusal> {
        let Some(card) = self.case.card(id) else { return Err(unknown_card(id, verb)) };
        let kept = match card.custody {
            Custody::Held { .. } | Custody::RemovalDue { reason: RemovalReason::Expired, .. } => true,
            Custody::RemovalDue { reason: RemovalReason::Conflict, .. } => verb == "restore",
            _ => false,
        };
        let Some(hold) = card.custody.hold().filter(|_| kept).and_then(|hold| self.case.hold(hold)) else {
            return Err(refusal(card, verb, "not-held", "it is neither held nor over its last day here"));
        };
        if self.validity_here(card, self.today()) != Validity::Valid {
            return Err(refusal(card, verb, "not-valid", "it does not count any more"));
        }
        if self.case.carries_wrong_name(id) {
            return Err(refusal(card, verb, "wrong-name", "it carries a wrong name"));
        }
        Ok((card.clone(), hold.clone()))
    }

    pub(super) fn by_operator(&self, card: CardId, what: EventKind, by: &str, reason: &str) -> Report {
        Report {
            card,
            what,
            on: self.today(),
            by: by.to_owned(),
            note: reason.to_owned(),
            reference: String::new(),
            received: None,
        }
    }
}

/// A refusal of something asked of a card.
pub(super) fn refusal(card: &Card, verb: &'static str, code: &'static str, reason: impl Into<String>) -> Refusal {
    Refusal { subject: card.id.to_string(), state: card.custody.state(), verb, code, reason: reason.into() }
}

/// A refusal because the folder has no such card.
pub(super) fn unknown_card(id: CardId, verb: &'static str) -> Refusal {
    Refusal {
        subject: id.to_string(),
        state: "unknown",
        verb,
        code: "unknown-card",
        reason: "no card of this number was issued to this person".to_owned(),
    }
}
