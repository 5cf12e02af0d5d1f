//! What happens case by case: the table of the scheduler, each row on a real book, with bells that are rung by hand. Nothing
//! here waits for a minute to pass.

mod nights;
mod office;

use std::collections::BTreeSet;

use office::{TestOffice, utc};
use sundhedskort::{
    clock::Clock,
    exit::Exit,
    night::{
        self, Stop,
        run::{NotBegun, Order, run},
        schedule,
    },
    store::{runs::Run, slots::Slot},
};

fn closed(dates: &[(&str, &str)]) -> BTreeSet<(String, Option<String>)> {
    dates.iter().map(|(on, by)| ((*on).to_owned(), Some((*by).to_owned()))).collect()
}

const PRACTITIONERS: &str = "gp_number,name,street,postal_code,city,phone,valid_from,valid_to\n\
                             012345,Lægerne,Vestergade 1,8000,Aarhus C,,2020-01-01,\n";

#[tokio::test]
async fn a_slot_that_is_due_is_claimed_run_for_its_date_and_closed_with_its_outcome() {
    let mut office = TestOffice::open().await;
    office.deliver("practitioners-1.csv", PRACTITIONERS);
    assert_eq!(office.bell("2026-01-06T03:14:00Z").await, None);
    assert_eq!(office.bell("2026-01-06T03:15:00Z").await, Some(Exit::Done));
    let night = office.last_run().await;
    assert_eq!(
        (night.business_date.to_string().as_str(), night.whole_night, night.exit),
        ("2026-01-06", true, Some(0))
    );
    assert_eq!(office.dates().await, closed(&[("2026-01-05", "2026-01-05"), ("2026-01-06", "2026-01-06")]));
    assert!(office.slots().await.iter().all(|slot| slot.tries == 1));
    assert_eq!(office.bell("2026-01-06T03:16:00Z").await, None, "once");
}

#[tokio::test]
async fn after_three_nights_down_one_run_for_today_covers_them_and_todays_slot_still_rings() {
    let mut office = TestOffice::open().await;
    office.restart();
    // Started in the small hours of the 9th.
    assert_eq!(office.bell("2026-01-09T00:30:00Z").await, Some(Exit::Done));
    let covered = [
        ("2026-01-05", "2026-01-05"),
        ("2026-01-06", "2026-01-09"),
        ("2026-01-07", "2026-01-09"),
        ("2026-01-08", "2026-01-09"),
    ];
    assert_eq!(office.dates().await, closed(&covered));
    let covering = office.last_run().await.id;
    assert_eq!(office.bell("2026-01-09T03:14:00Z").await, None);
    assert_eq!(office.bell("2026-01-09T03:15:00Z").await, Some(Exit::Done));
    assert_eq!(office.last_run().await.id, covering + 1);
    let all: Vec<_> = covered.into_iter().chain([("2026-01-09", "2026-01-09")]).collect();
    assert_eq!(office.dates().await, closed(&all));
}

#[tokio::test]
async fn a_night_not_over_at_midnight_is_an_older_slot() {
    let mut office = TestOffice::open().await;
    let mut late = office.settings.clone();
    for job in &mut late.jobs {
        job.at = chrono::NaiveTime::from_hms_opt(23, 59, 0).expect("a time");
    }
    office.scheduler.reload(late);
    assert_eq!(office.bell("2026-01-06T22:58:00Z").await, None);
    // The machine slept for two minutes: it is the 7th.
    assert_eq!(office.bell("2026-01-06T23:00:30Z").await, Some(Exit::Done));
    assert_eq!(office.last_run().await.business_date.to_string(), "2026-01-07");
    assert_eq!(office.dates().await, closed(&[("2026-01-05", "2026-01-05"), ("2026-01-06", "2026-01-07")]));
}

#[tokio::test]
async fn a_run_by_hand_claims_no_slot_and_closes_none() {
    let mut office = TestOffice::open().await;
    let before = office.slots().await;
    office.deliver("practitioners-1.csv", PRACTITIONERS);
    assert_eq!(office.by_hand(&["import-practitioners"], "2026-01-06T03:00:00Z").await, Exit::Done);
    assert_eq!(office.slots().await, before);
    assert_eq!(office.bell("2026-01-06T03:15:00Z").await, Some(Exit::Done), "the slot rings all the same");
    let after = office.slots().await;
    assert_eq!(office.by_hand(&[], "2026-01-06T10:00:00Z").await, Exit::Done);
    let report = office.last_run().await.report.expect("a report");
    let report: night::report::Report = serde_json::from_str(&report).expect("it is one");
    assert!(!report.had_effect(), "with nothing new it changes nothing");
    assert_eq!(office.slots().await, after);
}

