//! What the book can show of one copy when its fee is decided (1.6). An undone entry is no evidence (T23).

use chrono::NaiveDate;

use super::{
    card::{Card, Custody},
    case::Case,
    event::{Event, EventKind},
    hold::{Ending, Hold},
    ids::CardId,
    periods::Periods,
    request::{Evidence, Whereabouts},
};

impl Case {
    /// The chain posted, returned, told, last day, destroyed, as far as it is on file on `today`; nothing of a copy
    /// that is not in the folder. It is read off the copy's latest time on the shelf. The day of a marriage, and whether
    /// another copy follows than the one asked for, only the request knows: they are not filled in here.
    #[must_use]
    pub fn evidence(&self, card: CardId, today: NaiveDate, periods: &Periods) -> Evidence {
        let Some(card) = self.card(card) else { return Evidence::default() };
        let hold = self.latest_hold(card.id);
        let latest = |what| self.facts(card.id).filter(|fact| fact.what == what).map(|fact| fact.on).max();
        Evidence {
            posted_on: card.posting.filter(|posting| posting.evidence).map(|posting| posting.on),
            returned_on: hold.and_then(|hold| self.returned_by_evidence(hold)),
            told_on: hold.and_then(|hold| self.told_on(hold, today, periods)),
            last_day: hold.map(|hold| hold.last_day),
            destroyed_on: self.destroyed_when_due(card),
            sent_again_on: latest(EventKind::SentAgain),
            collected_on: latest(EventKind::Collected),
            copy: whereabouts(&card.custody),
            ..Evidence::default()
        }
    }

    /// The copy's latest time on the shelf that was not a mistake.
    #[must_use]
    pub fn latest_hold(&self, card: CardId) -> Option<&Hold> {
        self.holds
            .iter()
            .rev()
            .find(|hold| hold.card == card && hold.outcome.is_none_or(|outcome| outcome.how != Ending::Undone))
    }

    /// The facts reported of one copy that were not taken back, oldest entry first.
    pub(super) fn facts(&self, card: CardId) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(move |event| event.card == card && event.undone_on.is_none())
    }

    /// A collection or destruction that was read first opens a hold without a return; a return row read later completes
    /// the evidence (T9).
    fn returned_by_evidence(&self, hold: &Hold) -> Option<NaiveDate> {
        self.facts(hold.card)
            .filter(|fact| fact.is_return())
            .map(|fact| fact.on)
            .filter(|on| *on <= hold.returned_on)
            .max()
    }

    /// A destruction before the copy was due for it, or contradicted by its return, shows nothing (T9, T13).
    pub(super) fn destroyed_when_due(&self, card: &Card) -> Option<NaiveDate> {
        let Custody::Removed { on, .. } = card.custody else { return None };
        let destroyed =
            self.facts(card.id).rfind(|fact| fact.what == EventKind::Destroyed && fact.after == card.custody)?;
        match destroyed.before.custody {
            Custody::RemovalDue { since, .. } if since <= on => Some(on),
            _ => None,
        }
    }
}

/// A missing copy that was to be destroyed is missing all the same: who cannot show it is to blame.
fn whereabouts(custody: &Custody) -> Whereabouts {
    match custody {
        Custody::Planned { .. } | Custody::Queued { .. } | Custody::Cancelled { .. } | Custody::Spoiled { .. } => {
            Whereabouts::Planned
        }
        Custody::InPrint { .. } => Whereabouts::InPrint,
        Custody::Posted { .. } | Custody::Collected { .. } | Custody::Lost { .. } => Whereabouts::Out,
        Custody::Held { .. } | Custody::RemovalDue { .. } => Whereabouts::OnShelf,
        Custody::Missing { .. } => Whereabouts::Missing,
        Custody::Removed { .. } => Whereabouts::Destroyed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::example::{CARD, Desk, day};

    #[test]
    fn a_confirmed_posting_is_evidence() {
        let desk = Desk::posted("2025-03-03");
        let evidence = desk.case.evidence(CARD, desk.office.today, &desk.office.periods);
        assert_eq!(evidence, Evidence { posted_on: Some(day("2025-03-03")), ..Evidence::default() });
    }

    #[test]
    fn an_unanswered_copy_shows_nothing() {
        let desk = Desk::in_print("2025-03-03");
        let evidence = desk.case.evidence(CARD, desk.office.today, &desk.office.periods);
        assert_eq!(evidence, Evidence { copy: Whereabouts::InPrint, ..Evidence::default() });
    }
}
