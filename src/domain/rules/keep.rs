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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        input::DeskFact,
        notice::NoticeState,
        rules::{
            example::{CARD, Desk, day},
            example_shelf::COLLECTED,
        },
    };

    fn extended(desk: &mut Desk, to: &str) -> Result<Taken, Refusal> {
        desk.work(|work| work.extend(CARD, day(to), "anna", "abroad until then"))
    }

    fn moved_notices(desk: &Desk) -> usize {
        let pending = |notice: &&&Notice| !matches!(notice.state, NoticeState::Dropped { .. });
        desk.notices(NoticeKind::LastDayMoved).iter().filter(pending).count()
    }

    #[test]
    fn an_extension_moves_the_last_day_to_an_open_day_and_is_told() {
        let mut desk = Desk::held("2025-03-10");
        // 11 October 2025 is a Saturday.
        assert_eq!(extended(&mut desk, "2025-10-11"), Ok(Taken::Applied));
        assert_eq!((desk.last_day(), desk.hold().hold_until), ("2025-10-13".to_owned(), day("2025-09-10")));
        assert_eq!(moved_notices(&desk), 1);
        desk.night("2025-03-11");
        assert_eq!(desk.notices(NoticeKind::LastDayMoved)[0].told_date, Some(day("2025-10-13")));
        desk.changes_nothing(|desk| desk.night("2025-03-11"));
        assert_eq!(extended(&mut desk, "2025-10-13").unwrap_err().code, "not-later");
    }

    #[test]
    fn an_untold_hold_is_extended_without_being_told_twice() {
        let mut desk = Desk::posted("2025-03-03");
        desk.comes_back("2025-03-10");
        assert_eq!(extended(&mut desk, "2025-10-13"), Ok(Taken::Applied));
        desk.night("2025-03-10");
        assert_eq!(moved_notices(&desk), 0);
        assert_eq!(desk.notices(NoticeKind::CardHeld)[0].told_date, Some(day("2025-10-13")));
    }

    #[test]
    fn a_copy_over_its_last_day_is_held_again_when_extended_or_restored() {
        let mut extended_copy = Desk::held("2025-03-10");
        extended_copy.night("2025-09-11");
        let mut restored = Desk::held("2025-03-10");
        restored.night("2025-09-11");
        assert_eq!(extended(&mut extended_copy, "2025-09-16"), Ok(Taken::Applied));
        assert_eq!((extended_copy.state_of_card(), extended_copy.last_day().as_str()), ("held", "2025-09-16"));
        assert_eq!(restored.work(|work| work.restore(CARD, "anna", "is coming")), Ok(Taken::Applied));
        assert_eq!((restored.state_of_card(), restored.last_day().as_str()), ("held", "2025-09-25"));
        assert_eq!((moved_notices(&extended_copy), moved_notices(&restored)), (1, 1));
        assert_eq!(restored.work(|work| work.restore(CARD, "anna", "again")).unwrap_err().code, "not-due");
    }

    #[test]
    fn what_is_not_here_is_neither_extended_nor_restored() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(COLLECTED, "2025-03-12");
        assert_eq!(extended(&mut desk, "2025-10-13").unwrap_err().code, "not-held");
        assert_eq!(desk.work(|work| work.restore(CARD, "anna", "")).unwrap_err().code, "not-held");
        let unknown = desk.work(|work| work.restore(CardId(9), "anna", "")).unwrap_err();
        assert_eq!(unknown.code, "unknown-card");
    }

    #[test]
    fn a_closure_entered_afterwards_moves_every_last_day_and_revives_what_is_no_longer_over() {
        let mut desk = Desk::held("2025-03-10");
        desk.night("2025-09-11");
        assert_eq!(desk.removal_reason(CARD), Some("expired"));
        for closed in ["2025-09-10", "2025-09-11", "2025-09-12"] {
            desk.office.calendar.close(day(closed));
        }
        desk.work(|work| work.recount_shelf());
        assert_eq!((desk.state_of_card(), desk.last_day().as_str()), ("held", "2025-09-15"));
        assert_eq!(moved_notices(&desk), 1);
        desk.changes_nothing(|desk| desk.work(|work| work.recount_shelf()));
    }

    #[test]
    fn a_told_last_day_never_moves_earlier_and_an_untold_one_does() {
        for (told, last_day) in [(true, "2025-10-13"), (false, "2025-09-10")] {
            let mut desk = Desk::held("2025-03-10");
            extended(&mut desk, "2025-10-13").unwrap();
            if told {
                desk.night("2025-03-11");
            }
            let event = desk.case.events.last().unwrap().id;
            desk.work(|work| work.undo(event, "anna", "wrong card")).unwrap();
            assert_eq!(desk.last_day(), last_day);
            assert_eq!(moved_notices(&desk), usize::from(told));
        }
    }

    #[test]
    fn the_first_telling_gives_thirty_days_and_is_told_once() {
        let mut desk = Desk::posted("2025-03-03");
        desk.today("2025-09-01");
        desk.comes_back("2025-03-10");
        assert_eq!(desk.last_day(), "2025-09-10");
        desk.night("2025-09-01");
        assert_eq!(desk.last_day(), "2025-10-01");
        assert_eq!(
            (desk.notices(NoticeKind::CardHeld)[0].told_date, moved_notices(&desk)),
            (Some(day("2025-10-01")), 0)
        );
        desk.desk_says(DeskFact::Told, "2025-09-20");
        assert_eq!(desk.last_day(), "2025-10-01", "only the first telling counts");
    }
}
