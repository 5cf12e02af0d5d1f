//! One message to one person: what it tells, whether it went, and whether it arrived.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{CardId, HoldId, LetterId, NoticeId, PersonId, RequestId};

/// One thing told once: person, kind, subject and told date are unique together (2.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Our number of this one thing told.
    pub id: NoticeId,
    /// Whom it is about.
    pub person: PersonId,
    /// What it tells.
    pub kind: NoticeKind,
    /// This hold, request or card.
    pub subject: Subject,
    /// The last day it tells, for the kinds that tell one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_date: Option<NaiveDate>,
    /// The day the rule asked for it.
    pub wanted_on: NaiveDate,
    /// How far it has come.
    pub state: NoticeState,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// This time on the shelf.
    Hold(HoldId),
    /// This request.
    Request(RequestId),
    /// This copy.
    Card(CardId),
}

/// The kinds of 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Your card came back to us.
    CardHeld,
    /// Your card is ready at the office.
    CardReady,
    /// A month left.
    #[serde(rename = "reminder-30")]
    Reminder30,
    /// A week left.
    #[serde(rename = "reminder-7")]
    Reminder7,
    /// The last day is later than told.
    LastDayMoved,
    /// Do not come: a newer card took over.
    PickUpWithdrawn,
    /// The held card was destroyed.
    HoldEnded,
    /// The card is in the post again.
    CardSentAgain,
    /// Free or a fee, with the ground and how to complain.
    FeeDecision,
    /// Paid too little.
    PaymentMissing,
    /// Money goes back.
    Refunded,
    /// A corrected card is on its way.
    CorrectedCardUnderWay,
    /// A departure is registered (later).
    DepartureNoted,
    /// A card counts again.
    CardValidAgain,
}

impl NoticeKind {
    /// Every kind, in the order of 2.3.
    pub const ALL: [Self; 14] = [
        Self::CardHeld,
        Self::CardReady,
        Self::Reminder30,
        Self::Reminder7,
        Self::LastDayMoved,
        Self::PickUpWithdrawn,
        Self::HoldEnded,
        Self::CardSentAgain,
        Self::FeeDecision,
        Self::PaymentMissing,
        Self::Refunded,
        Self::CorrectedCardUnderWay,
        Self::DepartureNoted,
        Self::CardValidAgain,
    ];

    /// Those that ask the citizen to come for a card.
    pub const PICK_UP: [Self; 5] =
        [Self::CardHeld, Self::CardReady, Self::Reminder30, Self::Reminder7, Self::LastDayMoved];

    /// As in file names and settings.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CardHeld => "card-held",
            Self::CardReady => "card-ready",
            Self::Reminder30 => "reminder-30",
            Self::Reminder7 => "reminder-7",
            Self::LastDayMoved => "last-day-moved",
            Self::PickUpWithdrawn => "pick-up-withdrawn",
            Self::HoldEnded => "hold-ended",
            Self::CardSentAgain => "card-sent-again",
            Self::FeeDecision => "fee-decision",
            Self::PaymentMissing => "payment-missing",
            Self::Refunded => "refunded",
            Self::CorrectedCardUnderWay => "corrected-card-under-way",
            Self::DepartureNoted => "departure-noted",
            Self::CardValidAgain => "card-valid-again",
        }
    }

    /// It asks the citizen to come for a card and tells the last day: such a notice makes them told of a hold (1.4).
    #[must_use]
    pub fn tells_of_hold(self) -> bool {
        Self::PICK_UP.contains(&self)
    }
}

/// How far a notice has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "state", rename_all = "snake_case")]
pub enum NoticeState {
    /// Goes with the next export.
    Wanted,
    /// In a file for the letter tool.
    Exported {
        /// The day of the export.
        on: NaiveDate,
        /// The letter it stands in: the file's `notice_id`.
        letter: LetterId,
        /// How it goes.
        channel: Channel,
        /// What the letter tool said of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Answer>,
    },
    /// Nobody can be written to: on the call list.
    ToCall {
        /// Since.
        since: NaiveDate,
        /// Why, as a code.
        why: String,
        /// The letter that failed: a second report of it is known by this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        letter: Option<LetterId>,
    },
    /// It no longer applies, or the desk told it.
    Dropped {
        /// The day.
        on: NaiveDate,
        /// Why, as a code.
        why: String,
        /// The letter that had failed before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        letter: Option<LetterId>,
    },
}

/// Digital post or a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Digital post.
    Digital,
    /// A letter on paper.
    Letter,
}

impl Channel {
    /// As in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Digital => "digital",
            Self::Letter => "letter",
        }
    }
}

/// What the letter tool reported of a letter (`notice-outcomes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// It arrived; otherwise it failed.
    pub delivered: bool,
    /// The day reported.
    pub on: NaiveDate,
}

impl Notice {
    /// The letter it stood in, if it went out at all.
    #[must_use]
    pub const fn letter(&self) -> Option<LetterId> {
        match self.state {
            NoticeState::Wanted => None,
            NoticeState::Exported { letter, .. } => Some(letter),
            NoticeState::ToCall { letter, .. } | NoticeState::Dropped { letter, .. } => letter,
        }
    }

    /// Nobody has been told by it yet, and it is still to be told.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self.state, NoticeState::Wanted | NoticeState::ToCall { .. })
    }

    /// The day this notice counts as told, seen from `today`: the day of the export, once it was reported delivered
    /// or `silence_days` passed without a report of failure (1.4).
    #[must_use]
    pub fn told_on(&self, today: NaiveDate, silence_days: u64) -> Option<NaiveDate> {
        match &self.state {
            NoticeState::Exported { on, answer: Some(answer), .. } => answer.delivered.then_some(*on),
            NoticeState::Exported { on, answer: None, .. } => {
                let silent_until = on.checked_add_days(chrono::Days::new(silence_days))?;
                (silent_until <= today).then_some(*on)
            }
            _ => None,
        }
    }
}
