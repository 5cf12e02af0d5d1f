//! Which letters reached the citizen and which did not. A letter reported failed told nobody: whoever it was for stands
//! on the call list (1.4, 2.3).

use super::{Job, Laid, Step, needs_folder};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job = Job {
    name: "record-notice-outcomes",
    steps: &[Step::Take { feed: Feed::NoticeOutcomes, decide, without_folder: needs_folder }],
};

#[expect(clippy::unnecessary_wraps, reason = "the shape of a rule for rows")]
fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    Ok(Laid::Here(match input {
        Input::NoticeOutcome(row) => work.letter_answered(row),
        _ => Taken::Duplicate,
    }))
}
