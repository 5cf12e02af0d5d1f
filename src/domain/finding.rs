//! Something a person must look at: one per kind and subject, closed by the rule that opened it or by an operator.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{FindingId, PersonId};

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Its number.
    pub id: FindingId,
    /// Whose case; the office's own folder for files, batches and jobs.
    pub person: PersonId,
    /// What is wrong.
    pub kind: FindingKind,
    /// Of what: a card, hold, request, file or job, by its number or name. Never personal.
    pub subject: String,
    /// One line for the reader. Never personal.
    pub detail: String,
    /// Since when.
    pub opened_on: NaiveDate,
    /// Closed on this day, by whom; `None` while open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// The end of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// The day.
    pub on: NaiveDate,
    /// The operator, or the rule's job.
    pub by: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $code:literal;)*) => {
        /// What can be wrong. Each kind is opened by one rule of page 1.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FindingKind {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl FindingKind {
            /// Every kind with its code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As in tables and reports.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

kinds! {
    /// Status 20 for a person with an open stay (T1).
    AdministrativeAfterResidence "administrative-after-residence";
    /// The register's name is not the printed one (T1).
    NameDiffersFromPrint "name-differs-from-print";
    /// The register still has the misspelling the office corrected (1.5).
    MisspellingStillRegistered "misspelling-still-registered";
    /// A due card lacks its name (T2).
    NameMissing "name-missing";
    /// A due card lacks its address (T2).
    AddressMissing "address-missing";
    /// A due card lacks a practitioner known and valid that day (T2).
    PractitionerMissing "practitioner-missing";
    /// A due card of a person who is not entitled (T2).
    NotEntitled "not-entitled";
    /// A due card waits for the decision on a name correction (T2).
    CorrectionUndecided "correction-undecided";
    /// The producer refused what is to be printed (T5).
    RefusedByProducer "refused-by-producer";
    /// The same copy or its successor was spoiled again (T5).
    SpoiledAgain "spoiled-again";
    /// A batch waits for its answers (T7).
    ProducerSilent "producer-silent";
    /// A producer's answer contradicts an earlier one or what is on file (T6).
    AnswerConflict "answer-conflict";
    /// Returned before its posting date on file (T9).
    ReturnedBeforePosting "returned-before-posting";
    /// A return that fits no card, or several (T9).
    UnmatchedItem "unmatched-item";
    /// A card came back although its destruction is on file (T9).
    DestructionConflict "destruction-conflict";
    /// A carrier's words that the settings do not know (2.2).
    ReasonUnknown "reason-unknown";
    /// The desk reported a fact that a rule forbids; the fact stands (1.1).
    RuleBroken "rule-broken";
    /// A hold cannot end: nobody was told (T12).
    NeverTold "never-told";
    /// Destroyed before it was due (T13).
    DestroyedEarly "destroyed early";
    /// A copy is not on the shelf where it should be (T15).
    Missing "missing-on-shelf";
    /// A copy on our shelf was reported lost (T16).
    LostWhileHeld "lost-while-held";
    /// A caseworker must decide the fee (1.6).
    FeeManual "fee-manual";
    /// The tariff of a year is not configured (1.6).
    TariffMissing "tariff-missing";
    /// Paid less than the fee (1.6).
    PaymentShort "payment-short";
    /// Paid more than the fee, or twice (1.6).
    PaymentOver "payment-over";
    /// Paid to a request that is not known (1.6).
    PaymentUnknown "payment-unknown";
    /// Paid to a request that is lapsed, refused or withdrawn (1.6).
    PaymentLate "payment-late";
    /// The evidence of a decided fee changed after it was paid (1.6).
    EvidenceChanged "evidence-changed";
    /// Printed otherwise than ordered (1.5).
    Misprint "misprint";
    /// A file was refused whole (2.1).
    FileRefused "file-refused";
    /// An expected feed stays away (2.1).
    FeedLate "feed-late";
    /// A job stopped at its limit (4.1).
    LimitReached "limit-reached";
}