#[tokio::test]
async fn a_late_file_is_read_by_hand_at_noon() {
    let mut office = TestOffice::open().await;
    assert_eq!(office.bell("2026-01-06T03:15:00Z").await, Some(Exit::Done));
    office.deliver(
        "returns-1.csv",
        "card_id,cpr,name,returned_on,carrier_reason,site,slot\n,,Somebody Unknown,2026-01-05,Moved,Dokk1,A1\n",
    );
    let read = office.by_hand(&["record-returns"], "2026-01-06T11:00:00Z").await;
    assert_eq!(read, Exit::DoneWithFindings, "nobody has such a card");
    assert!(office.place.path().join("archive/2026-01-06/returns-1.csv").exists());
    assert_eq!(office.bell("2026-01-06T11:01:00Z").await, None);
}

#[tokio::test]
async fn a_killed_run_is_closed_as_interrupted_and_tried_again_after_a_pause() {
    let mut office = TestOffice::open().await;
    let day = "2026-01-06".parse().expect("a date");
    let mut book = office.book().await;
    let killed = Run {
        id: 0,
        business_date: day,
        pid: 1,
        started_at: utc("2026-01-06T03:15:00Z"),
        ended_at: None,
        exit: None,
        report: None,
        ..office.last_run().await
    };
    let slots: Vec<_> = office.settings.jobs.iter().map(|job| (job.name, day)).collect();
    book.try_slots(&slots, killed.started_at).await.expect("a try counts");
    let id = book.start_run(&killed).await.expect("it begins");
    book.claim_slots(id, &slots, killed.started_at).await.expect("it claims");
    drop(book);
    office.restart();
    assert_eq!(office.bell("2026-01-06T03:15:30Z").await, None, "a minute's pause");
    assert_eq!(office.bell("2026-01-06T03:16:00Z").await, Some(Exit::Done));
    let runs = office.book().await.runs("", 2).await.expect("runs are read");
    assert_eq!((runs[1].id, runs[1].exit, runs[1].ended_at.is_some()), (id, None, true), "interrupted");
    assert_eq!(runs[0].exit, Some(0));
    assert_eq!(office.dates().await, closed(&[("2026-01-05", "2026-01-05"), ("2026-01-06", "2026-01-06")]));
}

#[tokio::test]
async fn a_run_stopped_by_a_signal_is_interrupted_and_goes_on_after_the_restart() {
    let mut office = TestOffice::open().await;
    office.stop.ask();
    office.bell("2026-01-06T03:15:00Z").await;
    let stopped = office.last_run().await;
    assert_eq!((stopped.exit, stopped.ended_at.is_some()), (None, true));
    assert!(office.slots().await.iter().any(Slot::is_open));
    office.restart();
    assert_eq!(office.bell("2026-01-06T03:16:00Z").await, Some(Exit::Done));
    assert_eq!(office.dates().await, closed(&[("2026-01-05", "2026-01-05"), ("2026-01-06", "2026-01-06")]));
}

#[tokio::test]
async fn while_another_run_holds_the_lock_it_tries_with_growing_pauses() {
    let mut office = TestOffice::open().await;
    let mut other = office.book().await;
    let address = office.settings.database.address();
    let lock = other.lock_runs(&address).await.expect("the lock").expect("it is free");
    let mut tried = Vec::new();
    for minute in 15..45 {
        if office.bell(&format!("2026-01-06T03:{minute}:00Z")).await == Some(Exit::LockHeld) {
            tried.push(minute);
        }
    }
    assert_eq!(tried, [15, 16, 18, 22, 30]);
    drop(lock);
    assert_eq!(office.bell("2026-01-06T03:45:00Z").await, None, "its pause is not over");
    assert_eq!(office.bell("2026-01-06T03:46:00Z").await, Some(Exit::Done));
}

#[tokio::test]
async fn a_database_that_is_away_costs_nothing_but_time() {
    let mut office = TestOffice::without_a_book();
    office.scheduler.set_clock(Clock::Fixed(utc("2026-01-05T03:15:00Z")));
    let failure = office.scheduler.bell().await.expect_err("there is no place for a book");
    assert!(failure.to_string().starts_with("reach the database"), "{failure}");
    std::fs::create_dir(office.place.path().join("book")).expect("a place for the book");
    assert_eq!(office.bell("2026-01-05T04:15:00Z").await, Some(Exit::Done));
    assert_eq!(office.dates().await, closed(&[("2026-01-05", "2026-01-05")]));
}

#[tokio::test]
async fn a_failure_waits_for_a_person_or_the_next_slot() {
    let mut office = TestOffice::open().await;
    office.deliver("practitioners-1.csv", PRACTITIONERS);
    // No file can be moved into an archive that is a file.
    let archive = office.place.path().join("archive");
    std::fs::remove_dir_all(&archive).expect("it is removed");
    std::fs::write(&archive, "").expect("a file");
    assert_eq!(office.bell("2026-01-06T03:15:00Z").await, Some(Exit::Failed));
    for hour in ["03:16", "04:15", "12:00", "22:00"] {
        assert_eq!(office.bell(&format!("2026-01-06T{hour}:00Z")).await, None);
    }
    std::fs::remove_file(&archive).expect("it is removed");
    assert_eq!(office.bell("2026-01-07T03:15:00Z").await, Some(Exit::Done));
    assert!(archive.join("2026-01-07/practitioners-1.csv").exists());
}

