//! What the neighbours report, as domain values: nothing here knows that a value came from CSV.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    card::{Cause, Collector, ProducerOutcome},
    cpr::Cpr,
    hold::ReturnReason,
    ids::{BatchId, CardId, LetterId, RefundId},
    money::Ore,
    person::{Name, Place, Register, Status, masked},
    request::RequestKind,
};

/// One row of a feed. It can be kept as JSON: a row whose day is to come waits in the book by its meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Input {
    /// `practitioners`.
    Practitioner(PractitionerRow),
    /// `registrations`.
    Registration(Box<Registration>),
    /// `producer-answers`.
    Answer(ProducerAnswer),
    /// `returns`.
    Return(Returned),
    /// `desk-events`.
    Desk(DeskEvent),
    /// `notice-outcomes`.
    NoticeOutcome(NoticeOutcome),
    /// `requests`.
    Request(Box<RequestRow>),
    /// `payments`.
    Payment(PaymentRow),
    /// `refund-confirmations`.
    RefundConfirmation(RefundConfirmation),
}

impl Input {
    /// The same, standing on a line of its file: reports order by it.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        if let Self::Registration(row) = &mut self {
            row.place.line = line;
        }
        self
    }

    /// The row's own day: after the business date it waits in the book (2.1).
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Practitioner(_) => None,
            Self::Registration(row) => Some(row.registered_on),
            Self::Answer(row) => Some(row.on),
            Self::Return(row) => Some(row.returned_on),
            Self::Desk(row) => Some(row.on),
            Self::NoticeOutcome(row) => Some(row.on),
            Self::Request(row) => Some(row.requested_on),
            Self::Payment(row) => Some(row.paid_on),
            Self::RefundConfirmation(row) => Some(row.confirmed_on),
        }
    }

    /// The folder the row belongs to.
    #[must_use]
    pub fn locator(&self) -> Locator<'_> {
        match self {
            Self::Practitioner(_) => Locator::Office,
            Self::Registration(row) => Locator::Cpr(row.cpr),
            Self::Answer(row) => Locator::Card(row.card),
            Self::Return(row) => match (row.card, row.cpr) {
                (Some(card), _) => Locator::Card(card),
                (None, Some(cpr)) => Locator::Cpr(cpr),
                (None, None) => Locator::Office,
            },
            Self::Desk(row) => Locator::Card(row.card),
            Self::NoticeOutcome(row) => Locator::Letter(row.letter),
            Self::Request(row) => row.cpr.map_or(Locator::Request(&row.reference), Locator::Cpr),
            Self::Payment(row) => Locator::Request(&row.request),
            Self::RefundConfirmation(row) => Locator::Refund(row.refund),
        }
    }

    /// The id the neighbour gave the row, unique over all folders: seen again it is a duplicate.
    #[must_use]
    pub fn reference(&self) -> Option<Reference<'_>> {
        match self {
            Self::Desk(row) => Some(Reference::Event(&row.reference)),
            Self::Request(row) => Some(Reference::Request(&row.reference)),
            Self::Payment(row) => Some(Reference::Payment(&row.reference)),
            _ => None,
        }
    }
}

/// How a row names its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locator<'a> {
    /// By CPR number, old ones included.
    Cpr(Cpr),
    /// By card.
    Card(CardId),
    /// By letter: every person it wrote about.
    Letter(LetterId),
    /// By the neighbour's `request_id`.
    Request(&'a str),
    /// By refund.
    Refund(RefundId),
    /// The office's own.
    Office,
}

/// A neighbour's own id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reference<'a> {
    /// `event_id`.
    Event(&'a str),
    /// `request_id`.
    Request(&'a str),
    /// `payment_id`.
    Payment(&'a str),
}

/// What became of a row that was not rejected (1.8.9; waiting is told from its day).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The book follows it.
    Applied,
    /// Known already.
    Duplicate,
    /// A later report is known (1.8.8).
    Overtaken,
}

/// Why a row cannot be applied: it is kept with this reason, and the others go on. Never holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Rejection {
    /// The column to look at.
    pub column: &'static str,
    /// Reason code, kebab-case.
    pub code: &'static str,
    /// For the reader.
    pub reason: String,
}

impl Rejection {
    /// A rejection of one column.
    #[must_use]
    pub fn new(column: &'static str, code: &'static str, reason: impl Into<String>) -> Self {
        Self { column, code, reason: reason.into() }
    }
}

