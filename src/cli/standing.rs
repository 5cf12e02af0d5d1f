//! What stands badly: jobs that failed, did not run or did not end, and neighbours that are late. `status` tells it to
//! people, `check` to monitors. Open findings and rejects alone are the day's work and no trouble.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::{
    Session,
    history::{Ended, ended, last_run, local},
};
use crate::{
    domain::finding::FindingKind,
    night::{
        report::Outcome,
        schedule::{GRACE, missing},
    },
    settings::JobDeclaration,
    store::{Book, overview::Overview, slots::Heartbeat},
};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// A neighbour, or a file: look at it in the course of the day.
    Warning,
    /// Work that was due is not done.
    Critical,
}

impl Weight {
    /// As in tables.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One thing that stands badly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) weight: Weight,
    /// What, in one line without personal data.
    pub(super) what: String,
    /// What to do next.
    pub(super) hint: String,
}

/// Everything that stands badly now, the worst first.
pub(super) async fn troubles(book: &mut Book, overview: &Overview, session: &Session<'_>) -> Result<Vec<Trouble>> {
    let mut troubles = jobs(book, session).await?;
    for (kind, count, oldest) in book.open_findings().await? {
        let late = [FindingKind::FeedLate, FindingKind::FileRefused, FindingKind::ProducerSilent];
        if late.iter().any(|late| late.code() == kind) {
            troubles.push(Trouble {
                weight: Weight::Warning,
                what: format!("{count} {kind}, the oldest is {oldest}"),
                hint: format!("sundhedskort findings list --kind {kind}"),
            });
        }
    }
    if overview.files_unwritten > 0 {
        troubles.push(Trouble {
            weight: Weight::Warning,
            what: format!("{} files are not in the outbox yet", overview.files_unwritten),
            hint: "the next run writes them; see whether the outbox can be written".to_owned(),
        });
    }
    troubles.sort_by_key(|trouble| std::cmp::Reverse(trouble.weight));
    Ok(troubles)
}

async fn jobs(book: &mut Book, session: &Session<'_>) -> Result<Vec<Trouble>> {
    let mut troubles = Vec::new();
    let mut missed: BTreeMap<NaiveDate, Vec<&str>> = BTreeMap::new();
    let bell = book.last_bell().await?;
    if let Some(bell) = &bell {
        troubles.extend(deaf(bell, session.clock.now()));
        let slots = book.slots(session.clock.today()).await?;
        for (job, day) in missing(&session.settings.jobs, &slots, session.clock.now()) {
            missed.entry(day).or_default().push(job);
        }
    } else if book.runs("", 1).await?.is_empty() {
        return Ok(vec![Trouble {
            weight: Weight::Critical,
            what: "no night has run yet".to_owned(),
            hint: "sundhedskort run, or systemctl enable --now sundhedskort.service".to_owned(),
        }]);
    }
    for job in crate::jobs::ALL {
        let last = last_run(book, job.name).await?;
        if let Some(run) = &last
            && let Some((what, hint)) = failed(ended(run, job.name), job.name)
        {
            let what = format!("{} {what} in run {}", job.name, run.id);
            let hint = hint.unwrap_or_else(|| format!("sundhedskort history --run {}", run.id));
            troubles.push(Trouble { weight: Weight::Critical, what, hint });
        }
        let declared = session.settings.jobs.iter().find(|declared| declared.name == job.name && declared.enabled);
        // Without a scheduler nobody claims slots: somebody must have started a run.
        if let Some(due) = declared.and_then(|job| last_due(job, session.clock.local().naive_local()))
            && bell.is_none()
            && last.is_none_or(|run| run.business_date < due)
        {
            missed.entry(due).or_default().push(job.name);
        }
    }
    troubles.extend(missed.into_iter().map(|(day, jobs)| not_run(&jobs, day)));
    Ok(troubles)
}

/// The scheduler that was heard last is silent, or its clock was ahead and nobody has come since.
fn deaf(bell: &Heartbeat, now: DateTime<Utc>) -> Option<Trouble> {
    ((now - bell.rung_at).abs() > GRACE).then(|| Trouble {
        weight: Weight::Critical,
        what: format!("the scheduler on {} has heard no bell since {}", bell.host, local(bell.rung_at)),
        hint: "systemctl status sundhedskort.service".to_owned(),
    })
}

