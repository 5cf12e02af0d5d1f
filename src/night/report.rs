//! What a run did: counts for the terminal, the night report and `history`. Only ever added to; holds no personal data.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{exit::Exit, store::files::Counts};

/// Version of the report's format.
pub const SCHEMA: u32 = 1;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this format.
    pub schema: u32,
    /// The run's number; `history` knows when it began and who started it.
    #[serde(default)]
    pub run: i64,
    /// The civil date the run worked for.
    pub business_date: NaiveDate,
    /// Nothing of it remains in the book.
    pub dry_run: bool,
    /// A signal stopped it between two chunks: the rest is still to be done.
    #[serde(default)]
    pub interrupted: bool,
    /// The run's exit code; none where it was interrupted.
    #[serde(default)]
    pub exit_code: Option<u8>,
    /// Each job, in the order of the night.
    pub jobs: Vec<JobReport>,
    /// Files written to the outbox, in their order.
    pub outputs: Vec<String>,
    /// Findings opened, by kind.
    pub findings_opened: BTreeMap<String, u64>,
    /// Findings closed, by kind.
    pub findings_closed: BTreeMap<String, u64>,
}

/// What one job did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
    /// Its name.
    pub job: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Keys selected: rows of files, cards or requests due.
    pub selected: u64,
    /// Above so many selected it changes nothing, as declared.
    #[serde(default)]
    pub limit: u64,
    /// Changes by verb.
    pub changes: BTreeMap<String, u64>,
    /// Its files, in the order taken.
    pub files: Vec<FileReport>,
    /// New rejects, each with file, line, column and reason; the first hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejects: Vec<String>,
    /// Lines for a reader: a limit, a refused file, a failure.
    pub messages: Vec<String>,
    /// Case by case, in a dry run: folder, thing and verb.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// Its content was finished before: a delivery with nothing to apply.
    pub known: bool,
    /// What became of its rows in this run.
    pub counts: Counts,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, or nothing due.
    #[default]
    Done,
    /// A file was refused whole; the others are done.
    FileRefused,
    /// More is selected than its limit: it changed nothing.
    Limit,
    /// Stopped between two chunks by a signal; goes on next time.
    Stopped,
    /// Stopped between two chunks by its time limit; goes on next time.
    OutOfTime,
    /// It failed; what was done before stays.
    Failed,
    /// The database broke off.
    Unreachable,
    /// An invariant would have been broken: the chunk was taken back.
    Broken,
}

impl Report {
    /// A report of nothing yet.
    #[must_use]
    pub fn new(business_date: NaiveDate, dry_run: bool) -> Self {
        Self {
            schema: SCHEMA,
            run: 0,
            business_date,
            dry_run,
            interrupted: false,
            exit_code: None,
            jobs: Vec::new(),
            outputs: Vec::new(),
            findings_opened: BTreeMap::new(),
            findings_closed: BTreeMap::new(),
        }
    }

    /// The run changed the book or wrote a file.
    #[must_use]
    pub fn had_effect(&self) -> bool {
        !self.outputs.is_empty() || self.jobs.iter().any(|job| !job.changes.is_empty() || !job.files.is_empty())
    }

    /// The exit code that follows: the worst of the jobs', 3 when there is something new to look at.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let news = !self.findings_opened.is_empty()
            || self.jobs.iter().flat_map(|job| &job.files).any(|file| file.counts.rejected > 0);
        let start = if news { Exit::DoneWithFindings } else { Exit::Done };
        self.jobs.iter().map(|job| job.outcome.exit()).fold(start, Exit::worst)
    }
}

impl Outcome {
    /// The outcome of a job that ended with an exit code of its own.
    #[must_use]
    pub const fn failed(exit: Exit) -> Self {
        match exit {
            Exit::DatabaseUnreachable => Self::Unreachable,
            Exit::InvariantBroken => Self::Broken,
            _ => Self::Failed,
        }
    }

    /// It ends the night.
    #[must_use]
    pub const fn ends_night(self) -> bool {
        matches!(self, Self::Failed | Self::Unreachable | Self::Broken)
    }

    /// The exit code that follows from it alone.
    #[must_use]
    pub const fn exit(self) -> Exit {
        match self {
            Self::Done | Self::Stopped => Exit::Done,
            Self::FileRefused => Exit::FileRefused,
            Self::Limit | Self::OutOfTime => Exit::Stopped,
            Self::Failed => Exit::Failed,
            Self::Unreachable => Exit::DatabaseUnreachable,
            Self::Broken => Exit::InvariantBroken,
        }
    }

    /// As in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::FileRefused => "file refused",
            Self::Limit => "stopped at its limit",
            Self::Stopped => "stopped",
            Self::OutOfTime => "out of time",
            Self::Failed => "failed",
            Self::Unreachable => "lost its database",
            Self::Broken => "would have broken an invariant",
        }
    }
}