#[tokio::test]
async fn a_night_that_ended_in_1_70_or_78_is_not_tried_again() {
    for exit in [Exit::Failed, Exit::InvariantBroken, Exit::Configuration] {
        let mut office = TestOffice::open().await;
        let (day, now) = ("2026-01-06".parse().expect("a date"), utc("2026-01-06T03:15:00Z"));
        let slots: Vec<_> = office.settings.jobs.iter().map(|job| (job.name, day)).collect();
        let mut book = office.book().await;
        let failed = Run { id: 0, business_date: day, started_at: now, ended_at: None, ..office.last_run().await };
        let id = book.start_run(&failed).await.expect("it begins");
        book.claim_slots(id, &slots, now).await.expect("it claims");
        book.end_run(id, now, Some(exit)).await.expect("it ends");
        office.restart();
        assert_eq!(office.bell("2026-01-06T12:00:00Z").await, None, "{exit:?}");
        assert_eq!(office.bell("2026-01-07T03:15:00Z").await, Some(Exit::Done), "{exit:?}");
    }
}

#[tokio::test]
async fn a_refused_date_goes_on_record() {
    let mut office = TestOffice::open().await;
    assert_eq!(office.bell("2026-01-09T03:15:00Z").await, Some(Exit::Done));
    // The clock was four days ahead when the first night was run, and is set right.
    assert_eq!(office.bell("2026-01-04T03:15:00Z").await, Some(Exit::Stopped));
    assert_eq!(office.last_run().await.exit, Some(4));
    assert_eq!(office.bell("2026-01-04T03:16:00Z").await, None);
}

#[tokio::test]
async fn of_two_schedulers_on_one_book_the_later_finds_the_slots_closed() {
    let mut office = TestOffice::open().await;
    assert_eq!(office.bell("2026-01-06T03:15:00Z").await, Some(Exit::Done));
    // The other had decided before the run began, and got the lock after it.
    let jobs = office.settings.jobs.iter().map(|job| job.name).collect();
    let order = Order { jobs, scheduled: true, started_by: "scheduler".to_owned(), ..Order::default() };
    let clock = Clock::Fixed(utc("2026-01-06T03:15:00Z"));
    let refused =
        run(&mut office.book().await, &office.settings, clock, &order, Stop::default()).await.expect_err("it is late");
    assert!(matches!(refused.downcast_ref(), Some(NotBegun::SlotsClosed)), "{refused}");
    assert_eq!(office.book().await.runs("", 10).await.expect("runs are read").len(), 2, "one a night");
}

#[tokio::test]
async fn a_slot_never_closed_is_missing() {
    let mut office = TestOffice::open().await;
    let jobs = office.settings.clone().jobs;
    let missing = |slots: &[Slot], at: &str| -> BTreeSet<String> {
        schedule::missing(&jobs, slots, utc(at)).iter().map(|(_, on)| on.to_string()).collect()
    };
    // The scheduler is down from the 6th on.
    let known = office.book().await.slots("2026-01-07".parse().expect("a date")).await.expect("slots are read");
    assert!(missing(&known, "2026-01-06T03:15:00Z").is_empty());
    let both = ["2026-01-06", "2026-01-07"].map(str::to_owned);
    assert_eq!(missing(&known, "2026-01-07T05:00:00Z"), BTreeSet::from(both));
    assert_eq!(office.bell("2026-01-07T05:30:00Z").await, Some(Exit::Done));
    let known = office.book().await.slots("2026-01-07".parse().expect("a date")).await.expect("slots are read");
    assert!(missing(&known, "2026-01-07T05:31:00Z").is_empty());
}

#[tokio::test]
async fn a_bell_is_noted_in_the_book_also_while_a_run_is_at_work() {
    let mut office = TestOffice::open().await;
    office.scheduler.set_clock(Clock::Fixed(utc("2026-01-06T03:15:00Z")));
    office.scheduler.bell().await.expect("the book is there");
    assert!(office.scheduler.is_running());
    office.scheduler.set_clock(Clock::Fixed(utc("2026-01-06T03:16:00Z")));
    office.scheduler.bell().await.expect("the book is there");
    let heard = office.book().await.last_bell().await.expect("it is read").expect("one was heard");
    assert_eq!(heard.rung_at, utc("2026-01-06T03:16:00Z"));
    assert_eq!(office.scheduler.ended().await, Exit::Done);
}

#[tokio::test]
async fn a_run_out_of_time_counts_as_stopped_by_its_limit() {
    let mut office = TestOffice::open().await;
    office.deliver("practitioners-1.csv", PRACTITIONERS);
    let mut hasty = office.settings.clone();
    for job in &mut hasty.jobs {
        job.time_limit = std::time::Duration::ZERO;
    }
    office.scheduler.reload(hasty);
    assert_eq!(office.bell("2026-01-06T03:15:00Z").await, Some(Exit::Stopped));
    assert_eq!(office.last_run().await.exit, Some(4));
}
