//! Cards whose day has come: two weeks after the registration, for a person who is entitled, with a name, an address
//! and a valid practice on file. What is missing is a finding, and the card waits (T2).

use super::{Job, Step};
use crate::store::select::Due;

pub(super) const JOB: Job =
    Job { name: "issue-cards", steps: &[Step::Work { due: Due::PlannedCards, decide: |work| work.issue_due_cards() }] };
