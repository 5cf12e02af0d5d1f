//! The things the book keeps, seen alike: each has a number, a folder, facts, and perhaps personal data kept apart.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    card::Card,
    case::Case,
    event::Event,
    finding::Finding,
    hold::{Hold, Item, Words},
    ids::PersonId,
    notice::Notice,
    person::Person,
    practice::{Batch, Closure, Practitioner},
    request::{Payment, Refund, Request},
};

/// What kind of thing a ledger entry is about; in the order in which one refers to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A person's front page.
    Person,
    /// A practitioner's period.
    Practitioner,
    /// A dated closure.
    Closure,
    /// A closed print order.
    Batch,
    /// A copy.
    Card,
    /// A time on the shelf.
    Hold,
    /// An unmatched item.
    Item,
    /// A request.
    Request,
    /// A payment.
    Payment,
    /// A refund.
    Refund,
    /// A notice.
    Notice,
    /// A reported fact.
    Event,
    /// A finding.
    Finding,
}

impl Kind {
    /// Every kind, in the order in which rows are written.
    pub const ALL: [Self; 13] = [
        Self::Person,
        Self::Practitioner,
        Self::Closure,
        Self::Batch,
        Self::Card,
        Self::Hold,
        Self::Item,
        Self::Request,
        Self::Payment,
        Self::Refund,
        Self::Notice,
        Self::Event,
        Self::Finding,
    ];

    /// Its name in the ledger, and of its table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Practitioner => "practitioner",
            Self::Closure => "closure",
            Self::Batch => "batch",
            Self::Card => "card",
            Self::Hold => "hold",
            Self::Item => "item",
            Self::Request => "request",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Notice => "notice",
            Self::Event => "event",
            Self::Finding => "finding",
        }
    }
}

/// One thing the book keeps. Its serialised form is at once its row and its image in the ledger, byte for byte.
pub trait Record: Clone + Serialize + DeserializeOwned {
    /// What it is.
    const KIND: Kind;

    /// Its number.
    fn number(&self) -> i64;

    /// Its folder.
    fn folder(&self) -> PersonId;

    /// Its personal data and free text as JSON, when it has any.
    fn personal(&self) -> Option<String> {
        None
    }

    /// Puts personal data read from the book back in its place.
    ///
    /// # Errors
    /// When the text is not what [`Record::personal`] writes.
    fn set_personal(&mut self, _json: &str) -> serde_json::Result<()> {
        Ok(())
    }

    /// Where it lies in a folder.
    fn find(case: &mut Case, number: i64) -> Option<&mut Self>;

    /// Lays it into a folder.
    fn put(self, case: &mut Case);
}

macro_rules! records {
    ($($type:ident in $list:ident $(with $personal:ident unless $empty:expr)?;)*) => {$(
        impl Record for $type {
            const KIND: Kind = Kind::$type;

            fn number(&self) -> i64 {
                self.id.0
            }

            fn folder(&self) -> PersonId {
                self.person
            }
            $(
                fn personal(&self) -> Option<String> {
                    let empty: fn(&Self) -> bool = $empty;
                    if empty(self) { None } else { serde_json::to_string(&self.$personal).ok() }
                }

                fn set_personal(&mut self, json: &str) -> serde_json::Result<()> {
                    self.$personal = serde_json::from_str(json)?;
                    Ok(())
                }
            )?
            fn find(case: &mut Case, number: i64) -> Option<&mut Self> {
                case.$list.iter_mut().find(|record| record.number() == number)
            }

            fn put(self, case: &mut Case) {
                case.$list.push(self);
            }
        }
    )*};
}

fn no_words(words: &Words) -> bool {
    words.0.is_empty()
}

records! {
    Card in cards with printed unless |card| card.printed.is_none();
    Hold in holds with words unless |hold| no_words(&hold.words);
    Item in items with label unless |_| false;
    Request in requests with wish unless |request| request.wish == super::request::Wish::default();
    Payment in payments with remark unless |_| false;
    Event in events with note unless |event| no_words(&event.note);
    Refund in refunds;
    Notice in notices;
    Finding in findings;
    Practitioner in practitioners;
    Closure in closures;
    Batch in batches;
}

impl Record for Person {
    const KIND: Kind = Kind::Person;

    fn number(&self) -> i64 {
        self.id.0
    }

    fn folder(&self) -> PersonId {
        self.id
    }

    fn personal(&self) -> Option<String> {
        if self.id == PersonId::OFFICE { None } else { serde_json::to_string(&self.data).ok() }
    }

    fn set_personal(&mut self, json: &str) -> serde_json::Result<()> {
        self.data = serde_json::from_str(json)?;
        Ok(())
    }

    fn find(case: &mut Case, number: i64) -> Option<&mut Self> {
        Some(&mut case.person).filter(|person| person.id.0 == number)
    }

    fn put(self, case: &mut Case) {
        case.person = self;
    }
}
