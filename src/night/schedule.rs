//! Which slots are due: decided at every bell from the declarations, what the book knows, and the time. A job has a slot
//! on each of its days, due from the moment the office's clock reaches its hour. Nothing here waits or remembers, so a
//! restart, a clock that is set and a machine that slept cost nothing (4.3).

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::{clock::OFFICE_ZONE, settings::JobDeclaration, store::slots::Slot};

/// A job and the civil date of its slot.
pub type JobDay = (&'static str, NaiveDate);

/// After this long a slot that is due and not closed is missing: a few bells were heard since.
pub const GRACE: TimeDelta = TimeDelta::minutes(5);

/// The longest pause between two tries.
const LONGEST_PAUSE: i64 = 60;

/// The moment at which the office's clock reaches an hour on a date: where the hour is there twice its first time, where
/// it is skipped the moment of the change.
#[must_use]
pub fn hour(on: NaiveDate, at: NaiveTime) -> DateTime<Tz> {
    let wall = on.and_time(at);
    // No zone skips more than a day.
    let there = (0..24 * 60).find_map(|minutes| {
        let later = wall + TimeDelta::minutes(minutes);
        OFFICE_ZONE.from_local_datetime(&later).earliest()
    });
    there.unwrap_or_else(|| OFFICE_ZONE.from_utc_datetime(&wall))
}

/// The jobs that run now: those of the earliest hour with a slot due, unless its pause after a try is not over. Jobs that
/// share their hour run as one night, in its order. None: nothing is due.
#[must_use]
pub fn ring(jobs: &[JobDeclaration], slots: &[Slot], now: DateTime<Utc>) -> Option<Vec<&'static str>> {
    let hours: BTreeSet<NaiveTime> = jobs.iter().filter(|job| job.enabled).map(|job| job.at).collect();
    hours.into_iter().find_map(|at| {
        let due: Vec<JobDay> = due(jobs.iter().filter(|job| job.at == at), slots, now);
        let ready = due.iter().any(|slot| may_try(*slot, slots, now));
        let mut names: Vec<&'static str> = due.into_iter().map(|(job, _)| job).collect();
        names.dedup();
        ready.then_some(names)
    })
}

/// The slots of enabled jobs that are due and not closed, job by job in the order given: those a run for today claims.
/// Older ones it covers.
#[must_use]
pub fn due<'j>(jobs: impl IntoIterator<Item = &'j JobDeclaration>, slots: &[Slot], now: DateTime<Utc>) -> Vec<JobDay> {
    let enabled = jobs.into_iter().filter(|job| job.enabled);
    enabled.flat_map(|job| days_due(job, slots, now).into_iter().map(|on| (job.name, on))).collect()
}

fn days_due(job: &JobDeclaration, slots: &[Slot], now: DateTime<Utc>) -> BTreeSet<NaiveDate> {
    let today = now.with_timezone(&OFFICE_ZONE).date_naive();
    let known = || slots.iter().filter(|slot| slot.job == job.name);
    let mut days: BTreeSet<NaiveDate> =
        known().filter(|slot| slot.due_on < today && slot.is_open()).map(|slot| slot.due_on).collect();
    // Nobody was there on the days between the last slot in the book and today. Nothing is older than the first one.
    if let Some(last) = known().map(|slot| slot.due_on).filter(|on| *on < today).max() {
        let between = last.iter_days().skip(1).take_while(|day| *day < today);
        days.extend(between.filter(|day| job.days.contain(day.weekday())));
    }
    let closed_today = known().any(|slot| slot.due_on == today && !slot.is_open());
    if job.days.contain(today.weekday()) && now >= hour(today, job.at) && !closed_today {
        days.insert(today);
    }
    days
}

