//! Registrations of residence. A new stay plans the first card, due two weeks after the registration; a row for a
//! person with an open stay corrects that stay. Later reports go before earlier ones, whatever the order in which they
//! come (T1, 1.8.8). Civil events will follow here, per person in the same order.

use super::{Job, Laid, Step, needs_folder};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job = Job {
    name: "import-register",
    steps: &[Step::Take { feed: Feed::Registrations, decide, without_folder: needs_folder }],
};

#[expect(clippy::unnecessary_wraps, reason = "the shape of a rule for rows")]
fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    Ok(Laid::Here(match input {
        Input::Registration(row) => work.registered((**row).clone()),
        _ => Taken::Duplicate,
    }))
}
