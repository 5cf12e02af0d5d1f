//! Wishes for a new card: a paid replacement or a free name correction. Each is stored with its fee decision and the
//! evidence it rests on; what is not paid in time lapses (1.6).

use super::{Job, Laid, Step, needs_folder};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
    store::select::Due,
};

pub(super) const JOB: Job = Job {
    name: "record-requests",
    steps: &[
        Step::Take { feed: Feed::Requests, decide, without_folder: needs_folder },
        Step::Work { due: Due::UnpaidRequests, decide: |work| work.lapse_if_unpaid() },
    ],
};

fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    match input {
        Input::Request(row) => work.requested(row).map(Laid::Here),
        _ => Ok(Laid::Here(Taken::Duplicate)),
    }
}
