//! The schedule at every minute of the nights on which the clock changes, and through years of accidents. The book is
//! simulated: nothing here waits, and only the decision is real.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sundhedskort::{
    clock::OFFICE_ZONE,
    night::schedule::{self, JobDay},
    settings::{JobDeclaration, NoFiles, Overrides, Settings},
    store::slots::Slot,
};

fn declared() -> Vec<JobDeclaration> {
    Settings::from_parts(&Overrides::default(), &BTreeMap::new(), &NoFiles).expect("the defaults fit").jobs
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time of day")
}

/// A run at work in the simulated book.
#[derive(Clone)]
struct Running {
    run: i64,
    ends_at: DateTime<Utc>,
    exit: i64,
}

/// As much of a book as the schedule knows, and how often each slot was closed.
#[derive(Clone, Default)]
struct SimulatedBook {
    slots: Vec<Slot>,
    runs: i64,
    running: Option<Running>,
    closings: BTreeMap<(String, NaiveDate), u32>,
    /// Business date of the last night that ended; a run for an earlier one is refused.
    last_night: Option<NaiveDate>,
}

impl SimulatedBook {
    /// A bell, or the first look after a start: a run that is over ends, and what is due begins.
    fn bell(&mut self, jobs: &[JobDeclaration], now: DateTime<Utc>, mut fate: impl FnMut() -> (TimeDelta, i64)) {
        loop {
            match &self.running {
                Some(running) if running.ends_at > now => return,
                Some(_) => self.end(),
                None => {}
            }
            for (job, on) in schedule::unknown(jobs, &self.slots, now) {
                self.slots.push(slot(job, on, now));
            }
            let Some(ring) = schedule::ring(jobs, &self.slots, now) else { return };
            let due = schedule::due(jobs.iter().filter(|job| ring.contains(&job.name)), &self.slots, now);
            assert!(!due.is_empty(), "a run that is due claims a slot");
            let (takes, exit) = fate();
            self.begin(&due, now, takes, exit);
        }
    }

    fn begin(&mut self, due: &[JobDay], now: DateTime<Utc>, takes: TimeDelta, exit: i64) {
        let today = now.with_timezone(&OFFICE_ZONE).date_naive();
        self.runs += 1;
        // What an earlier holder of the lock left open was interrupted.
        for open in self.slots.iter_mut().filter(|slot| slot.is_running()) {
            open.ended_at = Some(now);
        }
        for (job, on) in due {
            let known = self.slots.iter().position(|slot| slot.job == *job && slot.due_on == *on);
            let at = known.unwrap_or_else(|| {
                self.slots.push(slot(job, *on, now));
                self.slots.len() - 1
            });
            let slot = &mut self.slots[at];
            slot.tries += 1;
            slot.tried_at = now;
            // Another run holds the lock: it does not begin.
            if exit != 75 {
                (slot.run, slot.business_date) = (Some(self.runs), Some(today));
                (slot.ended_at, slot.exit) = (None, None);
            }
        }
        if exit != 75 {
            let exit = if self.last_night.is_some_and(|last| today < last) { 4 } else { exit };
            self.running = Some(Running { run: self.runs, ends_at: now + takes, exit });
        }
    }

    fn end(&mut self) {
        let Some(running) = self.running.take() else { return };
        for slot in self.slots.iter_mut().filter(|slot| slot.run == Some(running.run)) {
            (slot.ended_at, slot.exit) = (Some(running.ends_at), Some(running.exit));
            if !slot.is_open() {
                *self.closings.entry((slot.job.clone(), slot.due_on)).or_default() += 1;
            }
            if [0, 3, 4, 65].contains(&running.exit) {
                self.last_night = self.last_night.max(slot.business_date);
            }
        }
    }

    /// Puts away what no decision asks for any more, as the book's own statement leaves it out: a clock is off by three
    /// days at most.
    fn put_away(&mut self, now: DateTime<Utc>) {
        let long_ago = now.with_timezone(&OFFICE_ZONE).date_naive() - chrono::Days::new(10);
        let closings = &self.closings;
        let is_last = |slot: &Slot| !closings.keys().any(|(job, on)| *job == slot.job && *on > slot.due_on);
        self.slots.retain(|slot| slot.is_open() || slot.due_on > long_ago || is_last(slot));
    }

    /// The process dies, and a run with it.
    fn kill(&mut self) {
        self.running = None;
    }

    /// Both go on alike from here: the decision remembers nothing else.
    fn is_like(&self, other: &Self) -> bool {
        self.running.is_none() && other.running.is_none() && self.closings == other.closings
    }
}

fn slot(job: &str, due_on: NaiveDate, now: DateTime<Utc>) -> Slot {
    Slot {
        job: job.to_owned(),
        due_on,
        tries: 0,
        tried_at: now,
        run: None,
        business_date: None,
        ended_at: None,
        exit: None,
    }
}

/// From the evening of one date to the morning of the next, minute by minute, on the office's wall.
fn night(evening: NaiveDate) -> Vec<DateTime<Utc>> {
    let wall = |on: NaiveDate, hour| OFFICE_ZONE.from_local_datetime(&on.and_time(time(hour, 0))).unwrap().to_utc();
    let (from, to) = (wall(evening, 20), wall(evening + chrono::Days::new(1), 8));
    std::iter::successors(Some(from), |minute| Some(*minute + TimeDelta::minutes(1)))
        .take_while(|minute| *minute <= to)
        .collect()
}

