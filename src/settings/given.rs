//! One value of the settings: what was given, where, and what it must be.

use std::{fmt, ops::RangeInclusive, path::PathBuf};

use toml::Value;

use super::flaw::SettingsFlaw;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The variable of this name.
    Environment(String),
    /// This file.
    File(PathBuf),
    /// The program itself.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value somebody gave, with what is needed to say what is wrong with it.
pub(super) struct Given {
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

impl Given {
    pub(super) fn unfit(&self, why: impl Into<String>, hint: impl Into<String>) -> SettingsFlaw {
        SettingsFlaw::Unfit { key: self.key.clone(), origin: self.origin.clone(), why: why.into(), hint: hint.into() }
    }

    /// The value is not what it should be, as in "a time of day like 04:15".
    pub(super) fn is_not(&self, expected: &str) -> SettingsFlaw {
        self.unfit(format!("{} is not {expected}", self.value), format!("give {expected}"))
    }

    /// The part of the key after a prefix.
    pub(super) fn key_after(&self, prefix: &str) -> String {
        self.key.strip_prefix(prefix).unwrap_or(&self.key).to_owned()
    }

    /// A text with something in it.
    pub(super) fn text(&self) -> Result<&str, SettingsFlaw> {
        Some(self.text_or_empty()).filter(|text| !text.trim().is_empty()).ok_or_else(|| self.is_not("a text in quotes"))
    }

    /// A text that reads as something else.
    pub(super) fn parsed<T>(&self, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, SettingsFlaw> {
        self.value.as_str().and_then(parse).ok_or_else(|| self.is_not(expected))
    }

    pub(super) fn yes(&self) -> Result<bool, SettingsFlaw> {
        self.value.as_bool().ok_or_else(|| self.is_not("true or false"))
    }

    /// A whole number within bounds; `reason` says why there are some.
    pub(super) fn integer<T: TryFrom<i64>>(
        &self,
        bounds: RangeInclusive<i64>,
        reason: &str,
    ) -> Result<T, SettingsFlaw> {
        let (least, most) = (*bounds.start(), *bounds.end());
        let number = self.value.as_integer().filter(|number| bounds.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let expected = format!("a whole number from {least} to {most}");
            self.unfit(format!("{} is not {expected}", self.value), format!("give {expected}: {reason}"))
        })
    }

    /// A list whose every member reads as something else.
    pub(super) fn list<T, C: FromIterator<T>>(
        &self,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<C, SettingsFlaw> {
        let members = self.value.as_array().and_then(|members| members.iter().map(read).collect());
        members.ok_or_else(|| self.is_not(expected))
    }

    /// The text, or nothing where it is no text.
    pub(super) fn text_or_empty(&self) -> &str {
        self.value.as_str().unwrap_or_default()
    }
}
