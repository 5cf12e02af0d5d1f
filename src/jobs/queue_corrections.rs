//! Free cards with the right name: the name is corrected in what will be printed, or a corrected card is queued and the
//! wrong one stops when it is posted. Before cards are issued, so that a wrong name never leaves (1.5).

use super::{Job, Step};
use crate::store::select::Due;

pub(super) const JOB: Job = Job {
    name: "queue-corrections",
    steps: &[Step::Work { due: Due::Corrections, decide: |work| work.queue_corrections() }],
};
