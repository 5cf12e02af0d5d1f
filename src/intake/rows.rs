//! The rows of a sheet in the order of their keys, fetched from the file in that of the file.

use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::{
    key::Mark,
    record::Record,
    sheet::{BLOCK, Entry, Sheet},
    stream::{Splitter, too_long},
};
use crate::domain::input::Rejection;

/// Bytes of rows fetched ahead in the order of keys: the more, the fewer times the file is gone through.
const AHEAD: usize = 16 * 1024 * 1024;

/// Rows fetched ahead, should they be very short: their places take 6 MB meanwhile.
const AHEAD_ROWS: usize = 256 * 1024;

/// Bytes between two records that are rather read and thrown away than passed over by another read.
const NEAR: u64 = 4 * 1024;

/// One row as its feed's reader read it.
#[derive(Debug)]
pub struct Row<T> {
    /// The line of the file on which it starts, from 1.
    pub line: u64,
    /// What the reader made of it, or why it is to be rejected.
    pub value: Result<T, Rejection>,
    /// How far the file has come with this row; none while further rows have the same key, for a chunk must
    /// not end between them.
    pub mark: Option<Mark>,
    pub(super) entry: Entry,
}

/// The rows of a sheet in the order of their keys; see [`Sheet::rows`].
///
/// An error is one of reading the file, after which there are no more rows; nothing that stands in the file is one.
pub struct Rows<'s, F> {
    sheet: &'s Sheet,
    read: F,
    next: usize,
    splitter: Splitter,
    /// The records of the rows from `next` to `fetched`, one behind the other from `start` on.
    records: Vec<u8>,
    fetched: usize,
    start: usize,
}

impl<'s, F> Rows<'s, F> {
    /// The rows from the one of this index on.
    pub(super) fn new(sheet: &'s Sheet, next: usize, read: F) -> Self {
        let splitter = Splitter::new(sheet.delimiter, sheet.columns.len());
        Self { sheet, read, next, splitter, records: Vec::new(), fetched: next, start: 0 }
    }
}

impl<T, F: FnMut(&Record<'_>) -> Result<T, Rejection>> Rows<'_, F> {
    fn value(&mut self, entry: Entry) -> io::Result<Result<T, Rejection>> {
        let Some(length) = entry.readable() else { return Ok(Err(too_long())) };
        let record = self.start..self.start + length;
        self.start = record.end;
        if !self.splitter.split(&self.records[record]) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file was written to while it was read"));
        }
        Ok(self.splitter.row(&self.sheet.columns, length as u64).and_then(|record| (self.read)(&record)))
    }

    /// Fetches the records of the next rows. In the file they lie in another order, so they are read in that of
    /// the file, near ones together: a read for every row takes several times as long.
    fn fetch(&mut self) -> io::Result<()> {
        let mut places = Vec::new();
        let mut bytes = 0;
        for entry in self.sheet.index[self.next..].iter().take(AHEAD_ROWS) {
            let length = entry.readable().unwrap_or_default();
            if bytes + length > AHEAD {
                break;
            }
            places.push((entry.offset, bytes..bytes + length));
            bytes += length;
        }
        self.records.resize(bytes, 0);
        (self.fetched, self.start) = (self.next + places.len(), 0);

        places.sort_unstable_by_key(|(offset, _)| *offset);
        let (mut block, mut block_at) = (Vec::new(), 0);
        let end = |(offset, record): &(u64, Range<usize>)| offset + record.len() as u64;
        for run in places.chunk_by(|place, next| next.0 < end(place) + NEAR) {
            let run_end = run.last().map_or(0, end);
            for place in run {
                if end(place) > block_at + block.len() as u64 {
                    block_at = place.0;
                    block.resize(usize::try_from(run_end - block_at).unwrap_or(BLOCK).min(BLOCK), 0);
                    self.sheet.file.read_exact_at(&mut block, block_at)?;
                }
                let from = usize::try_from(place.0 - block_at).unwrap_or(usize::MAX);
                self.records[place.1.clone()].copy_from_slice(&block[from..from + place.1.len()]);
            }
        }
        Ok(())
    }
}

impl<T, F: FnMut(&Record<'_>) -> Result<T, Rejection>> Iterator for Rows<'_, F> {
    type Item = io::Result<Row<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let sheet = self.sheet;
        let entry = *sheet.index.get(self.next)?;
        let fetched = if self.next == self.fetched { self.fetch() } else { Ok(()) };
        let value = fetched.and_then(|()| self.value(entry));
        self.next = if value.is_ok() { self.next + 1 } else { sheet.index.len() };
        let line = u64::from(entry.line);
        let mark = match entry.key {
            None => Some(Mark::Line(line)),
            Some(key) => sheet.index.get(self.next).is_none_or(|next| next.key != entry.key).then_some(Mark::Key(key)),
        };
        Some(value.map(|value| Row { line, value, mark, entry }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{Key, RECORD_MAX};
    use std::io::Write;

    #[test]
    fn rows_beyond_what_is_fetched_at_once_come_in_order() {
        let long = "x".repeat(RECORD_MAX - 100);
        let count = AHEAD / long.len() + 11;
        let line = |row: usize| format!("{},{long}\n", row * 7 % count);
        let text = (0..count).fold("id,name\n".to_owned(), |text, row| text + &line(row));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let key = |record: &Record<'_>| Some(Key::number(record.number("id").ok()??.unsigned_abs()));
        let sheet = Sheet::open(file.path(), &["id", "name"], key).unwrap();
        let read: Vec<_> =
            sheet.rows(None, |record| record.number("id")).map(|row| row.unwrap().value.unwrap()).collect();
        assert_eq!(read, (0..i64::try_from(count).unwrap()).map(Some).collect::<Vec<_>>());
    }
}
