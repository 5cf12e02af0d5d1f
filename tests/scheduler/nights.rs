//! The nights on which the clock changes, and a year of accidents, on a real book. `tests/schedule.rs` tries every hour
//! and every minute; this shows that the book and the runs keep what the decision promises.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sundhedskort::{clock::OFFICE_ZONE, night::schedule};

use super::office::{TestOffice, utc};

/// Fifteen jobs, a quarter of an hour apart from 23:30 to 03:00, and a new process for every bell of the night.
async fn each_slot_is_closed_once(evening: &str) {
    let evening: NaiveDate = evening.parse().expect("a date");
    let mut office = TestOffice::new();
    let half_past_eleven = NaiveTime::from_hms_opt(23, 30, 0).expect("a time");
    let mut at = half_past_eleven;
    for job in &mut office.settings.jobs {
        job.at = at;
        at = at.overflowing_add_signed(TimeDelta::minutes(15)).0;
    }
    let wall = |on: NaiveDate, hour| {
        let time = on.and_hms_opt(hour, 0, 0).expect("a time");
        OFFICE_ZONE.from_local_datetime(&time).unwrap().to_utc()
    };
    let (from, to) = (wall(evening, 23), wall(evening + Days::new(1), 4));
    let mut now = from;
    while now <= to {
        office.restart();
        office.ring(now).await;
        now += TimeDelta::minutes(1);
    }
    let runs = office.book().await.runs("", 1_000).await.expect("runs are read");
    for job in &office.settings.jobs {
        for date in [evening, evening + Days::new(1)].into_iter().filter(|date| schedule::hour(*date, job.at) <= to) {
            let of_it = |jobs: &str| jobs.split(',').any(|name| name == job.name);
            let times = runs.iter().filter(|run| run.business_date == date && of_it(&run.jobs)).count();
            assert_eq!(times, 1, "{} at {} on {date}", job.name, job.at);
        }
    }
    assert_eq!(schedule::missing(&office.settings.jobs, &office.slots().await, to), []);
}

#[tokio::test]
async fn in_march_2026_each_slot_is_closed_once_with_a_restart_before_each_bell() {
    each_slot_is_closed_once("2026-03-28").await;
}

#[tokio::test]
async fn in_october_2026_each_slot_is_closed_once_with_a_restart_before_each_bell() {
    each_slot_is_closed_once("2026-10-24").await;
}

#[tokio::test]
async fn in_march_2027_each_slot_is_closed_once_with_a_restart_before_each_bell() {
    each_slot_is_closed_once("2027-03-27").await;
}

#[tokio::test]
async fn in_october_2027_each_slot_is_closed_once_with_a_restart_before_each_bell() {
    each_slot_is_closed_once("2027-10-30").await;
}

const HEADER: &str = "cpr,status,registered_on,reported_at,given_names,surname,protected,digital_post,language,co_name,\
                      street,house_number,floor,door,postal_code,city,municipality_code,insurance_group,gp_number,guardian_cpr";

/// CPR numbers of people born on 6 July 1970 that fail modulus 11: none was ever issued.
fn never_issued() -> impl Iterator<Item = String> {
    (3_000..4_000).map(|serial| format!("060770{serial}")).filter(|cpr| {
        let weights = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
        let sum: u32 = cpr.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        !sum.is_multiple_of(11)
    })
}

/// How often each person was ordered a card.
fn orders(office: &TestOffice) -> BTreeMap<String, u32> {
    let mut orders = BTreeMap::new();
    for file in std::fs::read_dir(office.place.path().join("outbox")).expect("there is an outbox") {
        let path = file.expect("it can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("print-orders-") || path.extension().is_none_or(|is| is != "csv") {
            continue;
        }
        let mut rows = csv::Reader::from_path(&path).expect("it is CSV");
        let cpr = rows.headers().expect("a header").iter().position(|name| name == "cpr").expect("a column");
        for row in rows.records() {
            *orders.entry(row.expect("a row")[cpr].to_owned()).or_default() += 1;
        }
    }
    orders
}

/// The machine is off at random hours, runs are interrupted, the clock is set ahead and back by up to three days, and
/// somebody moves in nearly every day.
#[tokio::test]
async fn in_a_year_of_accidents_every_slot_is_closed_and_nobody_gets_two_cards() {
    let mut office = TestOffice::new();
    for job in &mut office.settings.jobs {
        job.enabled = ["import-register", "issue-cards", "send-print-orders"].contains(&job.name);
        // The register in the hour that is there twice or not at all.
        if job.name == "import-register" {
            job.at = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
        }
    }
    office.restart();
    let mut draw = fastrand::Rng::with_seed(7);
    let mut people = never_issued();
    let mut moved_in = BTreeSet::new();
    let (start, mut off_by) = (utc("2026-01-01T00:00:00Z"), TimeDelta::zero());
    let end = start + TimeDelta::days(365);
    let (mut now, mut next_delivery): (DateTime<Utc>, _) = (start, start);
    while now < end + TimeDelta::days(25) {
        let quiet = now > end;
        if quiet {
            off_by = TimeDelta::zero();
        } else {
            match draw.u32(0..60) {
                0..=1 => now += TimeDelta::minutes(draw.i64(60..4 * 24 * 60)),
                2..=9 => office.restart(),
                10..=12 => office.stop.ask(),
                13 => off_by = TimeDelta::minutes(draw.i64(-3 * 24 * 60..3 * 24 * 60)),
                14..=15 => off_by = TimeDelta::minutes(draw.i64(-90..90)),
                16..=24 => off_by = TimeDelta::zero(),
                _ => {}
            }
        }
        if !quiet && now >= next_delivery {
            let (cpr, day) = (people.next().expect("there are enough"), now.date_naive());
            let row = format!("{cpr},01,{day},,Ada,Lund,no,yes,en,,Vestergade,7,2,tv,8000,Aarhus C,0751,2,,");
            office.deliver(&format!("registrations-{}.csv", moved_in.len()), &format!("{HEADER}\n{row}\n"));
            moved_in.insert(cpr);
            next_delivery = now + TimeDelta::hours(draw.i64(12..40));
        }
        office.ring(now + off_by).await;
        if office.stop.asked() {
            office.restart();
        }
        now += TimeDelta::minutes(draw.i64(1..12 * 60));
    }
    office.ring(now).await;

    let today = now.with_timezone(&OFFICE_ZONE).date_naive();
    assert_eq!(
        schedule::missing(&office.settings.jobs, &office.book().await.slots(today).await.expect("slots"), now),
        []
    );
    let slots = office.slots().await;
    for job in office.settings.jobs.iter().filter(|job| job.enabled) {
        let first = start.with_timezone(&OFFICE_ZONE).date_naive().succ_opt().expect("a day");
        for day in first.iter_days().take_while(|day| schedule::hour(*day, job.at) <= now) {
            let closed = slots.iter().filter(|slot| slot.job == job.name && slot.due_on == day && !slot.is_open());
            assert_eq!(closed.count(), 1, "{} on {day}", job.name);
        }
    }
    assert!(moved_in.len() > 200, "{}", moved_in.len());
    let orders = orders(&office);
    assert_eq!(orders.keys().cloned().collect::<BTreeSet<_>>(), moved_in);
    assert!(orders.values().all(|times| *times == 1), "{orders:?}");
    let verified = office.book().await.verify(today).await.expect("it is verified");
    assert!(verified.is_clean(), "{:?}", verified.breaches);
}
