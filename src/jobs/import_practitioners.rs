//! The register of general practitioners: who practises where, from when to when. A card of insurance group 1 is only
//! printed with a practice that is known and valid on that day (T2).

use super::{Job, Laid, Step};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job =
    Job { name: "import-practitioners", steps: &[Step::Take { feed: Feed::Practitioners, decide, without_folder }] };

fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    without_folder(work, input, "").map(Laid::Here)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a rule for rows")]
fn without_folder(work: &mut Casework<'_>, input: &Input, _: &'static str) -> Result<Taken, Rejection> {
    match input {
        Input::Practitioner(row) => Ok(work.practice_published(row)),
        _ => Ok(Taken::Duplicate),
    }
}
