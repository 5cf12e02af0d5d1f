//! The night: every job through one loop, in chunks that are each one transaction.

pub mod bell;
pub mod chunk;
pub mod inbox;
pub mod progress;
pub mod publish;
pub mod report;
pub mod run;
pub mod schedule;
pub mod scheduler;
pub mod take;
pub mod work;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use crate::{
    domain::casework::Office,
    settings::{Secret, Settings},
    store::{Book, Stamp, connection::Failure},
};

/// Opens the book of an office's settings.
///
/// # Errors
/// When it cannot be used.
pub async fn open(settings: &Settings) -> Result<Book, Failure> {
    let password = settings.database.password().map(Secret::reveal);
    Book::open(&settings.database.address(), password, settings.salt_seed, Some(settings.head_file.clone())).await
}

/// Everything one job of a run works with.
#[derive(Debug)]
pub struct Night<'a> {
    /// The book.
    pub book: &'a mut Book,
    /// The office's settings.
    pub settings: &'a Settings,
    /// The world the rules see.
    pub office: Office,
    /// Date, run, instant and job of what is written.
    pub stamp: Stamp,
    /// Nothing remains: no archive, no outputs.
    pub dry: bool,
    /// Asked to stop.
    pub stop: Stop,
    /// When the job's time is over.
    pub deadline: Option<Instant>,
    /// An operator lifted the limits of this run to this many.
    pub accept: Option<u64>,
    /// Who watches.
    pub progress: progress::Progress,
}

impl Night<'_> {
    /// Asked to stop, or out of time: looked at between chunks, never inside a commit.
    #[must_use]
    pub fn must_stop(&self) -> bool {
        self.stop.asked() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// A request to stop between two chunks.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Was asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
