//! General practitioners by period, and the office's dated closures: what every case is read against.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{BatchId, ClosureId, PersonId, PractitionerId};

/// A practice as published, for one period. Public data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practitioner {
    /// Number of the entry.
    pub id: PractitionerId,
    /// Always the office's own folder.
    pub person: PersonId,
    /// Six digits, leading zeros kept.
    pub gp_number: String,
    /// Name of the practice.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// City.
    pub city: String,
    /// May be empty.
    pub phone: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
}

impl Practitioner {
    /// The entry counts on this day.
    #[must_use]
    pub fn covers(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }
}

/// A day the office is closed besides weekends, holidays and the yearly days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// Number of the closure.
    pub id: ClosureId,
    /// Always the office's own folder.
    pub person: PersonId,
    /// First closed day.
    pub from: NaiveDate,
    /// Last closed day.
    pub to: NaiveDate,
}

/// A closed print order (T4): its lines are the cards that carry its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Number of the batch.
    pub id: BatchId,
    /// Always the office's own folder.
    pub person: PersonId,
    /// The day it was closed.
    pub on: NaiveDate,
    /// Its lines.
    pub cards: i64,
}
