//! A wish for a new card, the fee decision with its evidence, money in and money back.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    card::Cause,
    ground::Ground,
    ids::{CardId, PaymentId, PersonId, RefundId, RequestId},
    money::Ore,
    person::{ChosenGroup, CorrectedName, Name, masked},
};

/// A paid replacement or a free name correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Our number.
    pub id: RequestId,
    /// The `request_id` it came with; ours when entered at the desk.
    pub reference: String,
    /// Who wishes.
    pub person: PersonId,
    /// The copy it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// Replacement or correction.
    pub kind: RequestKind,
    /// Why.
    pub cause: Cause,
    /// The day of the wish: its tariff counts.
    pub requested_on: NaiveDate,
    /// How far it has come.
    pub state: RequestState,
    /// The fee decision in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<Charge>,
    /// It lapsed once and was paid after all: that happens once (1.6).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reopened: bool,
    /// The new copy, once planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<CardId>,
    /// The day of the marriage, for `own_name_change`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub married_on: Option<NaiveDate>,
    /// The name or practitioner wished for, and the note.
    #[serde(skip)]
    pub wish: Wish,
}

/// What is wished: personal. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wish {
    /// The right name; empty when it is not about the name.
    pub name: Name,
    /// Six digits; empty when it is not about the practitioner.
    pub gp_number: String,
    /// `1`, `2` or empty.
    pub insurance_group: String,
    /// Free text.
    pub note: String,
    /// What the wish replaced when it was applied: it returns when the wish is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Box<Replaced>>,
}

/// Earlier wishes that still held when a wish was applied.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// Of the name.
    pub corrected: Option<CorrectedName>,
    /// Of the practitioner or group.
    pub chosen: Option<ChosenGroup>,
}
masked!(Wish, Replaced);

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A new copy, with a fee decision.
    Replacement,
    /// A right spelling, free.
    NameCorrection,
}

impl RequestKind {
    /// As in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Replacement => "replacement",
            Self::NameCorrection => "name_correction",
        }
    }
}

/// How far a request has come (1.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "state", rename_all = "snake_case")]
pub enum RequestState {
    /// Decided free and not queued yet, or waiting for a caseworker's decision.
    Open,
    /// A fee was decided.
    AwaitingPayment {
        /// Day of the decision.
        since: NaiveDate,
        /// Last day a payment is in time.
        lapse_on: NaiveDate,
    },
    /// Paid in full.
    Paid {
        /// Day of the payment that made it full.
        on: NaiveDate,
    },
    /// The new copy is on its way to the producer.
    Queued,
    /// The new copy is posted or came in.
    Fulfilled {
        /// The day.
        on: NaiveDate,
    },
    /// Not granted.
    Refused {
        /// The day.
        on: NaiveDate,
        /// Why.
        why: Ground,
    },
    /// Taken back.
    Withdrawn {
        /// The day.
        on: NaiveDate,
    },
    /// Not paid in time.
    Lapsed {
        /// The day.
        on: NaiveDate,
        /// The last day a payment would have been in time.
        lapse_on: NaiveDate,
    },
}

impl RequestState {
    /// As in tables.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::AwaitingPayment { .. } => "awaiting_payment",
            Self::Paid { .. } => "paid",
            Self::Queued => "queued",
            Self::Fulfilled { .. } => "fulfilled",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Lapsed { .. } => "lapsed",
        }
    }

    /// Nothing has ended it yet: one such request per person and kind (1.6).
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::AwaitingPayment { .. } | Self::Paid { .. } | Self::Queued)
    }
}

/// A fee decision with the evidence it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The day it was decided.
    pub decided_on: NaiveDate,
    /// Free, a fee or a caseworker's decision.
    pub decision: Decision,
    /// What was on file.
    pub evidence: Evidence,
}

/// The result of the fee rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "is", rename_all = "snake_case")]
pub enum Decision {
    /// No fee.
    Free {
        /// Why not.
        ground: Ground,
    },
    /// A fee of the order date's tariff.
    Fee {
        /// How much.
        amount: Ore,
        /// What for.
        ground: Ground,
    },
    /// A caseworker decides.
    Manual {
        /// Why no rule does.
        why: Ground,
    },
}

/// What the book can show of the copy a request is about (1.6). Absent: it cannot be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// Posting date, when it is evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posted_on: Option<NaiveDate>,
    /// Day of the return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned_on: Option<NaiveDate>,
    /// Day the citizen counts as told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_on: Option<NaiveDate>,
    /// Last day it could be collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// Confirmed destruction after the last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destroyed_on: Option<NaiveDate>,
    /// Day of marriage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub married_on: Option<NaiveDate>,
    /// Day it was posted again (T11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_again_on: Option<NaiveDate>,
    /// Day it was handed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected_on: Option<NaiveDate>,
    /// Destroyed because of a departure that was later cancelled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub departure_cancelled: bool,
    /// Where the copy is.
    pub copy: Whereabouts,
}

/// Where the copy a request is about is, as far as the fee asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// Out of the house: posted, collected, or reported lost by the citizen.
    #[default]
    Out,
    /// Not printed yet.
    Planned,
    /// With the producer, unanswered.
    InPrint,
    /// On our shelf.
    OnShelf,
    /// Should be on our shelf, is not.
    Missing,
    /// Destroyed here.
    Destroyed,
    /// A newer copy is on its way or was sent.
    Followed,
    /// A free copy with the right name is ordered.
    BeingCorrected,
}

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Our number.
    pub id: PaymentId,
    /// The `payment_id` it came with.
    pub reference: String,
    /// Whose request it belongs to; the office's folder when unknown.
    pub person: PersonId,
    /// The request it was paid to, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// The day it was paid: in time or late by this day, whenever it is read.
    pub paid_on: NaiveDate,
    /// How much.
    pub amount: Ore,
    /// Payer and reference text.
    #[serde(skip)]
    pub remark: Remark,
}

/// Who paid, with which text: personal. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Remark {
    /// The `request_id` as read.
    pub request_id: String,
    /// Payer.
    pub payer: String,
    /// Reference text.
    pub reference: String,
}
masked!(Remark);

/// Money that goes back; it hangs on a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// Our number, known to the cashier.
    pub id: RefundId,
    /// Whose payment.
    pub person: PersonId,
    /// The payment it gives back, whole or in part.
    pub payment: PaymentId,
    /// How much.
    pub amount: Ore,
    /// Why, as a code.
    pub why: String,
    /// How far it has come.
    pub state: RefundState,
}

/// Due, ordered, confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "state", rename_all = "snake_case")]
pub enum RefundState {
    /// To be ordered in the next refunds file.
    Due {
        /// Since.
        on: NaiveDate,
    },
    /// In a refunds file.
    Ordered {
        /// The day of the file.
        on: NaiveDate,
    },
    /// Paid back.
    Confirmed {
        /// The day.
        on: NaiveDate,
    },
    /// Not ordered after all: the payment counts again.
    Cancelled {
        /// The day.
        on: NaiveDate,
    },
}
