//! Facts reported of one copy, by a return row, a desk row or a desk verb, with what was before: so they can be undone.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    card::Custody,
    hold::{Hold, Words},
    ids::{CardId, EventId, PersonId},
};

/// One reported fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Our number.
    pub id: EventId,
    /// The `event_id` it came with; desk verbs and return rows have ours only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Whose case.
    pub person: PersonId,
    /// Which copy.
    pub card: CardId,
    /// What was reported.
    pub what: EventKind,
    /// The day it happened.
    pub on: NaiveDate,
    /// The member of staff, or `holder`, `guardian`, `authorised` for a collection; empty for a return row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Undone on this day (T23): then it is no evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_on: Option<NaiveDate>,
    /// What returns when it is undone.
    pub before: Before,
    /// Where the copy was afterwards: an undo is refused when something later rests on it.
    pub after: Custody,
    /// Free text.
    #[serde(skip)]
    pub note: Words,
}

/// The state before an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Where the copy was.
    pub custody: Custody,
    /// The time on the shelf it belonged to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The address flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlabelled_since: Option<NaiveDate>,
}

/// What can be reported of a copy (2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Came back by post.
    Returned,
    /// Came to the office on purpose.
    Arrived,
    /// Handed out.
    Collected,
    /// Posted again.
    SentAgain,
    /// Destroyed.
    Destroyed,
    /// Not on the shelf.
    Missing,
    /// On the shelf after all.
    Found,
    /// The citizen reported it lost.
    ReportedLost,
    /// The citizen was told.
    Told,
    /// Extended or restored by an operator (T14).
    Extended,
    /// Extended or restored by an operator (T14).
    Restored,
}

impl EventKind {
    /// As in files and the ledger.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Arrived => "arrived",
            Self::Collected => "collected",
            Self::SentAgain => "sent_again",
            Self::Destroyed => "destroyed",
            Self::Missing => "missing",
            Self::Found => "found",
            Self::ReportedLost => "reported_lost",
            Self::Told => "told",
            Self::Extended => "extended",
            Self::Restored => "restored",
        }
    }
}
