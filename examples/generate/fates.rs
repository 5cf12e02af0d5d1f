//! What becomes of the cards that the first night sends to print, as the feeds of the later nights tell it.

use chrono::{Days, NaiveDate};
use sundhedskort::domain::ids::{BatchId, CardId};

use crate::draws::{About, by_share, draws, permille};
use crate::population::{Person, Population, Standing};

/// Days after the first night on which the later feeds are read: the producer's answers, the carrier's returns, and
/// what the desk and the citizens did.
pub(crate) const ANSWERS_AFTER: u64 = 3;
/// See [`ANSWERS_AFTER`].
pub(crate) const RETURNS_AFTER: u64 = 17;
/// See [`ANSWERS_AFTER`].
pub(crate) const DESK_AFTER: u64 = 50;

/// A card that the first night sends to print.
pub(crate) struct Printed {
    pub(crate) card: CardId,
    pub(crate) batch: BatchId,
    pub(crate) fate: Fate,
    pub(crate) person: Person,
}

/// What becomes of a printed card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// The producer refuses the line.
    Refused,
    /// The producer spoils the copy.
    Spoiled,
    /// Delivered to the office (status 03).
    ToOffice,
    /// The carrier brings it back.
    Returned,
    /// Its holder asks for another one.
    Replaced,
    /// It arrives and is kept.
    Kept,
}

impl Population {
    /// The cards of the first night in their own order. A fresh book numbers cards in the order of CPR numbers and
    /// gives none to status 20; those that are due go to print in batches of `batch`.
    pub(crate) fn printed(&self, batch: u64) -> impl Iterator<Item = anyhow::Result<Printed>> {
        let with_card = (0..self.people).filter(|rank| self.standing(*rank) != Standing::Administrative);
        let due = (1..).zip(with_card).filter(|(_, rank)| self.standing(*rank) == Standing::Due);
        due.zip(0_u64..).map(move |((card, rank), line)| {
            let person = self.person(rank)?;
            Ok(Printed {
                card: CardId(card),
                batch: BatchId(i64::try_from(line / batch + 1)?),
                fate: self.fate(&person),
                person,
            })
        })
    }

    /// A date so many days after the first night.
    pub(crate) fn days_later(&self, days: u64) -> NaiveDate {
        self.today + Days::new(days)
    }

    fn fate(&self, person: &Person) -> Fate {
        let mut rng = draws(self.seed, About::Fate, person.rank);
        if permille(&mut rng, 1) {
            return if rng.bool() { Fate::Refused } else { Fate::Spoiled };
        }
        if person.status == "03" {
            return Fate::ToOffice;
        }
        by_share(&mut rng, &[(Fate::Returned, 2), (Fate::Replaced, 3), (Fate::Kept, 95)])
    }
}