/// A practice for one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PractitionerRow {
    /// Six digits.
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
    pub valid_to: Option<NaiveDate>,
}

/// One registered residence, or its correction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Whose.
    pub cpr: Cpr,
    /// Its place in the order of reports.
    pub place: Place,
    /// Registration status.
    pub status: Status,
    /// First day of residence.
    pub registered_on: NaiveDate,
    /// Everything that describes the person.
    pub register: Register,
}

/// What the producer did with one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProducerAnswer {
    /// The order it stood in.
    pub batch: BatchId,
    /// The card.
    pub card: CardId,
    /// Posted, refused or spoiled.
    pub outcome: ProducerOutcome,
    /// The day.
    pub on: NaiveDate,
}

/// Something that came back by post.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The card, when its id was readable.
    pub card: Option<CardId>,
    /// Else the CPR number on it …
    pub cpr: Option<Cpr>,
    /// … and the name on it.
    pub name: String,
    /// The day it came.
    pub returned_on: NaiveDate,
    /// Our reason code.
    pub reason: ReturnReason,
    /// The settings know the carrier's words.
    pub reason_known: bool,
    /// The carrier's words.
    pub words: String,
    /// Where the shelf is; empty: the office's own.
    pub site: String,
    /// Where on the shelf.
    pub slot: String,
}

/// What the desk reports of one copy.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskEvent {
    /// `event_id`.
    pub reference: String,
    /// The copy.
    pub card: CardId,
    /// The day.
    pub on: NaiveDate,
    /// What, with its own columns.
    pub what: DeskFact,
    /// The member of staff; for a collection who came.
    pub by: String,
    /// Free text.
    pub note: String,
}

/// The events of `desk-events`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeskFact {
    /// Came to the office on purpose (T8b).
    Arrived,
    /// Handed out (T10).
    Collected {
        /// Who came.
        collector: Collector,
        /// Kind of document shown.
        identified_by: String,
        /// The postbox carries the name now.
        postbox_labelled: bool,
    },
    /// Posted again (T11).
    SentAgain {
        /// Care of, when given.
        co_name: String,
        /// The postbox carries the name now, or the citizen confirmed the address.
        postbox_labelled: bool,
    },
    /// Destroyed (T13).
    Destroyed,
    /// Not on the shelf (T15).
    Missing,
    /// On the shelf after all (T15).
    Found,
    /// Lost by the citizen (T16).
    ReportedLost,
    /// The citizen was told (1.4).
    Told,
    /// An earlier event was a mistake (T23).
    Undone {
        /// Its `event_id`, or our number.
        event: String,
    },
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeOutcome {
    /// The letter.
    pub letter: LetterId,
    /// It arrived; otherwise it failed.
    pub delivered: bool,
    /// The day reported.
    pub on: NaiveDate,
}

/// A wish, or its withdrawal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRow {
    /// `request_id`.
    pub reference: String,
    /// Who wishes; may be absent on a withdrawal.
    pub cpr: Option<Cpr>,
    /// The copy it is about; absent: the newest.
    pub card: Option<CardId>,
    /// What is asked.
    pub ask: Ask,
    /// The day of the wish.
    pub requested_on: NaiveDate,
    /// The right name, when it is about the name.
    pub name: Name,
    /// Six digits, when it is about the practitioner.
    pub gp_number: String,
    /// `1`, `2` or empty.
    pub insurance_group: String,
    /// Day of marriage, when the name changes with it.
    pub married_on: Option<NaiveDate>,
    /// Free text.
    pub note: String,
}

/// What a request row asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// A new card.
    Card(RequestKind, Cause),
    /// The request of this id is taken back.
    Withdrawal,
}

/// Money that came in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    /// `payment_id`.
    pub reference: String,
    /// `request_id`.
    pub request: String,
    /// The day it was paid.
    pub paid_on: NaiveDate,
    /// How much.
    pub amount: Ore,
    /// Payer.
    pub payer: String,
    /// Reference text.
    pub text: String,
}

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundConfirmation {
    /// The refund.
    pub refund: RefundId,
    /// The day.
    pub confirmed_on: NaiveDate,
}

masked!(Registration, Returned, DeskEvent, DeskFact, RequestRow, PaymentRow);
