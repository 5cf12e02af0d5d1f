//! Which folder a row belongs to: by CPR number, card, letter, request or refund.

use std::collections::{BTreeSet, HashMap};

use super::{
    Book,
    bulk::{Value, Wide},
    connection::Failure,
};
use crate::domain::{
    ids::PersonId,
    input::{Locator, Reference},
};

/// The folders that a chunk's rows name.
#[derive(Debug, Default)]
pub struct Located {
    cpr: HashMap<String, PersonId>,
    card: HashMap<i64, PersonId>,
    letter: HashMap<i64, BTreeSet<PersonId>>,
    request: HashMap<String, PersonId>,
    refund: HashMap<i64, PersonId>,
    event_taken: HashMap<String, PersonId>,
    payment_taken: HashMap<String, PersonId>,
}

impl Located {
    /// The folders of one row; none when nothing on file has that name.
    #[must_use]
    pub fn folders(&self, locator: Locator<'_>) -> Vec<PersonId> {
        match locator {
            Locator::Cpr(cpr) => self.cpr.get(&cpr.reveal()).copied().into_iter().collect(),
            Locator::Card(card) => self.card.get(&card.0).copied().into_iter().collect(),
            Locator::Letter(letter) => self.letter.get(&letter.0).into_iter().flatten().copied().collect(),
            Locator::Request(reference) => self.request.get(reference).copied().into_iter().collect(),
            Locator::Refund(refund) => self.refund.get(&refund.0).copied().into_iter().collect(),
            Locator::Office => vec![PersonId::OFFICE],
        }
    }

    /// The folder in which a neighbour's id is on file already.
    #[must_use]
    pub fn taken(&self, reference: Reference<'_>) -> Option<PersonId> {
        match reference {
            Reference::Event(text) => self.event_taken.get(text),
            Reference::Request(text) => self.request.get(text),
            Reference::Payment(text) => self.payment_taken.get(text),
        }
        .copied()
    }

    /// Notes a folder opened in this chunk, so that the next row finds it.
    pub fn note(&mut self, cpr: crate::domain::cpr::Cpr, person: PersonId) {
        self.cpr.insert(cpr.reveal(), person);
    }

    /// Notes a neighbour's id used in this chunk.
    pub fn take(&mut self, reference: Reference<'_>, person: PersonId) {
        match reference {
            Reference::Event(text) => self.event_taken.insert(text.to_owned(), person),
            Reference::Request(text) => self.request.insert(text.to_owned(), person),
            Reference::Payment(text) => self.payment_taken.insert(text.to_owned(), person),
        };
    }
}

macro_rules! by {
    ($select:literal) => {
        Wide { head: concat!($select, " IN ("), tail: ")", bracketed: false }
    };
}

impl Book {
    /// Looks up the folders of many rows at once.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn locate(&mut self, locators: &[Locator<'_>], references: &[Reference<'_>]) -> Result<Located, Failure> {
        let mut texts: [Vec<String>; 4] = Default::default();
        let mut numbers: [Vec<i64>; 3] = Default::default();
        for locator in locators {
            match locator {
                Locator::Cpr(cpr) => texts[0].push(cpr.reveal()),
                Locator::Request(reference) => texts[1].push((*reference).to_owned()),
                Locator::Card(card) => numbers[0].push(card.0),
                Locator::Letter(letter) => numbers[1].push(letter.0),
                Locator::Refund(refund) => numbers[2].push(refund.0),
                Locator::Office => {}
            }
        }
        for reference in references {
            match reference {
                Reference::Request(text) => texts[1].push((*text).to_owned()),
                Reference::Event(text) => texts[2].push((*text).to_owned()),
                Reference::Payment(text) => texts[3].push((*text).to_owned()),
            }
        }
        let [cprs, requests, events, payments] = &texts;
        let [cards, letters, refunds] = &numbers;
        let mut located = Located {
            cpr: self.by_text(by!("SELECT cpr, person_id FROM cpr WHERE cpr"), cprs).await?,
            request: self.by_text(by!("SELECT reference, person_id FROM request WHERE reference"), requests).await?,
            event_taken: self.by_text(by!("SELECT reference, person_id FROM event WHERE reference"), events).await?,
            payment_taken: self
                .by_text(by!("SELECT reference, person_id FROM payment WHERE reference"), payments)
                .await?,
            card: self.by_number(by!("SELECT id, person_id FROM card WHERE id"), cards).await?.into_iter().collect(),
            refund: self
                .by_number(by!("SELECT id, person_id FROM refund WHERE id"), refunds)
                .await?
                .into_iter()
                .collect(),
            letter: HashMap::new(),
        };
        for (letter, person) in
            self.by_number(by!("SELECT letter, person_id FROM notice WHERE letter"), letters).await?
        {
            located.letter.entry(letter).or_default().insert(person);
        }
        Ok(located)
    }

    async fn by_text(&mut self, wide: Wide, keys: &[String]) -> Result<HashMap<String, PersonId>, Failure> {
        let keys: Vec<_> = keys.iter().map(|key| Value::Text(key)).collect();
        let rows: Vec<(String, i64)> = self.read_rows(wide, &keys).await?;
        Ok(rows.into_iter().map(|(key, person)| (key, PersonId(person))).collect())
    }

    async fn by_number(&mut self, wide: Wide, keys: &[i64]) -> Result<Vec<(i64, PersonId)>, Failure> {
        let keys: Vec<_> = keys.iter().map(|key| Value::Int(*key)).collect();
        let rows: Vec<(i64, i64)> = self.read_rows(wide, &keys).await?;
        Ok(rows.into_iter().map(|(key, person)| (key, PersonId(person))).collect())
    }
}
