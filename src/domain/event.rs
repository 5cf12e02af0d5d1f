//! Facts reported of one copy, by a return row, a desk row or a desk verb, with what was before: so they can be undone.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    card::Custody,
    hold::{Hold, ReturnReason, Words},
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
    /// Of a copy that came in: why, and where it was laid. It is needed when the return is placed later (T9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Received>,
    /// The later fact behind which this return was placed (T9); otherwise facts follow each other as entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_after: Option<EventId>,
    /// What returns when it is undone.
    pub before: Before,
    /// Where the copy was afterwards: an undo is refused when something later rests on it.
    pub after: Custody,
    /// Free text.
    #[serde(skip)]
    pub note: Words,
}

impl Event {
    /// It changed where the copy is; otherwise it only told something of it.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.before.custody != self.after
    }

    /// Its place among the facts of its copy.
    #[must_use]
    pub fn place(&self) -> (EventId, bool) {
        (self.placed_after.unwrap_or(self.id), self.placed_after.is_some())
    }

    /// A copy came in.
    #[must_use]
    pub const fn is_return(&self) -> bool {
        matches!(self.what, EventKind::Returned | EventKind::Arrived)
    }
}

/// Why a copy came in, and where it was laid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Our reason code.
    pub reason: ReturnReason,
    /// Where the shelf is.
    pub site: String,
    /// Where on the shelf.
    pub slot: String,
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
    /// Given more time by an operator (T14).
    Extended,
    /// Held again by an operator (T14).
    Restored,
    /// An earlier entry was a mistake (T23).
    Undone,
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
            Self::Undone => "undone",
        }
    }
}
