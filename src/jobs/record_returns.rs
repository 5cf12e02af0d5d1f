//! Cards that came back by post. A hold opens: the card lies on our shelf for six months, and its owner is told. No name
//! on the postbox flags the address. What fits no card of ours is an unmatched item with a slot of its own (T8, T9).

use super::{Job, Laid, Step};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
        rules::ComeBack,
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job =
    Job { name: "record-returns", steps: &[Step::Take { feed: Feed::Returns, decide, without_folder }] };

#[expect(clippy::unnecessary_wraps, reason = "the shape of a rule for rows")]
fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    let Input::Return(row) = input else { return Ok(Laid::Here(Taken::Duplicate)) };
    Ok(match work.returned(row) {
        ComeBack::Taken(taken) => Laid::Here(taken),
        ComeBack::Unmatched(why) => Laid::ForOffice(why),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a rule for rows")]
fn without_folder(work: &mut Casework<'_>, input: &Input, why: &'static str) -> Result<Taken, Rejection> {
    match input {
        Input::Return(row) => Ok(work.unmatched(row, why)),
        _ => Ok(Taken::Duplicate),
    }
}
