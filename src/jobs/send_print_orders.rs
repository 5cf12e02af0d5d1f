//! Orders to the card producer. Every queued card goes into a batch with a snapshot of what is printed; a closed batch
//! never changes, and writing it again gives the same bytes (T4).

use super::{Gathering, Job, Step};
use crate::{
    domain::{casework::Casework, practice::Batch},
    store::{
        outputs::{Lines, NewOutput},
        select::Due,
    },
};

pub(super) const JOB: Job =
    Job { name: "send-print-orders", steps: &[Step::Gather { due: Due::QueuedCards, decide, close }] };

fn decide(work: &mut Casework<'_>, gathering: &mut Gathering) {
    let batch = *gathering.batch.get_or_insert_with(|| work.ids.batch());
    gathering.printed += work.print_queued_cards(batch);
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a gathering's end")]
fn close(gathering: Gathering, office: &mut Casework<'_>) -> Vec<NewOutput> {
    let Some(id) = gathering.batch.filter(|_| gathering.printed > 0) else { return Vec::new() };
    let batch = Batch { id, person: office.case.id(), on: office.today(), cards: gathering.printed };
    office.add("batch closed", batch);
    vec![NewOutput {
        kind: "print-orders".to_owned(),
        source: Lines::Batch(id),
        lines: gathering.printed,
        totals: [("cards".to_owned(), gathering.printed)].into(),
    }]
}
