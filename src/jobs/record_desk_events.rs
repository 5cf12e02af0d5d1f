//! What the desk did: handed a card out, sent it again, destroyed it, missed or found it, told its owner, was told that
//! it is lost, or made a mistake that is undone. Facts are recorded even where they break a rule; then a finding says so
//! (T8b, T10, T11, T13, T15, T23).

use super::{Job, Laid, Step, needs_folder};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job = Job {
    name: "record-desk-events",
    steps: &[Step::Take { feed: Feed::DeskEvents, decide, without_folder: needs_folder }],
};

fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    match input {
        Input::Desk(row) => work.desk_event(row).map(Laid::Here),
        _ => Ok(Laid::Here(Taken::Duplicate)),
    }
}
