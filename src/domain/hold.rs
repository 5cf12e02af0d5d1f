//! One time a copy lies on our shelf, and what lies there without a card on file.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    ids::{CardId, HoldId, ItemId, PersonId},
    person::masked,
};

/// One time on the shelf: its own clock, slot, notices and exactly one outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Number of this time on the shelf.
    pub id: HoldId,
    /// Whose copy.
    pub person: PersonId,
    /// The copy.
    pub card: CardId,
    /// The day it came: the clock starts here and `hold_until` never changes.
    pub returned_on: NaiveDate,
    /// The night or desk day on which the book learnt of it.
    pub recorded_on: NaiveDate,
    /// Why it is here.
    pub reason: ReturnReason,
    /// Where the shelf is.
    pub site: String,
    /// Where on the shelf.
    pub slot: String,
    /// Six months from `returned_on`, on an open day; computed once (1.4).
    pub hold_until: NaiveDate,
    /// Last day it can be collected; never earlier once told (1.4).
    pub last_day: NaiveDate,
    /// Export day of the first notice of this hold, or the day of desk event `told`: what `last_day` counts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_told: Option<NaiveDate>,
    /// The `last_day` most recently told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_last_day: Option<NaiveDate>,
    /// Told at the desk or by telephone: counts at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_by_desk: Option<ToldByDesk>,
    /// Latest day it became held again: valid, found, restored or undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_again_on: Option<NaiveDate>,
    /// An operator's extension (T14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_to: Option<NaiveDate>,
    /// How it ended; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Carrier's words: free text, kept apart.
    #[serde(skip)]
    pub words: Words,
}

/// Free text of a carrier or a member of staff. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(pub String);
masked!(Words);

/// Who told the citizen, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldByDesk {
    /// The day.
    pub on: NaiveDate,
    /// The member of staff.
    pub by: String,
}

/// The end of a time on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// How.
    pub how: Ending,
    /// The day.
    pub on: NaiveDate,
}

/// Every way a time on the shelf ends (1.8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Handed out.
    Collected,
    /// Posted again.
    SentAgain,
    /// Destroyed.
    Removed,
    /// Not found; opens again when it is.
    Missing,
    /// Entered by mistake.
    Undone,
}

/// Our reason code for a return (2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// The name is not on the postbox: the address is flagged.
    NoNameOnPostbox,
    /// Moved away.
    Moved,
    /// Unknown at the address.
    Unknown,
    /// The postbox was full.
    BoxFull,
    /// Not accepted.
    Refused,
    /// The recipient is dead.
    Deceased,
    /// Anything else.
    Other,
    /// Sent to us on purpose (T8b).
    OfficeDelivery,
    /// Handed in after it had been collected or sent (T9).
    FoundItem,
}

impl ReturnReason {
    /// As in settings, files and tables.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoNameOnPostbox => "no_name_on_postbox",
            Self::Moved => "moved",
            Self::Unknown => "unknown",
            Self::BoxFull => "box_full",
            Self::Refused => "refused",
            Self::Deceased => "deceased",
            Self::Other => "other",
            Self::OfficeDelivery => "office_delivery",
            Self::FoundItem => "found_item",
        }
    }
}

/// Something on our shelf that is not simply one of our cards (T9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Number of the item.
    pub id: ItemId,
    /// Always the office's own folder.
    pub person: PersonId,
    /// The day it came.
    pub returned_on: NaiveDate,
    /// Our reason code.
    pub reason: ReturnReason,
    /// Where the shelf is.
    pub site: String,
    /// Where on the shelf.
    pub slot: String,
    /// How it ended; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ItemOutcome>,
    /// What was written on it.
    #[serde(skip)]
    pub label: Label,
}

/// What became of an unmatched item, on which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemOutcome {
    /// How.
    pub how: ItemEnding,
    /// The day.
    pub on: NaiveDate,
    /// The card it turned out to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
}

/// Every way an unmatched item ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemEnding {
    /// It was one of our cards after all.
    Matched,
    /// Passed on to whom it belongs.
    Forwarded,
    /// Destroyed.
    Destroyed,
}

/// What a return row said of the item: personal. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Label {
    /// The card id as read.
    pub card_id: String,
    /// Ten digits, as read.
    pub cpr: String,
    /// The name as read.
    pub name: String,
    /// The carrier's words.
    pub words: String,
}
masked!(Label);
