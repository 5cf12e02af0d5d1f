//! Logs on stderr, which is the journal under systemd: text for people, JSON for programs.
//!
//! What a person is called never comes into a log. Our own messages see to that themselves; the statements and notices
//! of the database are kept out here, whatever level is asked for.

use std::{
    io::{self, IsTerminal},
    panic::PanicHookInfo,
};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterFn, ParseError, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

use crate::settings::LogFormat;

/// Why logging did not begin.
#[derive(Debug, thiserror::Error)]
pub enum LoggingFlaw {
    /// The settings check the level; this says what they overlooked.
    #[error("read the level of the log")]
    Level(#[from] ParseError),
    /// It may begin once in a process.
    #[error("begin logging a second time")]
    Begun(#[from] TryInitError),
}

/// What the settings say where nobody says anything else.
const DEFAULT: &str = "warn,sundhedskort=info";

/// Begins to log on stderr, in colour when it is a terminal and `NO_COLOR` is not set. Levels are those of the settings,
/// `warn,sundhedskort=info` by default; a terminal, where the summary follows, then only gets warnings.
pub fn start(format: LogFormat, level: &str) -> Result<(), LoggingFlaw> {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let terminal = io::stderr().is_terminal();
    let level = if terminal && level == DEFAULT { "warn" } else { level };
    Ok(subscriber(format, level, terminal && !no_colour, io::stderr)?.try_init()?)
}

/// Lets a panic say where it happened, and nothing else: its message can hold the text that a fault of the program
/// stumbled over, and with it a person.
pub fn withhold_panics() {
    std::panic::set_hook(Box::new(|panic| eprintln!("{}", fault(panic))));
}

fn fault(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("a fault of the program at {place}: what it said is withheld, for it may name a person")
}

fn subscriber<W>(
    format: LogFormat,
    level: &str,
    colour: bool,
    writer: W,
) -> Result<impl Subscriber + Send + Sync, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colour);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    Ok(tracing_subscriber::registry().with(without_statements()).with(EnvFilter::try_new(level)?).with(lines))
}

/// Of sqlx only warnings and errors, and never a statement (slow ones are warnings), an explanation of one or a notice
/// of the server. sqlx 0.9 logs no bound values, but what a server says about a row can name it.
fn without_statements() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|metadata| {
        let target = metadata.target();
        let speaks_of_rows = ["sqlx::query", "sqlx::explain", "sqlx::postgres::notice"].contains(&target);
        !target.starts_with("sqlx") || (*metadata.level() <= Level::WARN && !speaks_of_rows)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{debug, error, info, trace, warn};

    use super::*;

    /// Lines instead of stderr.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, level: &str, colour: bool, speak: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(format, level, colour, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, speak);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn by_default_we_inform_and_others_warn() {
        let text = logged(LogFormat::Text, DEFAULT, false, || {
            info!(card_id = 7, "our information");
            debug!("our detail");
            info!(target: "another", "their information");
            warn!(target: "another", "their warning");
        });
        assert!(text.contains("our information card_id=7"), "{text}");
        assert!(text.contains("their warning"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn no_level_brings_statements_into_the_log() {
        for level in ["trace", "trace,sqlx=trace", "sqlx::query=trace,sqlx::explain=trace,sqlx::postgres::notice=trace"]
        {
            let text = logged(LogFormat::Text, level, false, || {
                trace!(target: "sqlx::explain", "a program");
                debug!(target: "sqlx::query", "a statement");
                warn!(target: "sqlx::query", "a slow statement");
                error!(target: "sqlx::postgres::notice", "a row of the server");
                debug!(target: "sqlx_core::pool", "a detail of the pool");
            });
            assert_eq!(text, "", "{level}");
        }
    }

    #[test]
    fn warnings_of_the_database_pass() {
        let text = logged(LogFormat::Text, DEFAULT, false, || warn!(target: "sqlx_core::pool", "a connection is lost"));
        assert!(text.contains("a connection is lost"), "{text}");
    }

    #[test]
    fn json_is_one_object_a_line_with_the_span_beside() {
        let text = logged(LogFormat::Json, DEFAULT, true, || {
            let _run = tracing::info_span!("run", run_id = 3).entered();
            info!(job = "issue-cards", "job begins");
        });
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(line["message"], "job begins");
        assert_eq!(line["job"], "issue-cards");
        assert_eq!(line["span"]["run_id"], 3);
    }

    #[test]
    fn colour_is_only_where_it_is_wanted() {
        let speak = || info!("a message");
        assert!(!logged(LogFormat::Text, DEFAULT, false, speak).contains('\u{1b}'));
        assert!(logged(LogFormat::Text, DEFAULT, true, speak).contains('\u{1b}'));
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        assert!(subscriber(LogFormat::Text, "sundhedskort=loud", false, io::sink).is_err());
    }
}
