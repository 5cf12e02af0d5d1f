//! An office whose bells a test rings.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use chrono::{DateTime, Utc};
use sundhedskort::{
    clock::Clock,
    exit::Exit,
    night::{
        self, Stop,
        run::{Order, run},
        scheduler::Scheduler,
    },
    settings::{NoFiles, Overrides, Settings},
    store::{Book, runs::Run, slots::Slot},
};

/// An office with a book of its own; every job at 04:15, which in January is 03:15 UTC.
pub(crate) struct TestOffice {
    pub(crate) place: tempfile::TempDir,
    pub(crate) settings: Settings,
    pub(crate) scheduler: Scheduler,
    pub(crate) stop: Stop,
}

/// An instant.
pub(crate) fn utc(instant: &str) -> DateTime<Utc> {
    instant.parse().expect("an instant")
}

fn settings(place: &Path) -> Settings {
    let path = |name: &str| place.join(name).display().to_string();
    let named = ["inbox", "outbox", "archive", "head_file"].map(|name| (name.to_owned(), path(name)));
    let database = ("database".to_owned(), format!("sqlite:{}", path("book/book.db")));
    let flags = Overrides { values: named.into_iter().chain([database]).collect(), ..Overrides::default() };
    Settings::from_parts(&flags, &BTreeMap::new(), &NoFiles).expect("the settings fit")
}

impl TestOffice {
    /// Opened on 5 January 2026, with that night done.
    pub(crate) async fn open() -> Self {
        let mut office = Self::new();
        assert_eq!(office.bell("2026-01-05T03:15:00Z").await, Some(Exit::Done));
        office
    }

    /// With an empty book, and no bell heard.
    pub(crate) fn new() -> Self {
        let office = Self::without_a_book();
        std::fs::create_dir(office.place.path().join("book")).expect("a place for the book");
        office
    }

    /// Its database cannot be reached.
    pub(crate) fn without_a_book() -> Self {
        // In memory where there is such a place: a year of nights waits for many a disk otherwise.
        let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a place");
        for name in ["inbox", "outbox", "archive"] {
            std::fs::create_dir(place.path().join(name)).expect("a directory");
        }
        let (settings, stop) = (settings(place.path()), Stop::default());
        let scheduler = Scheduler::new(settings.clone(), Clock::System, stop.clone());
        Self { place, settings, scheduler, stop }
    }

    /// Another process, with nothing in memory.
    pub(crate) fn restart(&mut self) {
        self.stop = Stop::default();
        self.scheduler = Scheduler::new(self.settings.clone(), Clock::System, self.stop.clone());
    }

    /// Rings, and waits for the run that this begins, if any.
    pub(crate) async fn bell(&mut self, at: &str) -> Option<Exit> {
        self.ring(utc(at)).await
    }

    /// The same at an instant.
    pub(crate) async fn ring(&mut self, at: DateTime<Utc>) -> Option<Exit> {
        self.scheduler.set_clock(Clock::Fixed(at));
        self.scheduler.bell().await.expect("the book is there");
        if self.scheduler.is_running() { Some(self.scheduler.ended().await) } else { None }
    }

    /// What an operator does beside it.
    pub(crate) async fn by_hand(&self, jobs: &[&'static str], at: &str) -> Exit {
        let order = Order { jobs: jobs.to_vec(), started_by: "karen".to_owned(), ..Order::default() };
        let clock = Clock::Fixed(utc(at));
        run(&mut self.book().await, &self.settings, clock, &order, Stop::default()).await.expect("it runs").exit()
    }

    /// The book, as it is now.
    pub(crate) async fn book(&self) -> Book {
        night::open(&self.settings).await.expect("the book opens")
    }

    /// Every slot, newest first.
    pub(crate) async fn slots(&self) -> Vec<Slot> {
        self.book().await.latest_slots(None, 10_000).await.expect("slots are read")
    }

    /// The dates that have slots, each with the date of the run that closed them; none: open.
    pub(crate) async fn dates(&self) -> BTreeSet<(String, Option<String>)> {
        let closed = |slot: &Slot| slot.business_date.filter(|_| !slot.is_open()).map(|on| on.to_string());
        self.slots().await.iter().map(|slot| (slot.due_on.to_string(), closed(slot))).collect()
    }

    /// The run that began last.
    pub(crate) async fn last_run(&self) -> Run {
        self.book().await.runs("", 1).await.expect("runs are read").remove(0)
    }

    /// A file comes in.
    pub(crate) fn deliver(&self, name: &str, rows: &str) {
        std::fs::write(self.place.path().join("inbox").join(name), rows).expect("a file is delivered");
    }
}
