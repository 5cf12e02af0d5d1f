//! `serve`: the scheduler, until it is told to stop. systemd keeps it alive, hears that it is ready and what it does, and
//! kills it when no bell was heard (4.4).

use anyhow::{Context, Result};
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    exit::Exit,
    night::{Stop, bell::Bell, scheduler::Scheduler},
    settings::{Settings, SettingsFlaw},
    store::connection::Failure,
};

/// Serves until SIGTERM or SIGINT; the chunk in hand is committed first. SIGHUP loads the settings again.
///
/// # Errors
/// When signals or the bell cannot be had, or the book needs a person: an unknown address, another schema.
pub(super) async fn run(
    settings: Settings,
    load: impl Fn() -> Result<Settings, SettingsFlaw>,
    clock: Clock,
    stop: Stop,
) -> Result<Exit> {
    let mut scheduler = Scheduler::new(settings, clock, stop.clone());
    let hear = |kind| signal(kind).context("hear signals");
    let (mut terminate, mut interrupt) = (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?);
    let served = tokio::select! {
        served = serve(&mut scheduler, load, hear(SignalKind::hangup())?) => served,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    notify(&[NotifyState::Stopping, NotifyState::Status("stopping after the chunk in hand")]);
    info!("stopping");
    stop.ask();
    if scheduler.is_running() {
        scheduler.ended().await;
    }
    served.map(|()| Exit::Done)
}

async fn serve(
    scheduler: &mut Scheduler,
    load: impl Fn() -> Result<Settings, SettingsFlaw>,
    mut hangup: Signal,
) -> Result<()> {
    let mut bell = Bell::hang().await?;
    let mut status = Status::default();
    // The first look waits for no bell: a night may be due, and a book that needs a person is no service.
    match scheduler.bell().await {
        Err(failure @ (Failure::Address | Failure::OldSchema | Failure::NewSchema)) => return Err(failure.into()),
        seen => status.say(seen),
    }
    notify(&[NotifyState::Ready]);
    loop {
        tokio::select! {
            heard = bell.heard() => {
                heard?;
                notify(&[NotifyState::Watchdog]);
            }
            _ = scheduler.ended() => {}
            _ = hangup.recv() => status.refused = reload(scheduler, &load),
        }
        status.say(scheduler.bell().await);
    }
}

/// Loads the settings again. Refused ones change nothing: the old ones stay, and this says why.
fn reload(scheduler: &mut Scheduler, load: impl Fn() -> Result<Settings, SettingsFlaw>) -> Option<String> {
    // systemd 253 and later want to know when, in the same message.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
    let refused = match load() {
        Ok(settings) => {
            scheduler.reload(settings);
            info!("the settings are loaded again (the log's format and level stay until the next start)");
            None
        }
        Err(flaw) => {
            error!("failed to {flaw}: the old settings stay (hint: {})", flaw.hint());
            Some(format!("the old settings stay, for the new ones are refused: failed to {flaw}"))
        }
    };
    notify(&[NotifyState::Ready]);
    refused
}

/// What the scheduler does, in a line, as systemd shows it; said when it changes.
#[derive(Debug, Default)]
struct Status {
    line: String,
    refused: Option<String>,
}

impl Status {
    fn say(&mut self, seen: Result<String, Failure>) {
        let failed = seen.is_err();
        let mut line = seen.unwrap_or_else(|failure| format!("failed to {failure}"));
        if let Some(refused) = &self.refused {
            line = format!("{line}; {refused}");
        }
        if line == self.line {
            return;
        }
        if failed {
            warn!("{line} (the next bell tries again)");
        } else {
            info!("{line}");
        }
        notify(&[NotifyState::Status(&line)]);
        self.line = line;
    }
}

/// Tells systemd, where it listens.
fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!("failed to notify systemd: {error}");
    }
}
