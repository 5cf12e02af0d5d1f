//! The jobs of a night, one file each. A job says what to select and what to decide; the loop that selects, loads,
//! decides and applies stands once, in [`night`](crate::night). A new job is a file here, a line in [`ALL`] and a
//! declaration in `jobs/`.

mod check_books;
mod import_practitioners;
mod import_register;
mod issue_cards;
mod queue_corrections;
mod queue_replacements;
mod record_desk_events;
mod record_notice_outcomes;
mod record_payments;
mod record_producer_answers;
mod record_requests;
mod record_returns;
mod remove_held_cards;
mod send_notices;
mod send_print_orders;

use std::collections::BTreeMap;

use crate::{
    domain::{
        case::Case,
        casework::{Casework, Office},
        cpr::Cpr,
        ids::BatchId,
        input::{Input, Rejection, Taken},
        letter::Letters,
        person::Person,
        practice::Batch,
    },
    intake::feed::Feed,
    output::refunds::Refunds,
    store::{outputs::NewOutput, select::Due},
};

/// Every job, in the order of the night (1.7): civil events before anything that prints or writes, answers before
/// returns, returns before removal and fees, requests before their payments, corrections before issue, removal before
/// notices.
pub const ALL: [&Job; 15] = [
    &import_practitioners::JOB,
    &import_register::JOB,
    &record_producer_answers::JOB,
    &record_returns::JOB,
    &record_desk_events::JOB,
    &record_notice_outcomes::JOB,
    &record_requests::JOB,
    &record_payments::JOB,
    &queue_corrections::JOB,
    &queue_replacements::JOB,
    &remove_held_cards::JOB,
    &issue_cards::JOB,
    &send_print_orders::JOB,
    &send_notices::JOB,
    &check_books::JOB,
];

/// One job: its steps in their order.
#[derive(Debug)]
pub struct Job {
    /// As on the command line and in `jobs/`.
    pub name: &'static str,
    /// What it works through.
    pub steps: &'static [Step],
}

/// One thing a job works through. Every shape is: select, load the folders, decide, apply the chunk.
#[derive(Debug)]
pub enum Step {
    /// The rows of a feed: what came in the inbox, and what waited for its day.
    Take {
        /// The feed.
        feed: Feed,
        /// The rule, on the folder that the row names.
        decide: fn(&mut Casework<'_>, &Input) -> Result<Laid, Rejection>,
        /// The rule for a row that names no folder on file, on the office's own.
        without_folder: fn(&mut Casework<'_>, &Input, &'static str) -> Result<Taken, Rejection>,
    },
    /// What is due by its date or state.
    Work {
        /// What to select.
        due: Due,
        /// The rule.
        decide: fn(&mut Casework<'_>),
    },
    /// What is due, with a file made of it in the same transaction.
    Gather {
        /// What to select.
        due: Due,
        /// The rule.
        decide: fn(&mut Casework<'_>, &mut Gathering),
        /// What the chunk's files are; may change the office's own folder.
        close: fn(Gathering, &mut Casework<'_>) -> Vec<NewOutput>,
    },
    /// A list of how things stand, written when it differs from the last one written.
    List {
        /// First part of the file's name.
        kind: &'static str,
        /// Its columns.
        header: &'static [&'static str],
        /// Which folders it reads.
        due: Due,
        /// The lines of one folder.
        lines: fn(&Case, &Office) -> Vec<Vec<String>>,
    },
    /// A look at the whole book, deciding on the office's own folder.
    Watch {
        /// The rule.
        decide: fn(&mut Casework<'_>, &Sight),
    },
}

/// Where a row was laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// In the folder it names.
    Here(Taken),
    /// It does not fit that folder after all, and why: it is laid in the office's own.
    ForOffice(&'static str),
}

/// What a chunk gathers for its files.
#[derive(Debug, Default)]
pub struct Gathering {
    /// The print order of the chunk, once a card goes into it.
    pub batch: Option<BatchId>,
    /// Cards in it.
    pub printed: i64,
    /// Guardians of the chunk's children, by CPR number.
    pub guardians: BTreeMap<Cpr, Person>,
    /// The letters of the chunk.
    pub letters: Letters,
    /// The refunds of the chunk.
    pub refunds: Refunds,
}

/// What a look at the whole book sees.
#[derive(Debug, Default)]
pub struct Sight {
    /// Print orders with cards still unanswered, and how many.
    pub unanswered: Vec<(Batch, i64)>,
    /// Feeds that are expected, with the day by which one was due and the day the last one came.
    pub feeds: Vec<FeedSight>,
}

/// One expected feed.
#[derive(Debug, Clone)]
pub struct FeedSight {
    /// Kind of the feed.
    pub kind: &'static str,
    /// The last day one came.
    pub last: Option<chrono::NaiveDate>,
    /// It is later than its setting allows.
    pub late: bool,
}

/// The job of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Job> {
    ALL.into_iter().find(|job| job.name == name)
}

/// A feed in which every row must name a folder on file.
fn needs_folder(_: &mut Casework<'_>, input: &Input, _: &'static str) -> Result<Taken, Rejection> {
    Err(match input {
        Input::Answer(_) | Input::Desk(_) => Rejection::new("card_id", "unknown-card", "no card of this id was issued"),
        Input::NoticeOutcome(_) => Rejection::new("notice_id", "unknown-notice", "no letter of this id was written"),
        Input::RefundConfirmation(_) => {
            Rejection::new("refund_id", "unknown-refund", "no refund of this id was ordered")
        }
        _ => Rejection::new("cpr", "unknown-person", "nobody of this number is in the book"),
    })
}
