//! Slots and heartbeats in the book, the same on both databases.

mod databases;

use chrono::{DateTime, NaiveDate, Utc};
use sundhedskort::{
    exit::Exit,
    store::{
        Book,
        runs::Run,
        slots::{Heartbeat, Slot},
    },
};

fn on(day: &str) -> NaiveDate {
    day.parse().expect("a date")
}

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().expect("an instant")
}

async fn begin(book: &mut Book, day: &str) -> i64 {
    let run = Run {
        id: 0,
        business_date: on(day),
        jobs: "issue-cards".to_owned(),
        whole_night: true,
        started_by: "test".to_owned(),
        host: "here".to_owned(),
        pid: 7,
        invocation: String::new(),
        started_at: at(&format!("{day}T03:15:00Z")),
        ended_at: None,
        exit: None,
        report: None,
    };
    book.start_run(&run).await.expect("a run begins")
}

async fn known(book: &mut Book, today: &str) -> Vec<String> {
    let show = |slot: &Slot| {
        let state = if slot.is_open() { "open" } else { "closed" };
        format!("{} {} {state} by {:?} after {}", slot.job, slot.due_on, slot.run, slot.tries)
    };
    book.slots(on(today)).await.expect("slots are read").iter().map(show).collect()
}

async fn slots_are_tried_claimed_and_closed_with_their_run(address: &str) {
    let mut book = Book::open(address, None, Some(1), None).await.expect("the book opens");
    let (first, second) = (("issue-cards", on("2026-01-05")), ("issue-cards", on("2026-01-06")));
    let now = at("2026-01-05T03:15:00Z");
    book.expect_slots(&[first], now).await.expect("a slot becomes known");
    book.expect_slots(&[first], now).await.expect("once");
    assert_eq!(known(&mut book, "2026-01-05").await, ["issue-cards 2026-01-05 open by None after 0"]);
    book.try_slots(&[first], now).await.expect("a try counts");
    let run = begin(&mut book, "2026-01-05").await;
    book.claim_slots(run, &[first], now).await.expect("a run claims it");
    assert!(book.slots(on("2026-01-05")).await.expect("slots are read")[0].is_running());
    // The process dies; the next holder of the lock closes the run as interrupted, and loses its database.
    book.try_slots(&[first], now).await.expect("a try counts");
    let run = begin(&mut book, "2026-01-05").await;
    assert_eq!(known(&mut book, "2026-01-05").await, ["issue-cards 2026-01-05 open by Some(1) after 2"]);
    book.claim_slots(run, &[first], now).await.expect("a run claims it");
    book.end_run(run, now, Some(Exit::DatabaseUnreachable)).await.expect("it ends");
    assert_eq!(known(&mut book, "2026-01-05").await, ["issue-cards 2026-01-05 open by Some(2) after 2"]);
    // The next one closes the older slot with today's.
    book.try_slots(&[first, second], now).await.expect("a try counts");
    let run = begin(&mut book, "2026-01-06").await;
    book.claim_slots(run, &[first, second], now).await.expect("a run claims both");
    book.end_run(run, now, Some(Exit::DoneWithFindings)).await.expect("it ends");
    let closed =
        ["issue-cards 2026-01-05 closed by Some(3) after 3", "issue-cards 2026-01-06 closed by Some(3) after 1"];
    assert_eq!(known(&mut book, "2026-01-06").await, closed);
    // What is closed stays with the run that closed it.
    let run = begin(&mut book, "2026-01-06").await;
    book.claim_slots(run, &[first, second], now).await.expect("nothing to claim");
    assert_eq!(known(&mut book, "2026-01-06").await, closed);
    // A run that panicked is closed by its process, and by no other.
    book.fail_run_of("elsewhere", 7, now).await.expect("nothing to close");
    assert_eq!(book.runs("", 1).await.expect("runs are read")[0].ended_at, None);
    book.fail_run_of("here", 7, now).await.expect("it is closed");
    assert_eq!(book.runs("", 1).await.expect("runs are read")[0].exit, Some(1));
    // Of what is over, each job's last slot is all the schedule needs; what is to come was closed by a clock ahead.
    assert_eq!(known(&mut book, "2026-03-01").await, closed[1..]);
    assert_eq!(known(&mut book, "2025-03-01").await, closed);
    let latest = book.latest_slots(Some("issue-cards"), 1).await.expect("slots are read");
    assert_eq!((latest[0].due_on, latest[0].business_date), (second.1, Some(second.1)));
    assert_eq!(book.latest_slots(None, 10).await.expect("slots are read").len(), 2);
    assert_eq!(book.latest_slots(Some("send-notices"), 10).await.expect("slots are read").len(), 0);
}

async fn the_last_bell_of_each_host_is_kept(address: &str) {
    let mut book = Book::open(address, None, Some(1), None).await.expect("the book opens");
    assert_eq!(book.last_bell().await.expect("it is read"), None);
    let bell = |host: &str, rung_at: &str| Heartbeat {
        host: host.to_owned(),
        pid: 7,
        began_at: at("2026-01-05T03:00:00Z"),
        rung_at: at(rung_at),
    };
    for (host, rung_at) in [("a", "2026-01-05T03:01:00Z"), ("b", "2026-01-05T03:00:30Z"), ("a", "2026-01-05T03:02:00Z")]
    {
        book.note_bell(&bell(host, rung_at)).await.expect("it is noted");
    }
    assert_eq!(book.last_bell().await.expect("it is read"), Some(bell("a", "2026-01-05T03:02:00Z")));
    // A clock that was set back: the bell is what the host last heard.
    book.note_bell(&bell("a", "2026-01-05T02:02:00Z")).await.expect("it is noted");
    assert_eq!(book.last_bell().await.expect("it is read"), Some(bell("b", "2026-01-05T03:00:30Z")));
}

#[tokio::test]
async fn on_sqlite() {
    let place = tempfile::tempdir().expect("a place");
    let address = |name: &str| format!("sqlite:{}", place.path().join(name).display());
    slots_are_tried_claimed_and_closed_with_their_run(&address("slots.db")).await;
    the_last_bell_of_each_host_is_kept(&address("bells.db")).await;
}

#[tokio::test]
async fn on_postgres() {
    let database = databases::Postgres::create().await;
    slots_are_tried_claimed_and_closed_with_their_run(&database.address()).await;
    database.drop().await;
    let database = databases::Postgres::create().await;
    the_last_bell_of_each_host_is_kept(&database.address()).await;
    database.drop().await;
}
