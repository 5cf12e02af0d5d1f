//! The order in which a file's rows are taken, and how far a file has come (page 2.1, point 4).

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// What rows are sorted by: eight bytes, because there is one in memory for every row of a file.
///
/// Rows with the same identifier have the same key. The reverse need not hold: two texts may, very rarely,
/// share a key, and are then only taken in the same chunk. `Debug` is masked, for the number may be a
/// CPR number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(NonZeroU64);

impl Key {
    /// A numeric identifier, such as a CPR number or a card number; keys sort as the numbers do.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(number))
    }

    /// A textual identifier of any length: the first eight bytes of its SHA-256, which every later version
    /// of the program computes alike, as marks outlive it in the book.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        Self::number(hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(masked)")
    }
}

/// How far a file has come, stored in the book with the chunk that came so far.
///
/// Its text (`line 17`, `key 00000000f3a1c2d4`) is what the book stores, to be read back with `parse`.
/// The text of a key gives the number away to who wants it: it belongs in the book, never in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Among the rows without a readable key, which come first: this line is done and all before it.
    Line(u64),
    /// Every row of this key is done and of all before it.
    Key(Key),
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Key(Key(number)) => write!(f, "key {number:016x}"),
        }
    }
}

/// A text that is no [`Mark`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read how far the file has come: neither `line N` nor `key HEX`")]
pub struct MarkFlaw;

impl FromStr for Mark {
    type Err = MarkFlaw;

    fn from_str(text: &str) -> Result<Self, MarkFlaw> {
        match text.split_once(' ').ok_or(MarkFlaw)? {
            ("line", line) => Ok(Self::Line(line.parse().map_err(|_| MarkFlaw)?)),
            ("key", hex) => {
                let number = u64::from_str_radix(hex, 16).map_err(|_| MarkFlaw)?;
                Ok(Self::Key(Key(NonZeroU64::new(number).ok_or(MarkFlaw)?)))
            }
            _ => Err(MarkFlaw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_sort_as_numbers_and_no_key_sorts_first() {
        let mut keys = [Some(Key::number(u64::MAX)), Some(Key::number(7)), None, Some(Key::number(0))];
        keys.sort();
        assert_eq!(keys, [None, Some(Key::number(0)), Some(Key::number(7)), Some(Key::number(u64::MAX))]);
    }

    #[test]
    fn a_text_has_the_same_key_for_ever() {
        // The first eight bytes of the SHA-256 of "abc", plus one.
        assert_eq!(Mark::Key(Key::text("abc")).to_string(), "key ba7816bf8f01cfeb");
        assert_ne!(Key::text("a-long-prefix-in-common-1"), Key::text("a-long-prefix-in-common-2"));
    }

    #[test]
    fn debug_shows_no_number() {
        assert_eq!(format!("{:?}", Mark::Key(Key::number(12))), "Key(Key(masked))");
    }

    #[test]
    fn other_texts_are_no_marks() {
        for text in ["", "line", "line x", "key 0", "key", "KEY 1", "line -1"] {
            assert_eq!(text.parse::<Mark>(), Err(MarkFlaw), "{text}");
        }
    }

    proptest! {
        #[test]
        fn marks_come_back_from_their_text(number: u64) {
            for mark in [Mark::Line(number), Mark::Key(Key::number(number))] {
                prop_assert_eq!(mark.to_string().parse(), Ok(mark));
            }
        }
    }
}
