//! One printed copy and its custody: where it is, with the facts true there.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    ids::{BatchId, CardId, HoldId, PersonId, RequestId},
    person::{Address, Name, masked},
};

/// One copy, never edited after print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Printed on it, with a check digit.
    pub id: CardId,
    /// Whose it is.
    pub person: PersonId,
    /// The stay it was made for; copies of another stay are never valid.
    pub stay: u32,
    /// Why it was made.
    pub cause: Cause,
    /// The copy it takes over from (T16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<CardId>,
    /// The request it fulfils.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// Where this copy is.
    pub custody: Custody,
    /// The print order it stands in, once that is closed (T4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchId>,
    /// When it left for the citizen, and whether that can be shown (1.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posting: Option<Posting>,
    /// Times it was put in the post, the producer's mailing included (T11).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mailings: u8,
    /// The newer copy that took over (T16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Superseded>,
    /// What the producer said of it; the first answer wins (T6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ProducerOutcome>,
    /// The order in which the producer refused the snapshot in `printed`: it waits until a printed datum differs (T5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_in: Option<BatchId>,
    /// Corrected while it was in print, on this day: back, it is to be destroyed at once (1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intercept_since: Option<NaiveDate>,
    /// The spoiled copy this one stands in for (T5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_in_for: Option<CardId>,
    /// What was printed, fixed when the batch was closed.
    #[serde(skip)]
    pub printed: Option<Printed>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(n: &u8) -> bool {
    *n == 0
}

/// What the producer did with a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProducerOutcome {
    /// Handed to the carrier.
    Posted,
    /// Cannot be printed as ordered.
    Refused,
    /// Printed and unusable.
    Spoiled,
}

/// Why a copy is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// First card of a stay.
    First,
    /// Lost by the citizen.
    Lost,
    /// Stolen from the citizen.
    Stolen,
    /// Damaged.
    Damaged,
    /// Posted and not seen since.
    NeverArrived,
    /// The held copy was removed after six months.
    NoLongerHeld,
    /// Another practitioner by own choice.
    OwnGpChoice,
    /// Another name by own choice.
    OwnNameChange,
    /// The authority misspelt the name.
    Misspelt,
    /// Printed otherwise than ordered.
    Misprint,
    /// The office lost the copy (T15).
    OurLoss,
}

impl Card {
    /// A copy that is planned and nothing else yet.
    #[must_use]
    pub fn planned(id: CardId, person: PersonId, stay: u32, cause: Cause, due_on: NaiveDate) -> Self {
        Self {
            id,
            person,
            stay,
            cause,
            replaces: None,
            request: None,
            custody: Custody::Planned { due_on },
            batch: None,
            posting: None,
            mailings: 0,
            superseded: None,
            answer: None,
            refused_in: None,
            intercept_since: None,
            stands_in_for: None,
            printed: None,
        }
    }
}

impl Cause {
    /// As in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Damaged => "damaged",
            Self::NeverArrived => "never_arrived",
            Self::NoLongerHeld => "no_longer_held",
            Self::OwnGpChoice => "own_gp_choice",
            Self::OwnNameChange => "own_name_change",
            Self::Misspelt => "misspelt",
            Self::Misprint => "misprint",
            Self::OurLoss => "our_loss",
        }
    }

    /// The old copy stops at once, not when the new one is posted (T16).
    #[must_use]
    pub const fn stops_at_once(self) -> bool {
        matches!(self, Self::Lost | Self::Stolen | Self::NeverArrived)
    }

    /// Who asks has no copy: one that lies valid on our shelf is the answer (1.6).
    #[must_use]
    pub const fn lacks_card(self) -> bool {
        matches!(self, Self::Lost | Self::Stolen | Self::NeverArrived | Self::NoLongerHeld)
    }

    /// The old copy carries a wrong name and is not handed out (1.5, T16).
    #[must_use]
    pub const fn corrects_name(self) -> bool {
        matches!(self, Self::Misspelt | Self::Misprint)
    }
}

/// Where a copy is. Each state carries exactly the facts true in it (1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "state", rename_all = "snake_case")]
pub enum Custody {
    /// Will be ordered from this day on.
    Planned {
        /// First day it may be ordered.
        due_on: NaiveDate,
    },
    /// Goes into the next print order.
    Queued {
        /// The day it was due.
        due_on: NaiveDate,
        /// The day it was queued.
        on: NaiveDate,
    },
    /// In a closed print order.
    InPrint {
        /// The day of the order.
        on: NaiveDate,
    },
    /// On its way, or with the citizen.
    Posted {
        /// The day it was posted.
        on: NaiveDate,
        /// Where to.
        to: Delivery,
    },
    /// On our shelf.
    Held {
        /// This time on the shelf.
        hold: HoldId,
    },
    /// Handed out at the desk.
    Collected {
        /// The day.
        on: NaiveDate,
        /// The time on the shelf that ended so.
        hold: HoldId,
        /// Who came.
        by: Collector,
    },
    /// To be destroyed.
    RemovalDue {
        /// The time on the shelf it belongs to.
        hold: HoldId,
        /// Why.
        reason: RemovalReason,
        /// Since when.
        since: NaiveDate,
    },
    /// Destroyed.
    Removed {
        /// The day.
        on: NaiveDate,
        /// The time on the shelf that ended so.
        hold: HoldId,
        /// The member of staff.
        by: String,
    },
    /// Never printed.
    Cancelled {
        /// The day.
        on: NaiveDate,
    },
    /// The producer spoiled it.
    Spoiled {
        /// The day.
        on: NaiveDate,
    },
    /// The citizen no longer has it, or never got it.
    Lost {
        /// The day reported.
        on: NaiveDate,
        /// How it went.
        how: Cause,
        /// What returns when the report is taken back (T16).
        was: Box<Custody>,
    },
    /// Should be on our shelf, is not (T15).
    Missing {
        /// The day it was missed.
        on: NaiveDate,
        /// What returns when it is found.
        was: Box<Custody>,
    },
}

