//! Replacements that are paid or decided free, queued the night their payment is recorded (1.6).

use super::{Job, Step};
use crate::store::select::Due;

pub(super) const JOB: Job = Job {
    name: "queue-replacements",
    steps: &[Step::Work { due: Due::Replacements, decide: |work| work.queue_replacements() }],
};
