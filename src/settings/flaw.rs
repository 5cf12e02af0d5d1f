//! Why the settings cannot be used: what, where, and what to do next.

use std::{io, path::PathBuf};

use thiserror::Error;

use super::given::Origin;

/// Why the settings cannot be used (exit 78). No variant shows a secret: the value of an address is never repeated.
#[derive(Debug, Error)]
pub enum SettingsFlaw {
    /// Nothing is set by this name: most often a slip of the pen.
    #[error("know the setting {key} ({origin})")]
    Unknown {
        /// The name as it was given; a variable's where it came from the environment.
        key: String,
        /// Where it was given.
        origin: Origin,
        /// The nearest name that is known.
        nearest: String,
    },
    /// The value is of the wrong kind or out of bounds.
    #[error("use the setting {key} ({origin}): {why}")]
    Unfit {
        /// The setting.
        key: String,
        /// Where its value was given.
        origin: Origin,
        /// What is wrong with the value.
        why: String,
        /// What would be right.
        hint: String,
    },
    /// A file that was named, or one that a setting needs, cannot be read.
    #[error("read {path}")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not TOML. The line itself is not repeated, it may hold what should not be there.
    #[error("read {path}, line {line}: {why}")]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the reader expected.
        why: String,
    },
}

impl SettingsFlaw {
    /// What to do next, one sentence for the operator.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { nearest, .. } => format!("did you mean {nearest}?"),
            Self::Unfit { hint, .. } => hint.clone(),
            Self::Unreadable { path, .. } => format!("check that {} is there and may be read", path.display()),
            Self::NotToml { .. } => {
                "correct that line; a text stands in quotes, a table in brackets: https://toml.io".to_owned()
            }
        }
    }
}
