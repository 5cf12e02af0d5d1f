//! A look at the whole book: a producer who has not answered in time, and an expected feed that stays away. Each is one
//! finding, closed when it is no longer so (T7, 2.1). From December on, a next year without a tariff (1.6).

use super::{Job, Sight, Step};
use crate::domain::{casework::Casework, finding::FindingKind};

pub(super) const JOB: Job = Job { name: "check-books", steps: &[Step::Watch { decide }] };

fn decide(work: &mut Casework<'_>, sight: &Sight) {
    work.warn_of_missing_tariff();
    for (batch, unanswered) in &sight.unanswered {
        work.watch_producer(batch, *unanswered);
    }
    for feed in &sight.feeds {
        match feed.last {
            Some(last) if feed.late => {
                work.find(FindingKind::FeedLate, &feed.kind, format!("the last one came on {last}"));
            }
            _ => work.settle(FindingKind::FeedLate, &feed.kind),
        }
    }
}