impl Custody {
    /// As in files and tables.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self {
            Self::Planned { .. } => "planned",
            Self::Queued { .. } => "queued",
            Self::InPrint { .. } => "in_print",
            Self::Posted { .. } => "posted",
            Self::Held { .. } => "held",
            Self::Collected { .. } => "collected",
            Self::RemovalDue { .. } => "removal_due",
            Self::Removed { .. } => "removed",
            Self::Cancelled { .. } => "cancelled",
            Self::Spoiled { .. } => "spoiled",
            Self::Lost { .. } => "lost",
            Self::Missing { .. } => "missing",
        }
    }

    /// The time on the shelf this state belongs to.
    #[must_use]
    pub fn hold(&self) -> Option<HoldId> {
        match self {
            Self::Held { hold }
            | Self::Collected { hold, .. }
            | Self::RemovalDue { hold, .. }
            | Self::Removed { hold, .. } => Some(*hold),
            Self::Missing { was, .. } => was.hold(),
            _ => None,
        }
    }

    /// Where the copy is as far as the book knows, whatever the citizen reported.
    #[must_use]
    pub fn but_for_loss(&self) -> &Self {
        match self {
            Self::Lost { was, .. } => was,
            custody => custody,
        }
    }

    /// The copy lies on our shelf now: held, or waiting to be destroyed.
    #[must_use]
    pub const fn on_shelf(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::RemovalDue { .. })
    }

    /// No such copy can come from anywhere: it is not printed, or never will be.
    #[must_use]
    pub const fn never_printed(&self) -> bool {
        self.unprinted() || matches!(self, Self::Cancelled { .. })
    }

    /// Not printed yet: data and date can still change.
    #[must_use]
    pub const fn unprinted(&self) -> bool {
        matches!(self, Self::Planned { .. } | Self::Queued { .. })
    }
}

/// Where a copy is posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// The person's address.
    Home,
    /// The office, for people without a deliverable address.
    Office,
}

impl Delivery {
    /// As in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Office => "office",
        }
    }
}

/// Who collected a copy (T10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collector {
    /// The person on the card.
    Holder,
    /// A child's guardian.
    Guardian,
    /// Somebody with an authorisation.
    Authorised,
}

/// Why a copy is to be destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReason {
    /// Six months are over (T12).
    Expired,
    /// A newer copy took over (T16), or it was not valid when it came (T9).
    Superseded,
    /// It came back although its destruction is on file (T9).
    Conflict,
    /// The person left (T17).
    Departed,
    /// The person died (T19).
    Deceased,
    /// A wrong name must not be handed out (1.5).
    Intercepted,
}

impl RemovalReason {
    /// As in files and tables.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Conflict => "conflict",
            Self::Departed => "departed",
            Self::Deceased => "deceased",
            Self::Intercepted => "intercepted",
        }
    }
}

/// A posting date, and whether somebody confirmed it: an inferred one is no evidence for a fee (T8, T9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    /// The date.
    pub on: NaiveDate,
    /// Confirmed by the producer and not contradicted.
    pub evidence: bool,
}

/// A newer copy took over on this day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superseded {
    /// The newer copy.
    pub by: CardId,
    /// When it was posted or came in.
    pub on: NaiveDate,
}

/// What is printed on a card, and where it is sent: the snapshot of T4. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    /// Ten digits.
    pub cpr: String,
    /// As printed.
    pub name: Name,
    /// Where it goes when delivered home.
    pub address: Address,
    /// The practitioner of group 1.
    pub practice: Option<Practice>,
    /// `1` or `2`.
    pub group: String,
    /// Four digits.
    pub municipality: String,
    /// The region of that municipality.
    pub region: String,
    /// First day the card counts.
    pub valid_from: NaiveDate,
    /// Home or office.
    pub delivery: Delivery,
}

/// The practitioner as printed on a card.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Six digits.
    pub gp_number: String,
    /// Name of the practice.
    pub name: String,
    /// Street, postal code and city on one line.
    pub address: String,
    /// May be empty.
    pub phone: String,
}
masked!(Printed, Practice);