#[test]
fn on_nights_of_the_clock_change_each_slot_is_closed_once_whatever_minute_it_restarts() {
    // The nights of 2026 and 2027 on which the clock changes, and those of 2027 with the dates of 2026.
    let nights = [(2026, 3, 28), (2026, 10, 24), (2027, 3, 27), (2027, 10, 30), (2027, 3, 28), (2027, 10, 24)];
    let takes_two_minutes = || (TimeDelta::minutes(2), 0);
    for (year, month, day) in nights {
        let evening = NaiveDate::from_ymd_opt(year, month, day).expect("a date");
        let minutes = night(evening);
        for quarter in 0..96 {
            let mut jobs = declared();
            jobs.truncate(1);
            jobs[0].at = time(quarter / 4, quarter % 4 * 15);
            let (at, job) = (jobs[0].at, jobs[0].name);
            // The days before are done.
            let yesterday = evening.pred_opt().expect("a day before");
            let mut book = SimulatedBook::default();
            book.begin(&[(job, yesterday)], schedule::hour(yesterday, at).to_utc(), TimeDelta::zero(), 0);
            book.end();
            if schedule::hour(evening, at) <= minutes[0] {
                book.begin(&[(job, evening)], schedule::hour(evening, at).to_utc(), TimeDelta::zero(), 0);
                book.end();
            }
            // The night without a restart, as it is before each minute.
            let mut undisturbed = vec![book];
            for minute in &minutes {
                let mut book = undisturbed.last().expect("it begins with one").clone();
                book.bell(&jobs, *minute, takes_two_minutes);
                undisturbed.push(book);
            }
            let expected: BTreeSet<(String, NaiveDate)> = yesterday
                .iter_days()
                .take(3)
                .filter(|on| schedule::hour(*on, at) + TimeDelta::minutes(2) <= *minutes.last().expect("minutes"))
                .map(|on| (job.to_owned(), on))
                .collect();
            let last = undisturbed.last().expect("the end of the night");
            assert_eq!(last.closings.keys().cloned().collect::<BTreeSet<_>>(), expected, "{evening} {at}");
            assert!(last.closings.values().all(|times| *times == 1), "{evening} {at}");
            for (restart, before) in undisturbed.iter().enumerate().take(minutes.len()) {
                // Its bell is not heard, a run at work dies; the new process looks at once, between two minutes.
                let mut book = before.clone();
                book.kill();
                book.bell(&jobs, minutes[restart] + TimeDelta::seconds(20), takes_two_minutes);
                let mut rest = (restart + 1..minutes.len()).map(|at| (minutes[at], &undisturbed[at + 1]));
                let alike = rest.any(|(minute, undisturbed)| {
                    book.bell(&jobs, minute, takes_two_minutes);
                    book.is_like(undisturbed)
                });
                let near_the_end = restart + 10 > minutes.len();
                assert!(alike || near_the_end, "{evening} {at}: a restart at {} is not made up for", minutes[restart]);
                assert!(book.closings.values().all(|times| *times == 1), "{evening} {at} {}", minutes[restart]);
            }
        }
    }
}

#[test]
fn in_a_year_of_accidents_no_slot_is_without_an_outcome_and_none_is_closed_twice() {
    let mut jobs = declared();
    jobs.truncate(6);
    // Two in the hour that is there twice or not at all, one alone at noon on working days, one at midnight.
    (jobs[1].at, jobs[2].at) = (time(2, 30), time(2, 30));
    (jobs[3].at, jobs[3].days) = (time(12, 0), "Mon-Fri".parse().expect("days"));
    jobs[4].at = time(0, 0);
    for seed in 0..8 {
        let mut draw = fastrand::Rng::with_seed(seed);
        let mut book = SimulatedBook::default();
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("an instant");
        let (mut now, mut off_by) = (start, TimeDelta::zero());
        let first = now.with_timezone(&OFFICE_ZONE).date_naive();
        book.bell(&jobs, now, || (TimeDelta::zero(), 0));
        while now < start + TimeDelta::days(365) {
            match draw.u32(0..400) {
                // The machine is off: for minutes, hours or days.
                0..=2 => {
                    book.kill();
                    now += TimeDelta::minutes(draw.i64(1..4 * 24 * 60));
                }
                3..=8 => {
                    book.kill();
                    now += TimeDelta::minutes(draw.i64(1..120));
                }
                // Somebody sets the clock, and somebody sets it right.
                9..=10 => off_by = TimeDelta::minutes(draw.i64(-3 * 24 * 60..3 * 24 * 60)),
                11..=12 => off_by = TimeDelta::minutes(draw.i64(-90..90)),
                13..=40 => off_by = TimeDelta::zero(),
                _ => {}
            }
            book.bell(&jobs, now + off_by, || {
                let exit = *draw.choice([0, 0, 0, 0, 0, 3, 4, 65, 1, 70, 69, 69, 75, 75].iter()).expect("one of them");
                (TimeDelta::minutes(draw.i64(0..50)), exit)
            });
            now += TimeDelta::minutes(draw.i64(1..25));
            book.put_away(now);
        }
        // Two quiet days with the clock set right.
        let end = now + TimeDelta::days(2);
        while now < end {
            book.bell(&jobs, now, || (TimeDelta::minutes(1), 0));
            now += TimeDelta::minutes(1);
        }
        assert_eq!(schedule::missing(&jobs, &book.slots, now), [], "seed {seed}");
        for job in &jobs {
            let days = first.iter_days().skip(1).take_while(|on| schedule::hour(*on, job.at) <= now);
            for on in days.filter(|on| job.days.contain(on.weekday())) {
                let times = book.closings.get(&(job.name.to_owned(), on)).copied();
                assert_eq!(times, Some(1), "seed {seed}: {} on {on}", job.name);
            }
        }
        assert!(book.closings.values().all(|times| *times == 1), "seed {seed}");
        assert!(book.runs > 365, "seed {seed}: nights were run");
    }
}
