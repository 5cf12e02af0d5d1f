//! What a person sees in the morning: `jobs`, `history` and `check` about the scheduler, its slots and the last night. The
//! book is written as a scheduler would have left it, some days before now.

use std::process::Command;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use sundhedskort::{
    clock::{Clock, OFFICE_ZONE},
    exit::Exit,
    night::run::host,
    store::{Book, runs::Run, slots::Heartbeat},
};

/// An office in an empty directory.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        std::fs::create_dir(place.0.path().join("inbox")).expect("an inbox");
        place
    }

    /// What a verb prints, and its exit code.
    fn told(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sundhedskort"));
        let told = program.current_dir(self.0.path()).args(arguments).output().expect("the program runs");
        (String::from_utf8_lossy(&told.stdout).into_owned(), told.status.code())
    }

    async fn book(&self) -> Book {
        let address = format!("sqlite:{}", self.0.path().join("sundhedskort.db").display());
        Book::open(&address, None, None, None).await.expect("the book opens")
    }

    /// A scheduler heard its last bell then.
    async fn heard(&self, rung_at: DateTime<Utc>) {
        let bell = Heartbeat { host: host(), pid: 1, began_at: rung_at, rung_at };
        self.book().await.note_bell(&bell).await.expect("it is noted");
    }

    /// A night of every job for a date ended so; every job's slot of that date is closed by it.
    async fn night(&self, date: NaiveDate, exit: Exit) {
        let now = Clock::System.now();
        let jobs: Vec<&str> = sundhedskort::jobs::ALL.iter().map(|job| job.name).collect();
        let run = Run {
            id: 0,
            business_date: date,
            jobs: jobs.join(","),
            whole_night: true,
            started_by: "scheduler".to_owned(),
            host: host(),
            pid: 1,
            invocation: String::new(),
            started_at: now,
            ended_at: None,
            exit: None,
            report: None,
        };
        let mut book = self.book().await;
        let id = book.start_run(&run).await.expect("it begins");
        let slots: Vec<_> = jobs.iter().map(|job| (*job, date)).collect();
        book.claim_slots(id, &slots, now).await.expect("it claims");
        book.end_run(id, now, Some(exit)).await.expect("it ends");
    }
}

fn today() -> NaiveDate {
    Clock::System.today()
}

fn days_ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

#[test]
fn jobs_shows_the_next_slot_by_the_office_s_clock_and_in_utc() {
    let (told, code) = Place::new().told(&["jobs", "--format", "csv"]);
    assert_eq!(code, Some(0));
    let mut lines = told.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name| header.iter().position(|column| *column == name).expect("a column");
    let (next, next_utc) = (column("next"), column("next_utc"));
    let mut jobs = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let read = |at: usize| NaiveDateTime::parse_from_str(fields[at], "%Y-%m-%d %H:%M").expect("a time");
        assert_eq!(read(next).time(), NaiveTime::from_hms_opt(4, 15, 0).expect("a time"), "{line}");
        let utc = read(next_utc).and_utc();
        assert_eq!(OFFICE_ZONE.from_local_datetime(&read(next)).earliest(), Some(utc.with_timezone(&OFFICE_ZONE)));
        // A minute may have passed since.
        assert!(utc > Clock::System.now() - TimeDelta::minutes(1), "{line}");
        jobs += 1;
    }
    assert_eq!(jobs, sundhedskort::jobs::ALL.len());
}

#[tokio::test]
async fn history_shows_slots_that_did_not_happen_and_check_fails() {
    let place = Place::new();
    place.night(days_ago(3), Exit::Done).await;
    place.heard(Clock::System.now()).await;
    let (history, _) = place.told(&["history", "--format", "csv"]);
    let (check, code) = place.told(&["check"]);
    assert_eq!(code, Some(1));
    for missed in [days_ago(2), days_ago(1)] {
        let rows = history.lines().filter(|row| row.contains(&missed.to_string()) && row.ends_with("did not happen"));
        assert_eq!(rows.count(), 1, "{history}");
        assert!(check.contains(&format!("did not run for {missed}")), "{check}");
    }
    let done = history.lines().find(|row| row.contains(&days_ago(3).to_string())).unwrap_or_default();
    assert!(done.starts_with("1,") && !done.ends_with("did not happen"), "{history}");
    let (one, _) = place.told(&["history", "issue-cards", "--format", "csv"]);
    assert!(one.contains(&format!(",{},issue-cards,,,,did not happen", days_ago(1))), "{one}");
}

#[tokio::test]
async fn check_fails_when_the_scheduler_is_dead_or_deaf() {
    let place = Place::new();
    assert_eq!(place.told(&["run"]).1, Some(0));
    assert_eq!(place.told(&["check"]), ("nothing stands badly\n".to_owned(), Some(0)));
    let now = Clock::System.now();
    place.heard(now - TimeDelta::minutes(2)).await;
    assert!(!place.told(&["check"]).0.contains("bell"));
    // Silent for too long, or last heard by a clock that was ahead.
    for rung_at in [now - TimeDelta::minutes(7), now + TimeDelta::days(1)] {
        place.heard(rung_at).await;
        let (told, code) = place.told(&["check"]);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("has heard no bell since") && told.contains("systemctl status sundhedskort"), "{told}");
    }
}

#[tokio::test]
async fn check_fails_when_the_last_night_ended_in_1_4_65_69_70_or_78() {
    for code in [1, 4, 65, 69, 70, 78] {
        let place = Place::new();
        assert_eq!(place.told(&["run"]).1, Some(0));
        assert_eq!(place.told(&["check"]).1, Some(0));
        place.night(today(), Exit::from_code(code).expect("a code")).await;
        let (told, exit) = place.told(&["check"]);
        assert_eq!(exit, Some(1), "after {code}: {told}");
        assert!(told.contains("critical") && told.contains("sundhedskort history --run 2"), "after {code}: {told}");
        assert_eq!(place.told(&["run"]).1, Some(0), "a person starts it again");
        assert_eq!(place.told(&["check"]).1, Some(0), "after {code} and a good night");
    }
}

#[test]
fn check_fails_when_a_feed_stays_away() {
    let place = Place::new();
    let rows = "gp_number,name,street,postal_code,city,phone,valid_from,valid_to\n\
                012345,Lægerne,Vestergade 1,8000,Aarhus C,,2020-01-01,\n";
    std::fs::write(place.0.path().join("inbox/practitioners-1.csv"), rows).expect("a file is delivered");
    let declaration = "[settings.feeds]\npractitioners = { expected = \"Mon-Sun\", late_after_days = 3 }\n";
    std::fs::create_dir(place.0.path().join("jobs")).expect("a directory");
    std::fs::write(place.0.path().join("jobs/check-books.toml"), declaration).expect("a declaration");
    std::fs::write(place.0.path().join("sundhedskort.toml"), "jobs = \"jobs\"\n").expect("settings");
    assert_eq!(place.told(&["run", "--date", &days_ago(30).to_string()]).1, Some(0));
    assert_eq!(place.told(&["run"]).1, Some(3), "done, with a finding");
    let (told, code) = place.told(&["check"]);
    assert_eq!(code, Some(1));
    assert!(told.contains("1 feed-late, the oldest is F1"), "{told}");
}
