//! Payments, each with its request, and refunds that the cashier confirmed. Payments to a request add up; what is short,
//! over, double, unknown or too late is a finding and, where due, a refund (1.6).

use super::{Job, Laid, Step, needs_folder};
use crate::{
    domain::{
        casework::Casework,
        input::{Input, Rejection, Taken},
    },
    intake::feed::Feed,
};

pub(super) const JOB: Job = Job {
    name: "record-payments",
    steps: &[
        Step::Take { feed: Feed::Payments, decide, without_folder },
        Step::Take { feed: Feed::RefundConfirmations, decide, without_folder: needs_folder },
    ],
};

fn decide(work: &mut Casework<'_>, input: &Input) -> Result<Laid, Rejection> {
    match input {
        Input::Payment(row) => Ok(Laid::Here(work.paid(row))),
        Input::RefundConfirmation(row) => work.refund_confirmed(row).map(Laid::Here),
        _ => Ok(Laid::Here(Taken::Duplicate)),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a rule for rows")]
fn without_folder(work: &mut Casework<'_>, input: &Input, _: &'static str) -> Result<Taken, Rejection> {
    match input {
        Input::Payment(row) => Ok(work.paid(row)),
        _ => Ok(Taken::Duplicate),
    }
}