/// A slot not tried yet may be, one that was tried after a pause. The pauses double: another run may hold the lock for
/// hours, and a database that just came back is left to breathe.
fn may_try((job, on): JobDay, slots: &[Slot], now: DateTime<Utc>) -> bool {
    let Some(slot) = slots.iter().find(|slot| slot.job == job && slot.due_on == on) else { return true };
    let since = slot.ended_at.map_or(slot.tried_at, |ended| ended.max(slot.tried_at));
    let pause = TimeDelta::minutes(LONGEST_PAUSE.min(1 << (slot.tries.clamp(1, 7) - 1)));
    // A try in the future was made before the clock was set back.
    slot.tries == 0 || now < since || now >= since + pause
}

/// The next hour of a job that is to come. None: there is none within a month.
#[must_use]
pub fn next(job: &JobDeclaration, slots: &[Slot], now: DateTime<Utc>) -> Option<DateTime<Tz>> {
    let closed = |on: NaiveDate| slots.iter().any(|slot| slot.job == job.name && slot.due_on == on && !slot.is_open());
    let today = now.with_timezone(&OFFICE_ZONE).date_naive();
    // A clock that was ahead may have closed some days.
    today
        .iter_days()
        .take_while(|day| *day <= today + Days::new(31))
        .filter(|day| job.enabled && job.days.contain(day.weekday()) && !closed(*day))
        .map(|day| hour(day, job.at))
        .find(|hour| *hour > now)
}

/// The next slots of jobs the book knows no slot of, and that do not run now: once known they can be missed.
#[must_use]
pub fn unknown(jobs: &[JobDeclaration], slots: &[Slot], now: DateTime<Utc>) -> Vec<JobDay> {
    let known = |job: &JobDeclaration| slots.iter().any(|slot| slot.job == job.name);
    let strange = jobs.iter().filter(|job| !known(job) && days_due(job, slots, now).is_empty());
    strange.filter_map(|job| Some((job.name, next(job, slots, now)?.date_naive()))).collect()
}

