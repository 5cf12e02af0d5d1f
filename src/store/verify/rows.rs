//! Rebuilding: every row as its last entry in the ledger left it, byte for byte, and no row without an entry (1.8.7).

use std::collections::{BTreeMap, HashMap};

use super::{Verified, chain::ledger_row};
use crate::{
    domain::{
        ids::PersonId,
        invariants::Breach,
        person::Person,
        record::{Kind, Record},
    },
    store::{Book, connection::Failure, ledger::seal, tables::Kept},
};

/// Rows read at once.
const PAGE: i64 = 2_000;

/// What the last entry about a thing left.
pub(super) struct Left {
    pub(super) seq: i64,
    pub(super) kind: Kind,
    pub(super) id: i64,
    pub(super) person: i64,
    pub(super) facts: String,
    /// The seal of its personal data.
    pub(super) personal: Option<String>,
}

impl Left {
    /// What is wrong with the row.
    fn differs(&self, kept: &Kept) -> Option<&'static str> {
        let personal = kept.personal.as_ref().map(|data| seal(kept.salt.as_deref().unwrap_or_default(), data));
        if kept.facts != self.facts {
            Some("it is not as this entry left it")
        } else if kept.person_id != self.person {
            Some("it lies in another folder than this entry says")
        } else if personal != self.personal {
            Some("its personal data is not what this entry seals")
        } else {
            None
        }
    }
}

/// Which numbers were met, a bit each: they are counted without gaps, so this stays small however large the book is.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<i64, [u64; 64]>);

impl Seen {
    /// Notes a number; true when it is new.
    pub(super) fn insert(&mut self, number: i64) -> bool {
        let (block, word, bit) = place(number);
        let word = &mut self.0.entry(block).or_insert([0; 64])[word];
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn contains(&self, number: i64) -> bool {
        let (block, word, bit) = place(number);
        self.0.get(&block).is_some_and(|words| words[word] & bit != 0)
    }

    /// The highest number met.
    pub(super) fn highest(&self) -> Option<i64> {
        let (block, _) = self.0.last_key_value()?;
        (0..4096).rev().map(|low| (block << 12) + low).find(|number| self.contains(*number))
    }
}

/// The block of 4096 numbers, the word in it, and the bit in that.
fn place(number: i64) -> (i64, usize, u64) {
    let low = usize::try_from(number & 0xfff).unwrap_or_default();
    (number >> 12, low / 64, 1 << (low % 64))
}

impl Book {
    /// Compares rows with what their last entries left. Returns how many are the same.
    pub(super) async fn compare_rows(&mut self, left: Vec<Left>, verified: &mut Verified) -> Result<u64, Failure> {
        let mut same = 0;
        for kind in Kind::ALL {
            let of_kind: Vec<&Left> = left.iter().filter(|left| left.kind == kind).collect();
            let numbers: Vec<i64> = of_kind.iter().map(|left| left.id).collect();
            let rows: HashMap<i64, Kept> =
                self.kept(kind, &numbers).await?.into_iter().map(|kept| (kept.id, kept)).collect();
            for left in of_kind {
                let differs = rows.get(&left.id).map_or(Some("it is not in the book"), |kept| left.differs(kept));
                match differs {
                    None => same += 1,
                    Some(reason) => {
                        let reason = format!("{} {}: {reason}", kind.name(), left.id);
                        verified.breach(Breach::new(7, ledger_row(left.seq), reason));
                    }
                }
            }
        }
        Ok(same)
    }

    /// Every row of a table has an entry; the office's own folder came with the book, empty.
    pub(super) async fn rows_without_entry(
        &mut self,
        kind: Kind,
        seen: &Seen,
        verified: &mut Verified,
    ) -> Result<(), Failure> {
        let mut after = i64::MIN;
        loop {
            let rows = self.kept_after(kind, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id;
            for row in rows.iter().filter(|row| !seen.contains(row.id) && !came_with_the_book(kind, row)) {
                let reason = "no entry of the ledger led to it";
                verified.breach(Breach::new(7, format!("{} row {}", kind.name(), row.id), reason));
            }
        }
    }
}

fn came_with_the_book(kind: Kind, row: &Kept) -> bool {
    let office = Person::new(PersonId::OFFICE, None);
    kind == Person::KIND
        && row.id == office.number()
        && row.personal.is_none()
        && serde_json::to_string(&office).is_ok_and(|facts| facts == row.facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_new_once() {
        let mut seen = Seen::default();
        for number in [1, 63, 64, 4095, 4096, 0, -1, i64::MAX, i64::MIN] {
            assert!(!seen.contains(number), "{number}");
            assert!(seen.insert(number), "{number}");
            assert!(!seen.insert(number) && seen.contains(number), "{number}");
        }
        assert_eq!(seen.highest(), Some(i64::MAX));
        assert_eq!(Seen::default().highest(), None);
    }
}
