//! The bell: tokio-cron-scheduler says when a minute is over, and nothing more. What is due is the schedule's to decide,
//! for the crate forgets what it missed, may ring twice, and lets bodies overlap and panic unseen (`tests/bell.rs`).

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler};

/// Every full minute. In UTC: a time zone would be frozen into the offset of the day it was hung.
const EVERY_MINUTE: &str = "0 * * * * *";

/// After so long without a sound the bell is hung again: a clock that was ahead and set back leaves it waiting for the
/// minute it last saw. The watchdog of the unit waits longer.
const SILENCE: Duration = Duration::from_secs(90);

/// A bell that rings once a minute.
pub struct Bell {
    scheduler: JobScheduler,
    strokes: mpsc::Receiver<()>,
}

impl Bell {
    /// Hangs it.
    ///
    /// # Errors
    /// When the crate refuses to start.
    pub async fn hang() -> Result<Self> {
        let (ringer, strokes) = mpsc::channel(1);
        let scheduler = JobScheduler::new().await.context("hang the bell")?;
        // A stroke that nobody has heard yet says as much as two.
        let stroke =
            Job::new(EVERY_MINUTE, move |_, _| ringer.try_send(()).unwrap_or_default()).context("hang the bell")?;
        scheduler.add(stroke).await.context("hang the bell")?;
        scheduler.start().await.context("hang the bell")?;
        Ok(Self { scheduler, strokes })
    }

    /// Waits for the next stroke; a bell that went silent is hung again.
    ///
    /// # Errors
    /// As [`Bell::hang`].
    pub async fn heard(&mut self) -> Result<()> {
        while !matches!(tokio::time::timeout(SILENCE, self.strokes.recv()).await, Ok(Some(()))) {
            tracing::warn!("the bell went silent and is hung again");
            let mut silent = std::mem::replace(self, Self::hang().await?);
            silent.scheduler.shutdown().await.context("take down the bell")?;
        }
        Ok(())
    }
}