/// Slots that are due and not closed although somebody should have come by now. The last one of a job is not missing
/// while its run goes on.
#[must_use]
pub fn missing(jobs: &[JobDeclaration], slots: &[Slot], now: DateTime<Utc>) -> Vec<JobDay> {
    let mut missing = Vec::new();
    for job in jobs.iter().filter(|job| job.enabled) {
        let days = days_due(job, slots, now);
        let last = days.last().copied();
        let running = slots.iter().any(|slot| slot.job == job.name && Some(slot.due_on) == last && slot.is_running());
        let late = days.into_iter().filter(|on| hour(*on, job.at) + GRACE <= now);
        missing.extend(late.filter(|on| !(running && Some(*on) == last)).map(|on| (job.name, on)));
    }
    missing
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::settings::{NoFiles, Overrides, Settings};

    fn declared() -> Vec<JobDeclaration> {
        Settings::from_parts(&Overrides::default(), &BTreeMap::new(), &NoFiles).unwrap().jobs
    }

    fn one(at: &str, days: &str) -> Vec<JobDeclaration> {
        let mut job = declared().remove(0);
        (job.at, job.days) = (NaiveTime::parse_from_str(at, "%H:%M").unwrap(), days.parse().unwrap());
        vec![job]
    }

    fn on(day: &str) -> NaiveDate {
        day.parse().unwrap()
    }

    /// An instant from the office's wall.
    fn wall(text: &str) -> DateTime<Utc> {
        let wall = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        OFFICE_ZONE.from_local_datetime(&wall).earliest().unwrap().to_utc()
    }

    fn slot(job: &JobDeclaration, due_on: &str, exit: Option<i64>) -> Slot {
        let at = hour(on(due_on), job.at).to_utc();
        Slot {
            job: job.name.to_owned(),
            due_on: on(due_on),
            tries: 1,
            tried_at: at,
            run: Some(1),
            business_date: Some(on(due_on)),
            ended_at: Some(at + TimeDelta::minutes(1)),
            exit,
        }
    }

    fn days(jobs: &[JobDeclaration], slots: &[Slot], now: &str) -> Vec<String> {
        due(jobs, slots, wall(now)).into_iter().map(|(_, day)| day.to_string()).collect()
    }

    #[test]
    fn an_hour_is_reached_once_on_every_night() {
        for (day, at, utc) in [
            ("2026-03-28", "02:30", "2026-03-28T01:30:00Z"),
            // There is no 02:30: the clock reaches it when it reads 03:00.
            ("2026-03-29", "02:30", "2026-03-29T01:00:00Z"),
            ("2026-03-29", "03:00", "2026-03-29T01:00:00Z"),
            ("2026-03-29", "04:15", "2026-03-29T02:15:00Z"),
            // There are two: the first.
            ("2026-10-25", "02:30", "2026-10-25T00:30:00Z"),
            ("2026-10-25", "03:00", "2026-10-25T02:00:00Z"),
            ("2026-10-25", "00:00", "2026-10-24T22:00:00Z"),
        ] {
            let at = NaiveTime::parse_from_str(at, "%H:%M").unwrap();
            assert_eq!(hour(on(day), at).to_utc(), utc.parse::<DateTime<Utc>>().unwrap(), "{day} {at}");
        }
    }

    #[test]
    fn a_slot_is_due_when_its_hour_is_reached_and_not_closed() {
        let jobs = one("04:15", "Mon-Sun");
        let before = slot(&jobs[0], "2026-01-05", Some(0));
        assert!(days(&jobs, std::slice::from_ref(&before), "2026-01-06 04:14").is_empty());
        assert_eq!(days(&jobs, std::slice::from_ref(&before), "2026-01-06 04:15"), ["2026-01-06"]);
        for (exit, due) in [
            (Some(0), false),
            (Some(1), false),
            (Some(3), false),
            (Some(4), false),
            (Some(65), false),
            (Some(70), false),
            (Some(78), false),
            (Some(69), true),
            (None, true),
        ] {
            let today = slot(&jobs[0], "2026-01-06", exit);
            assert_eq!(!days(&jobs, &[before.clone(), today], "2026-01-06 05:00").is_empty(), due, "{exit:?}");
        }
    }

    #[test]
    fn only_its_days_have_a_slot() {
        let jobs = one("04:15", "Mon-Fri");
        let friday = slot(&jobs[0], "2026-01-02", Some(0));
        assert!(days(&jobs, std::slice::from_ref(&friday), "2026-01-04 12:00").is_empty());
        assert_eq!(days(&jobs, &[friday], "2026-01-06 03:00"), ["2026-01-05"]);
    }

    #[test]
    fn a_job_that_is_off_has_no_slot() {
        let mut jobs = one("04:15", "Mon-Sun");
        jobs[0].enabled = false;
        let slots = [slot(&jobs[0], "2026-01-02", Some(0))];
        let now = wall("2026-01-06 12:00");
        assert_eq!(ring(&jobs, &slots, now), None);
        assert_eq!(missing(&jobs, &slots, now), []);
        assert_eq!(next(&jobs[0], &slots, now), None);
        assert_eq!(unknown(&jobs, &[], now), []);
    }

    #[test]
    fn jobs_of_one_hour_are_one_night_and_a_job_with_its_own_hour_runs_alone() {
        let mut jobs = declared();
        jobs[3].at = NaiveTime::from_hms_opt(12, 0, 0).unwrap();
        let alone = jobs[3].name;
        let night: Vec<&str> = jobs.iter().map(|job| job.name).filter(|name| *name != alone).collect();
        assert_eq!(ring(&jobs, &[], wall("2026-01-06 04:15")), Some(night.clone()));
        assert_eq!(ring(&jobs, &[], wall("2026-01-06 12:00")), Some(night), "the earlier hour first");
        let closed: Vec<Slot> =
            jobs.iter().filter(|job| job.name != alone).map(|job| slot(job, "2026-01-06", Some(0))).collect();
        assert_eq!(ring(&jobs, &closed, wall("2026-01-06 11:59")), None);
        assert_eq!(ring(&jobs, &closed, wall("2026-01-06 12:00")), Some(vec![alone]));
    }

    #[test]
    fn pauses_between_tries_grow_up_to_an_hour() {
        let jobs = one("04:15", "Mon-Sun");
        let tried = |tries| Slot { tries, ..slot(&jobs[0], "2026-01-06", None) };
        let ended = wall("2026-01-06 04:16");
        for (tries, pause) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (20, 60)] {
            let slots = [tried(tries)];
            let over = ended + TimeDelta::minutes(pause);
            assert_eq!(ring(&jobs, &slots, over - TimeDelta::minutes(1)), None, "{tries}");
            assert!(ring(&jobs, &slots, over).is_some(), "{tries}");
        }
        assert!(ring(&jobs, &[tried(7)], wall("2026-01-06 04:15")).is_some(), "the clock was set back");
        // The next slot waits for nobody's pause.
        assert!(ring(&jobs, &[tried(20)], wall("2026-01-07 04:15")).is_some());
    }

    #[test]
    fn the_next_slot_is_the_next_hour_to_come() {
        let jobs = one("04:15", "Mon-Fri");
        let next = |now: &str, slots: &[Slot]| next(&jobs[0], slots, wall(now)).unwrap().naive_local().to_string();
        assert_eq!(next("2026-01-02 04:14", &[]), "2026-01-02 04:15:00");
        assert_eq!(next("2026-01-02 04:15", &[]), "2026-01-05 04:15:00");
        let ahead = [slot(&jobs[0], "2026-01-05", Some(0))];
        assert_eq!(next("2026-01-02 04:15", &ahead), "2026-01-06 04:15:00", "the clock was ahead");
        assert_eq!(super::next(&one("04:15", "never")[0], &[], wall("2026-01-02 04:15")), None);
    }

    #[test]
    fn a_slot_never_closed_is_missing() {
        let jobs = one("04:15", "Mon-Sun");
        let job = jobs[0].name;
        let closed = slot(&jobs[0], "2026-01-05", Some(0));
        let running = Slot { ended_at: None, ..slot(&jobs[0], "2026-01-06", None) };
        let interrupted = slot(&jobs[0], "2026-01-06", None);
        let failed = slot(&jobs[0], "2026-01-06", Some(1));
        let missing = |slot: Option<&Slot>, now: &str| {
            let slots: Vec<Slot> = std::iter::once(&closed).chain(slot).cloned().collect();
            missing(&jobs, &slots, wall(now))
        };
        let sixth = (job, on("2026-01-06"));
        assert_eq!(missing(None, "2026-01-06 04:19"), []);
        assert_eq!(missing(None, "2026-01-06 04:20"), [sixth]);
        assert_eq!(missing(Some(&running), "2026-01-06 06:00"), []);
        assert_eq!(missing(Some(&running), "2026-01-07 03:00"), []);
        assert_eq!(missing(Some(&running), "2026-01-07 05:00"), [sixth, (job, on("2026-01-07"))]);
        assert_eq!(missing(Some(&interrupted), "2026-01-06 06:00"), [sixth]);
        assert_eq!(missing(Some(&failed), "2026-01-06 06:00"), [], "it has an outcome");
    }

    #[test]
    fn the_first_slot_of_a_job_becomes_known_before_its_hour() {
        let jobs = one("04:15", "Mon-Fri");
        let (friday, monday) = ((jobs[0].name, on("2026-01-02")), (jobs[0].name, on("2026-01-05")));
        assert_eq!(unknown(&jobs, &[], wall("2026-01-02 03:00")), [friday]);
        assert_eq!(unknown(&jobs, &[], wall("2026-01-03 12:00")), [monday], "a Saturday has no slot");
        assert_eq!(unknown(&jobs, &[], wall("2026-01-02 12:00")), [], "it is due, and runs now");
        assert_eq!(due(&jobs, &[], wall("2026-01-02 12:00")), [friday]);
        let expected = Slot { tries: 0, run: None, ended_at: None, ..slot(&jobs[0], "2026-01-05", None) };
        let now = wall("2026-01-07 03:00");
        assert_eq!(unknown(&jobs, std::slice::from_ref(&expected), now), []);
        assert_eq!(days(&jobs, &[expected], "2026-01-07 03:00"), ["2026-01-05", "2026-01-06"]);
    }
}
