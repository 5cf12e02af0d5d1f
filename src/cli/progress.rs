//! Bars on stderr for long work, when stderr is a terminal.

use std::{io::IsTerminal, sync::Mutex, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::night::progress::{Progress, Step};

/// A bar for each job of a run; it is taken away when the job ends, so that logs stand on lines of their own.
pub(super) fn of_run() -> Progress {
    if !std::io::stderr().is_terminal() {
        return Progress::default();
    }
    let bar = Mutex::new(ProgressBar::hidden());
    Progress::to(move |step| {
        // A watcher that panicked has drawn its last bar; the run is none the worse for it.
        let Ok(mut bar) = bar.lock() else { return };
        match step {
            Step::Begins(job) => *bar = drawn(job),
            Step::Selected(more) => bar.inc_length(more),
            Step::Done(more) => bar.inc(more),
            Step::Ends => bar.finish_and_clear(),
        }
    })
}

/// A line that moves while something is done of which nobody knows how long it takes.
pub(super) fn of_one(what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Without colour, for which nobody need set `NO_COLOR`. The template is a constant; a test reads it.
fn drawn(job: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style).with_message(job.to_owned())
}

const TEMPLATE: &str = "{msg:24} {bar:30} {pos}/{len} {per_sec} {eta}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
