//! What the card producer did with each ordered card: posted, refused or spoiled. The first answer wins; the posting
//! date is evidence when a fee is decided later (T5, T6).

use super::{Job, Laid, Step, needs_folder};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job = Job {
    name: "record-producer-answers",
    steps: &[Step::Take { feed: Feed::ProducerAnswers, decide, without_folder: needs_folder }],
};

fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    match input {
        Input::Answer(row) => work.answered(row).map(Laid::Here),
        _ => Ok(Laid::Here(Taken::Duplicate)),
    }
}