fn not_run(jobs: &[&str], day: NaiveDate) -> Trouble {
    let which = if jobs.len() > JOBS_NAMED { format!("{} jobs", jobs.len()) } else { jobs.join(", ") };
    let what = format!("{which} did not run for {day}");
    Trouble { weight: Weight::Critical, what, hint: "sundhedskort history".to_owned() }
}

/// So many are named in one line.
const JOBS_NAMED: usize = 3;

/// What is wrong with the way a job ended, and what to do if it is not to look at the run.
fn failed(ended: Ended, job: &str) -> Option<(&'static str, Option<String>)> {
    match ended {
        Ended::UnderWay | Ended::With(Outcome::Done | Outcome::FileRefused) => None,
        Ended::Interrupted => Some(("was interrupted", Some("the next run goes on from the last chunk".to_owned()))),
        Ended::NotReached => Some(("was not reached", None)),
        Ended::With(Outcome::Limit) => Some(("stopped at its limit", Some(format!("sundhedskort plan {job}")))),
        Ended::With(Outcome::Stopped) => Some(("was stopped", Some(format!("sundhedskort run {job}")))),
        Ended::With(Outcome::OutOfTime) => Some(("ran out of time", Some(format!("sundhedskort run {job}")))),
        Ended::With(Outcome::Failed) => Some(("failed", None)),
        Ended::With(Outcome::Unreachable) => Some(("lost its database", None)),
        Ended::With(Outcome::Broken) => Some(("stopped before an invariant was broken", None)),
    }
}

/// The latest day for which a job should have ended by now: its hour on that day and its time limit are over.
fn last_due(job: &JobDeclaration, now: NaiveDateTime) -> Option<NaiveDate> {
    let limit = TimeDelta::from_std(job.time_limit).unwrap_or_default();
    (0..=7)
        .filter_map(|back| now.date().checked_sub_days(Days::new(back)))
        .find(|day| job.days.contain(chrono::Datelike::weekday(day)) && day.and_time(job.at) + limit <= now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn due(days: &str, now: &str) -> Option<String> {
        let job = JobDeclaration {
            name: "issue-cards",
            what: String::new(),
            at: "04:15:00".parse().unwrap(),
            days: days.parse().unwrap(),
            enabled: true,
            chunk: 1,
            limit: 1,
            time_limit: Duration::from_hours(1),
        };
        last_due(&job, now.parse().unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn a_job_is_due_once_its_hour_and_its_time_limit_are_over() {
        assert_eq!(due("Mon-Sun", "2026-11-20T05:14:59").as_deref(), Some("2026-11-19"));
        assert_eq!(due("Mon-Sun", "2026-11-20T05:15:00").as_deref(), Some("2026-11-20"));
    }

    #[test]
    fn days_without_a_slot_are_not_due() {
        // 21 November 2026 is a Saturday.
        assert_eq!(due("Mon-Fri", "2026-11-22T12:00:00").as_deref(), Some("2026-11-20"));
        assert_eq!(due("Sun", "2026-11-22T05:00:00").as_deref(), Some("2026-11-15"));
    }

    #[test]
    fn a_scheduler_is_deaf_once_the_grace_after_its_last_bell_is_over() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let rung_at = at("2026-11-20T04:15:00Z");
        let bell = Heartbeat { host: "desk".to_owned(), pid: 1, began_at: rung_at, rung_at };
        assert_eq!(deaf(&bell, at("2026-11-20T04:20:00Z")), None);
        let trouble = deaf(&bell, at("2026-11-20T04:20:01Z")).unwrap();
        assert_eq!(trouble.what, "the scheduler on desk has heard no bell since 2026-11-20 05:15");
    }

    #[test]
    fn a_whole_night_that_did_not_run_is_one_line() {
        let day = "2026-11-20".parse().unwrap();
        assert_eq!(not_run(&["a", "b", "c"], day).what, "a, b, c did not run for 2026-11-20");
        assert_eq!(not_run(&["a", "b", "c", "d"], day).what, "4 jobs did not run for 2026-11-20");
    }

    #[test]
    fn what_is_under_way_done_or_done_but_for_a_file_is_no_failure() {
        for fine in [Ended::UnderWay, Ended::With(Outcome::Done), Ended::With(Outcome::FileRefused)] {
            assert_eq!(failed(fine, "issue-cards"), None);
        }
        for bad in [Ended::Interrupted, Ended::NotReached, Ended::With(Outcome::Limit), Ended::With(Outcome::Failed)] {
            assert!(failed(bad, "issue-cards").is_some(), "{bad:?}");
        }
    }
}
