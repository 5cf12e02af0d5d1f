//! Returns, desk events and nights to try the rules of the shelf on.

use crate::domain::{
    card::{Collector, Custody},
    hold::ReturnReason,
    ids::{CardId, LetterId},
    input::{DeskEvent, DeskFact, NoticeOutcome, Returned, Taken},
    notice::{Channel, NoticeState},
    rules::{
        ComeBack,
        example::{CARD, Desk, day},
    },
};

/// The first card comes back for want of a name on the postbox.
pub(in crate::domain) fn back(on: &str) -> Returned {
    Returned {
        card: Some(CARD),
        cpr: None,
        name: String::new(),
        returned_on: day(on),
        reason: ReturnReason::NoNameOnPostbox,
        reason_known: true,
        words: "Navn ikke på postkasse".to_owned(),
        site: String::new(),
        slot: "A1".to_owned(),
    }
}

/// The holder fetched it.
pub(in crate::domain) const COLLECTED: DeskFact =
    DeskFact::Collected { collector: Collector::Holder, identified_by: String::new(), postbox_labelled: false };

/// Sent again; the postbox carries the name or the citizen confirmed the address.
pub(in crate::domain) const SENT: DeskFact = DeskFact::SentAgain { co_name: String::new(), postbox_labelled: true };

/// What the desk says of the first card.
pub(in crate::domain) fn row(reference: &str, what: DeskFact, on: &str) -> DeskEvent {
    DeskEvent {
        reference: reference.to_owned(),
        card: CARD,
        on: day(on),
        what,
        by: "anna".to_owned(),
        note: String::new(),
    }
}

impl Desk {
    /// The first card was posted on 3 March 2025 and came back on this day, read and told of that night.
    pub(in crate::domain) fn held(on: &str) -> Self {
        let mut desk = Self::posted("2025-03-03");
        desk.comes_back(on);
        desk.night(on);
        desk
    }

    /// A return row is read on its day, or later when the business date is.
    pub(in crate::domain) fn comes_back(&mut self, on: &str) -> Taken {
        match self.return_row(&back(on)) {
            ComeBack::Taken(taken) => taken,
            ComeBack::Unmatched(why) => panic!("{why}"),
        }
    }

    /// The same, by its row.
    pub(in crate::domain) fn return_row(&mut self, row: &Returned) -> ComeBack {
        self.office.today = self.office.today.max(row.returned_on);
        self.work(|work| work.returned(row))
    }

    /// The desk reports a fact of the first card; it is read on its day, or later when the business date is.
    pub(in crate::domain) fn desk_says(&mut self, what: DeskFact, on: &str) -> Taken {
        self.desk_row(&row("", what, on))
    }

    /// The same, by its row.
    pub(in crate::domain) fn desk_row(&mut self, row: &DeskEvent) -> Taken {
        self.office.today = self.office.today.max(row.on);
        self.work(|work| work.desk_event(row)).unwrap()
    }

    /// A night: what is over is removed, and every wanted notice goes out, each in a letter of its own.
    pub(in crate::domain) fn night(&mut self, on: &str) {
        self.today(on);
        self.work(|work| {
            work.remove_if_over();
            work.notices_due();
            let wanted: Vec<_> =
                work.case.notices.iter().filter(|notice| notice.state == NoticeState::Wanted).collect();
            for notice in wanted.iter().map(|notice| notice.id).collect::<Vec<_>>() {
                let letter = work.ids.letter();
                work.export(notice, letter, Channel::Digital);
            }
        });
    }

    /// The letter tool says what became of a letter.
    pub(in crate::domain) fn answered(&mut self, letter: i64, delivered: bool, on: &str) -> Taken {
        self.office.today = self.office.today.max(day(on));
        let row = NoticeOutcome { letter: LetterId(letter), delivered, on: day(on) };
        self.work(|work| work.letter_answered(&row))
    }

    /// Last day of the latest hold.
    pub(in crate::domain) fn last_day(&self) -> String {
        self.hold().last_day.to_string()
    }

    /// Where the first card is.
    pub(in crate::domain) fn state_of_card(&self) -> &'static str {
        self.card().custody.state()
    }

    /// Why it is to be destroyed.
    pub(in crate::domain) fn removal_reason(&self, card: CardId) -> Option<&'static str> {
        match self.case.card(card)?.custody {
            Custody::RemovalDue { reason, .. } => Some(reason.code()),
            _ => None,
        }
    }

    /// How each time on the shelf ended, oldest first.
    pub(in crate::domain) fn outcomes(&self) -> Vec<String> {
        let how = |hold: &crate::domain::hold::Hold| {
            hold.outcome.map_or("open".to_owned(), |outcome| format!("{:?} {}", outcome.how, outcome.on))
        };
        self.case.holds.iter().map(how).collect()
    }
}
