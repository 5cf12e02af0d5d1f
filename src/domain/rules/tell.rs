//! 1.4 and 2.3: what is to be told of a hold, when it goes out, whether it arrived, and what the desk told itself.

use chrono::NaiveDate;

use crate::domain::{
    card::Card,
    casework::Casework,
    dates,
    finding::FindingKind,
    hold::{Hold, ReturnReason, ToldByDesk},
    ids::{CardId, HoldId, LetterId, NoticeId},
    input::{NoticeOutcome, Taken},
    notice::{Answer, Channel, Notice, NoticeKind, NoticeState, Subject},
};

use super::fact::Fact;

impl Casework<'_> {
    /// Brings the folder's wanted notices up to the day, before they are written: reminders come due, and nobody is
    /// asked to come for a card that they may not have (1.8).
    pub fn notices_due(&mut self) {
        let asked: Vec<_> = self
            .case
            .cards
            .iter()
            .filter(|card| !self.may_be_collected(card))
            .filter_map(|card| card.custody.hold())
            .collect();
        for hold in asked {
            self.drop_notices(Subject::Hold(hold), &NoticeKind::PICK_UP, "not-for-pick-up");
        }
        self.tell_of_holds();
        for (_, hold) in self.collectable() {
            self.remind(hold);
        }
    }

    /// Every copy that may be collected is told of once: a hold nobody was told of gets its notice.
    pub(super) fn tell_of_holds(&mut self) {
        for (_, id) in self.collectable() {
            let Some(hold) = self.case.hold(id) else { continue };
            let ready = hold.reason == ReturnReason::OfficeDelivery;
            let live = |notice: &Notice| !matches!(notice.state, NoticeState::Dropped { .. });
            if hold.first_told.is_none() && !self.telling(id).any(live) {
                let kind = if ready { NoticeKind::CardReady } else { NoticeKind::CardHeld };
                self.notify(kind, Subject::Hold(id), None);
            }
        }
    }

    /// Reminders count back from the last day; when both are due only the second goes. Who is told of this last day on
    /// the day of a reminder or later needs none.
    fn remind(&mut self, id: HoldId) {
        let today = self.today();
        let Some(hold) = self.case.hold(id).filter(|hold| hold.first_told.is_some()) else { return };
        let last_day = hold.last_day;
        let due = dates::reminders(last_day, &self.office.periods);
        let (kind, since) =
            if today >= due[1] { (NoticeKind::Reminder7, due[1]) } else { (NoticeKind::Reminder30, due[0]) };
        let told = |notice: &Notice| match notice.state {
            NoticeState::Wanted => notice.kind != NoticeKind::Reminder30,
            NoticeState::Exported { on, .. } => notice.told_date == Some(last_day) && on >= since,
            NoticeState::ToCall { .. } => notice.told_date.is_none_or(|told| told == last_day),
            NoticeState::Dropped { .. } => notice.kind == kind && notice.told_date == Some(last_day),
        };
        let told_by_desk = hold.told_by_desk.as_ref().is_some_and(|told| told.on >= since);
        if today < since || today > last_day || told_by_desk || self.telling(id).any(told) {
            return;
        }
        self.drop_notices(Subject::Hold(id), &[NoticeKind::Reminder30], "second-reminder-due");
        self.notify(kind, Subject::Hold(id), Some(last_day));
    }

    /// The notice goes out in a letter today. The first of a hold tells, and stores, the last day that this very day
    /// gives; each later one tells the last day as it stands (1.4).
    pub fn export(&mut self, notice: NoticeId, letter: LetterId, channel: Channel) {
        let today = self.today();
        let Some((kind, subject)) = self.wanted(notice) else { return };
        let told_date = match subject {
            Subject::Hold(hold) if kind.tells_of_hold() => self.tell_last_day(hold, today),
            _ => None,
        };
        self.change("notice exported", notice.0, |notice: &mut Notice| {
            notice.told_date = told_date.or(notice.told_date);
            notice.state = NoticeState::Exported { on: today, letter, channel, answer: None };
        });
    }

    /// Nobody can be written to: the desk must reach them otherwise. A reminder is not worth a call; who was told is told.
    pub fn cannot_be_written_to(&mut self, notice: NoticeId, why: &str) {
        let Some((kind, _)) = self.wanted(notice) else { return };
        let (on, why) = (self.today(), why.to_owned());
        let state = match kind {
            NoticeKind::Reminder30 | NoticeKind::Reminder7 => NoticeState::Dropped { on, why, letter: None },
            _ => NoticeState::ToCall { since: on, why, letter: None },
        };
        self.change("notice not written", notice.0, |notice: &mut Notice| notice.state = state);
    }

    /// What became of a letter, for each thing of this folder that it told. Reported failed, even later: nobody is told
    /// by it, and the desk must reach them otherwise (2.3).
    pub fn letter_answered(&mut self, row: &NoticeOutcome) -> Taken {
        let notices: Vec<_> = self
            .case
            .notices
            .iter()
            .filter(|notice| notice.letter() == Some(row.letter))
            .map(|notice| notice.id)
            .collect();
        let mut taken = Taken::Duplicate;
        for notice in notices {
            match self.notice_answered(notice, row) {
                Taken::Duplicate => {}
                other => taken = other,
            }
        }
        self.evidence_changed();
        taken
    }

    fn notice_answered(&mut self, id: NoticeId, row: &NoticeOutcome) -> Taken {
        let Some(notice) = self.case.notices.iter().find(|notice| notice.id == id) else { return Taken::Duplicate };
        let NoticeState::Exported { on, letter, channel, answer } = notice.state else {
            // It failed already: that it arrived as well changes nothing.
            return if row.delivered { Taken::Overtaken } else { Taken::Duplicate };
        };
        match answer {
            Some(known) if known.delivered == row.delivered => return Taken::Duplicate,
            Some(Answer { delivered: false, .. }) => return Taken::Overtaken,
            _ => {}
        }
        let (subject, tells) = (notice.subject, notice.kind.tells_of_hold());
        let matters = !tells || self.collectable().iter().any(|(_, hold)| subject == Subject::Hold(*hold));
        let state = if row.delivered || !matters {
            let answer = Some(Answer { delivered: row.delivered, on: row.on });
            NoticeState::Exported { on, letter, channel, answer }
        } else {
            NoticeState::ToCall { since: row.on, why: "letter-failed".to_owned(), letter: Some(letter) }
        };
        self.change("letter answered", id.0, |notice: &mut Notice| notice.state = state);
        if let (Subject::Hold(hold), true, false) = (subject, tells, row.delivered) {
            self.retell(hold);
        }
        Taken::Applied
    }

    /// The desk told the citizen, who was on the call list or asked: it counts at once.
    pub(super) fn told(&mut self, fact: &Fact) {
        let card = fact.card();
        let listed: Vec<_> = self
            .case
            .notices
            .iter()
            .filter(|notice| matches!(notice.state, NoticeState::ToCall { .. }) && self.concerns(notice.subject, card))
            .map(|notice| (notice.subject, notice.kind))
            .collect();
        for (subject, kind) in &listed {
            self.drop_notices(*subject, &[*kind], "told-by-desk");
        }
        let here = fact.before.hold.as_ref().filter(|hold| fact.custody().on_shelf() && hold.returned_on <= fact.on());
        let Some(hold) = here.map(|hold| hold.id) else {
            if listed.is_empty() {
                self.broke(fact, "it was not here then");
            }
            return;
        };
        let told = ToldByDesk { on: fact.on(), by: fact.report.by.clone() };
        self.change("told", hold.0, |hold: &mut Hold| {
            if hold.told_by_desk.as_ref().is_none_or(|known| told.on < known.on) {
                hold.told_by_desk = Some(told);
            }
        });
        if self.collectable().contains(&(card, hold)) {
            self.tell_last_day(hold, fact.on());
            self.drop_notices(Subject::Hold(hold), &NoticeKind::PICK_UP, "told-by-desk");
        }
    }

    /// The citizen is told the last day, on this day: the first telling moves it, and from now on it never moves earlier.
    fn tell_last_day(&mut self, id: HoldId, on: NaiveDate) -> Option<NaiveDate> {
        let mut hold = self.case.hold(id)?.clone();
        hold.first_told = Some(hold.first_told.map_or(on, |first| first.min(on)));
        hold.last_day = self.last_day_of(&hold);
        hold.told_last_day = Some(hold.last_day);
        let (card, last_day) = (hold.card, hold.last_day);
        self.change("told", id.0, |known: &mut Hold| *known = hold);
        if last_day >= self.today() {
            self.settle(FindingKind::NeverTold, &card);
        }
        Some(last_day)
    }

    /// Looks again at when the citizen was first told of a hold: a letter failed, or the desk's telling was undone.
    pub(super) fn retell(&mut self, id: HoldId) {
        let Some(hold) = self.case.hold(id) else { return };
        let exported = |notice: &Notice| match notice.state {
            NoticeState::Exported { on, answer, .. } => answer.is_none_or(|answer| answer.delivered).then_some(on),
            _ => None,
        };
        let desk = hold.told_by_desk.as_ref().map(|told| told.on);
        let first = self.telling(id).filter_map(exported).chain(desk).min();
        let open = hold.outcome.is_none();
        self.change("told", id.0, |hold: &mut Hold| hold.first_told = first);
        if open {
            self.recount(id);
            self.tell_of_holds();
        }
    }

    /// The notices that ask to come for this hold.
    fn telling(&self, hold: HoldId) -> impl Iterator<Item = &Notice> {
        let of_hold = move |notice: &&Notice| notice.subject == Subject::Hold(hold) && notice.kind.tells_of_hold();
        self.case.notices.iter().filter(of_hold)
    }

    fn wanted(&self, id: NoticeId) -> Option<(NoticeKind, Subject)> {
        let notice = self.case.notices.iter().find(|notice| notice.id == id)?;
        (notice.state == NoticeState::Wanted).then_some((notice.kind, notice.subject))
    }

    fn concerns(&self, subject: Subject, card: CardId) -> bool {
        match subject {
            Subject::Card(of) => of == card,
            Subject::Hold(hold) => self.case.hold(hold).is_some_and(|hold| hold.card == card),
            Subject::Request(request) => self.case.request(request).is_some_and(|request| request.card == Some(card)),
        }
    }

    fn collectable(&self) -> Vec<(CardId, HoldId)> {
        let collectable = |card: &CardId| self.case.card(*card).is_some_and(|card: &Card| self.may_be_collected(card));
        self.held().into_iter().filter(|(card, _)| collectable(card)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        input::DeskFact,
        rules::{
            example::{CARD, Desk, day},
            example_requests::misspelt,
            example_shelf::{COLLECTED, row},
        },
    };

    /// Kinds wanted or out, with their told date, in order.
    fn notices(desk: &Desk) -> Vec<(&'static str, String)> {
        let live = |notice: &&Notice| !matches!(notice.state, NoticeState::Dropped { .. });
        let told = |notice: &Notice| notice.told_date.map_or(String::new(), |on| on.to_string());
        desk.case.notices.iter().filter(live).map(|notice| (notice.kind.code(), told(notice))).collect()
    }

    #[test]
    fn reminders_go_thirty_and_seven_days_before_the_last_day() {
        let mut desk = Desk::held("2025-03-10");
        let told = |kind| (kind, "2025-09-10".to_owned());
        for (today, count) in [
            ("2025-08-10", 1),
            ("2025-08-11", 2),
            ("2025-08-12", 2),
            ("2025-09-02", 2),
            ("2025-09-03", 3),
            ("2025-09-10", 3),
        ] {
            desk.night(today);
            assert_eq!(desk.case.notices.len(), count, "{today}");
            desk.changes_nothing(|desk| desk.night(today));
        }
        assert_eq!(notices(&desk), [told("card-held"), told("reminder-30"), told("reminder-7")]);
    }

    #[test]
    fn after_missed_nights_only_the_second_reminder_goes() {
        let mut desk = Desk::held("2025-03-10");
        desk.night("2025-09-04");
        assert_eq!(notices(&desk).iter().map(|notice| notice.0).collect::<Vec<_>>(), ["card-held", "reminder-7"]);
    }

    #[test]
    fn who_is_told_of_the_last_day_that_day_is_not_reminded_of_it() {
        let mut desk = Desk::posted("2025-03-03");
        desk.today("2025-09-01");
        desk.comes_back("2025-03-10");
        for (today, count) in [("2025-09-01", 1), ("2025-09-02", 1), ("2025-09-23", 1), ("2025-09-24", 2)] {
            desk.night(today);
            assert_eq!(desk.case.notices.len(), count, "{today}");
        }
    }

    #[test]
    fn nobody_is_asked_to_come_for_a_wrong_name_or_what_is_gone() {
        let mut wrong = Desk::posted("2025-03-03");
        wrong.comes_back("2025-03-10");
        wrong.ask_row(&misspelt("C1", "Lind", "2025-03-10"));
        wrong.night("2025-03-10");
        assert!(notices(&wrong).iter().all(|notice| notice.0 != "card-held"));
        let mut gone = Desk::held("2025-03-10");
        gone.desk_says(COLLECTED, "2025-03-12");
        gone.night("2025-08-11");
        assert_eq!(notices(&gone).len(), 1);
    }

    #[test]
    fn silence_counts_as_told_after_a_week_and_a_failure_never() {
        let mut desk = Desk::held("2025-03-10");
        let told = |desk: &Desk, on: &str| desk.case.told_on(desk.hold(), day(on), &desk.office.periods);
        assert_eq!((told(&desk, "2025-03-16"), told(&desk, "2025-03-17")), (None, Some(day("2025-03-10"))));
        assert_eq!(desk.answered(1, false, "2025-03-20"), Taken::Applied);
        assert_eq!((told(&desk, "2025-03-21"), desk.hold().first_told), (None, None));
        let listed = NoticeState::ToCall {
            since: day("2025-03-20"),
            why: "letter-failed".to_owned(),
            letter: Some(LetterId(1)),
        };
        assert_eq!(desk.case.notices[0].state, listed);
        desk.changes_nothing(|desk| assert_eq!(desk.answered(1, false, "2025-03-20"), Taken::Duplicate));
        desk.changes_nothing(|desk| assert_eq!(desk.answered(1, true, "2025-03-21"), Taken::Overtaken));
        desk.night("2025-08-11");
        assert_eq!(desk.case.notices.len(), 1, "who cannot be written to is on the call list once");
    }

    #[test]
    fn a_letter_reported_delivered_counts_at_once_until_it_is_reported_failed() {
        let mut desk = Desk::held("2025-03-10");
        assert_eq!(desk.answered(1, true, "2025-03-11"), Taken::Applied);
        assert_eq!(desk.case.told_on(desk.hold(), day("2025-03-11"), &desk.office.periods), Some(day("2025-03-10")));
        desk.changes_nothing(|desk| assert_eq!(desk.answered(1, true, "2025-03-11"), Taken::Duplicate));
        assert_eq!(desk.answered(1, false, "2025-03-14"), Taken::Applied);
        assert_eq!(desk.case.told_on(desk.hold(), day("2025-09-01"), &desk.office.periods), None);
    }

    #[test]
    fn a_failure_that_comes_when_the_copy_was_to_be_destroyed_brings_it_back() {
        let mut desk = Desk::held("2025-03-10");
        desk.today("2025-09-11");
        desk.work(|work| work.remove_if_over());
        assert_eq!(desk.removal_reason(CARD), Some("expired"));
        desk.answered(1, false, "2025-09-12");
        assert_eq!((desk.state_of_card(), desk.hold().first_told), ("held", None));
    }

    #[test]
    fn the_desk_tells_from_the_call_list_and_it_counts_at_once() {
        let mut desk = Desk::held("2025-03-10");
        desk.answered(1, false, "2025-03-20");
        desk.desk_says(DeskFact::Told, "2025-08-20");
        let hold = desk.hold();
        assert_eq!((hold.first_told, hold.last_day), (Some(day("2025-08-20")), day("2025-09-19")));
        assert_eq!(hold.told_by_desk.as_ref().map(|told| told.by.as_str()), Some("anna"));
        assert_eq!(desk.case.told_on(hold, day("2025-08-20"), &desk.office.periods), Some(day("2025-08-20")));
        assert!(notices(&desk).is_empty(), "not on the call list any more, and not told to have moved");
        desk.changes_nothing(|desk| assert_eq!(desk.answered(1, false, "2025-03-20"), Taken::Duplicate));
    }

    #[test]
    fn what_cannot_be_written_stands_on_the_call_list_and_a_reminder_is_not_worth_a_call() {
        let mut desk = Desk::posted("2025-03-03");
        desk.comes_back("2025-03-10");
        let first = desk.case.notices[0].id;
        desk.work(|work| work.cannot_be_written_to(first, "postbox-unlabelled"));
        assert!(matches!(desk.case.notices[0].state, NoticeState::ToCall { .. }));
        desk.desk_says(DeskFact::Told, "2025-03-12");
        desk.today("2025-08-11");
        desk.work(|work| work.notices_due());
        let reminder = desk.notices(NoticeKind::Reminder30)[0].id;
        desk.work(|work| work.cannot_be_written_to(reminder, "postbox-unlabelled"));
        assert!(notices(&desk).is_empty());
        desk.changes_nothing(|desk| desk.work(|work| work.notices_due()));
    }

    #[test]
    fn a_telling_about_nothing_here_is_a_finding() {
        let mut desk = Desk::posted("2025-03-03");
        let told = row("D1", DeskFact::Told, "2025-03-12");
        desk.desk_row(&told);
        assert!(desk.finds(FindingKind::RuleBroken));
        desk.changes_nothing(|desk| assert_eq!(desk.desk_row(&told), Taken::Duplicate));
    }
}
