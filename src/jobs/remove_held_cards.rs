//! Cards that nobody collected in the time they were told of, and the list of everything on the shelf that is to be
//! destroyed: the desk ticks it off, and reports each destruction with a name (T12, T13).

use super::{Job, Step};
use crate::{output::lists, store::select::Due};

pub(super) const JOB: Job = Job {
    name: "remove-held-cards",
    steps: &[
        Step::Work { due: Due::HoldsOver, decide: |work| work.remove_if_over() },
        Step::List { kind: "removal-worklist", header: &lists::REMOVALS, due: Due::Shelf, lines: lists::removals },
    ],
};
