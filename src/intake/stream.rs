//! Cutting records out of a stream, with a bound on memory whatever stands in it.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use sha2::{Digest, Sha256};

use super::{
    header::Columns,
    record::{Record, WHOLE_ROW},
};
use crate::domain::input::Rejection;

/// Bytes of a record, and of what is kept of a longer one (page 2: a reject keeps at most 64 KiB).
pub const RECORD_MAX: usize = 64 * 1024;

/// Where a record lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes before it.
    pub(super) offset: u64,
    /// Its bytes without the line end.
    pub(super) length: u64,
    /// The line it starts on, from 1. No two records share a line, as every record ends its own.
    pub(super) line: u64,
}

/// A stream that is hashed while its records are cut out.
pub(super) struct Stream<R> {
    source: R,
    hash: Sha256,
    buffer: Vec<u8>,
    /// What of the buffer is unread.
    unread: std::ops::Range<usize>,
    /// Bytes read before `unread`.
    offset: u64,
    line: u64,
    /// Whether the byte before was a CR, which a following LF belongs to.
    after_cr: bool,
}

impl<R: Read> Stream<R> {
    /// A stream read in blocks of `capacity` bytes; a BOM in front is passed over.
    pub(super) fn open(source: R, capacity: usize) -> io::Result<Self> {
        let (hash, buffer) = (Sha256::new(), vec![0; capacity]);
        let mut stream = Self { source, hash, buffer, unread: 0..0, offset: 0, line: 1, after_cr: false };
        if stream.block()?.starts_with(b"\xef\xbb\xbf") {
            stream.advance(3);
        }
        Ok(stream)
    }

    /// What is unread in the buffer, which is filled when there is nothing; empty only at the end of the stream.
    fn block(&mut self) -> io::Result<&[u8]> {
        if self.unread.is_empty() {
            let mut filled = 0;
            while filled < self.buffer.len() {
                match self.source.read(&mut self.buffer[filled..]) {
                    Ok(0) => break,
                    Ok(read) => filled += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            self.hash.update(&self.buffer[..filled]);
            self.unread = 0..filled;
        }
        Ok(&self.buffer[self.unread.clone()])
    }

    fn advance(&mut self, bytes: usize) {
        self.unread.start += bytes;
        self.offset += bytes as u64;
    }

    /// Comma or semicolon, whichever the first line has more of.
    pub(super) fn delimiter(&mut self) -> io::Result<u8> {
        let block = self.block()?.trim_ascii_start();
        let line = block.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r'));
        let (commas, semicolons) = line.fold((0, 0), |(commas, semicolons), byte| match byte {
            b',' => (commas + 1, semicolons),
            b';' => (commas, semicolons + 1),
            _ => (commas, semicolons),
        });
        Ok(if semicolons > commas { b';' } else { b',' })
    }

    /// Passes over line ends, and tells whether anything follows them.
    fn skip_line_ends(&mut self) -> io::Result<bool> {
        while let Some(&byte) = self.block()?.first() {
            match byte {
                b'\n' if self.after_cr => {}
                b'\n' | b'\r' => self.line += 1,
                _ => return Ok(true),
            }
            self.after_cr = byte == b'\r';
            self.advance(1);
        }
        Ok(false)
    }

    /// Cuts out the next record and leaves its fields in the splitter. Empty lines are no records.
    pub(super) fn record(&mut self, splitter: &mut Splitter) -> io::Result<Option<Place>> {
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let (offset, line) = (self.offset, self.line);
        splitter.begin();
        let line_end = loop {
            let block = self.block()?;
            if block.is_empty() {
                splitter.end();
                break None;
            }
            let fed = splitter.feed(block);
            let read = fed.unwrap_or(block.len());
            let last = block.get(read.wrapping_sub(1)).copied();
            self.advance(read);
            if fed.is_some() {
                break last;
            }
        };
        self.after_cr = line_end == Some(b'\r');
        self.line += splitter.line_feeds() + u64::from(self.after_cr);
        let length = self.offset - offset - u64::from(line_end.is_some());
        Ok(Some(Place { offset, length, line }))
    }

    /// SHA-256 in hexadecimal of what was read: at the end of the stream, of all of it.
    pub(super) fn finish(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

/// Splits one record after the other into fields.
pub(super) struct Splitter {
    delimiter: u8,
    core: Reader,
    text: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    ended: usize,
    fields: usize,
    closed: bool,
}

impl Splitter {
    /// A splitter for records of at most so many fields; of wider ones the fields are only counted.
    pub(super) fn new(delimiter: u8, fields: usize) -> Self {
        // One more of each than a record can fill, so that its line end is read with it.
        let (text, ends) = (vec![0; RECORD_MAX + 1], vec![0; fields + 1]);
        Self { delimiter, core: core(delimiter), text, written: 0, ends, ended: 0, fields: 0, closed: true }
    }

    fn begin(&mut self) {
        self.core.set_line(0);
        (self.written, self.ended, self.fields, self.closed) = (0, 0, 0, true);
    }

    /// Takes in more of the record, and tells how many bytes there were to its end, line end included, when
    /// that is among them.
    fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut fed = 0;
        while fed < bytes.len() {
            let (text, ends) = (&mut self.text[self.written..], &mut self.ends[self.ended..]);
            let (result, read, written, ended) = self.core.read_record(&bytes[fed..], text, ends);
            fed += read;
            self.written += written;
            self.ended += ended;
            self.fields += ended;
            match result {
                ReadRecordResult::Record => return Some(fed),
                ReadRecordResult::OutputFull => self.written = 0,
                ReadRecordResult::OutputEndsFull => self.ended = 0,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
        }
        None
    }

    /// Ends a record that has no line end. Where a line end does not end it, a quote is still open.
    fn end(&mut self) {
        self.closed = self.feed(b"\n").is_some();
        if !self.closed {
            self.core = core(self.delimiter);
        }
    }

    /// Splits the bytes of one whole record, or tells that they are none.
    pub(super) fn split(&mut self, record: &[u8]) -> bool {
        self.begin();
        let whole = self.feed(record).is_none();
        if whole {
            self.end();
        }
        whole
    }

    /// LF bytes in the record, the one that ended it included.
    fn line_feeds(&self) -> u64 {
        self.core.line()
    }

    /// The fields of the record, unless it is too long, too wide or not closed.
    pub(super) fn fields(&self, length: u64) -> Option<impl Iterator<Item = &[u8]>> {
        let whole = self.closed && self.fields < self.ends.len() && length <= RECORD_MAX as u64;
        let starts = std::iter::once(&0).chain(&self.ends);
        whole.then(|| starts.zip(&self.ends[..self.ended]).map(|(start, end)| &self.text[*start..*end]))
    }

    /// The record of this length as a row, or why it is none.
    pub(super) fn row<'a>(&'a self, columns: &'a Columns, length: u64) -> Result<Record<'a>, Rejection> {
        if length > RECORD_MAX as u64 {
            return Err(too_long());
        }
        if !self.closed {
            let reason = "opens a quote that is never closed; nothing after it was read";
            return Err(Rejection::new(WHOLE_ROW, "unclosed-quote", reason));
        }
        if self.fields != columns.len() {
            let reason = format!("has {} fields, the header has {}", self.fields, columns.len());
            return Err(Rejection::new(WHOLE_ROW, "wrong-field-count", reason));
        }
        Record::new(columns, &self.text[..self.written], &self.ends[..self.ended])
    }
}

/// A reader core before its first record. (One that is cloned reads nothing right: `Clone` of csv-core 0.1.13 leaves
/// out most of its tables.)
fn core(delimiter: u8) -> Reader {
    let mut core = ReaderBuilder::new().delimiter(delimiter).build();
    // Before it has read anything, it would take the bytes of a BOM out of a record.
    core.read_record(b"\n", &mut [0], &mut [0]);
    core
}

/// Why a record of more than [`RECORD_MAX`] is not read.
pub(super) fn too_long() -> Rejection {
    let reason = format!("is longer than {RECORD_MAX} bytes; a quote that is not closed may be the reason");
    Rejection::new(WHOLE_ROW, "record-too-long", reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Cuts with a small buffer: places, number of fields, and whether closed.
    fn cut(bytes: &[u8], capacity: usize) -> Vec<(Place, usize, bool)> {
        let mut stream = Stream::open(bytes, capacity).unwrap();
        let mut splitter = Splitter::new(b',', 3);
        let mut cut = Vec::new();
        while let Some(place) = stream.record(&mut splitter).unwrap() {
            cut.push((place, splitter.fields, splitter.closed));
        }
        assert_eq!(stream.finish(), hex::encode(Sha256::digest(bytes)));
        cut
    }

    fn lines(text: &str) -> Vec<u64> {
        cut(text.as_bytes(), 8).iter().map(|(place, ..)| place.line).collect()
    }

    #[test]
    fn a_record_has_the_line_it_starts_on() {
        assert_eq!(lines("a\nb\nc"), [1, 2, 3]);
        assert_eq!(lines("a\r\nb\r\n\r\n\r\nc\r\n"), [1, 2, 5]);
        assert_eq!(lines("\n\n\"x\ny\r\nz\"\nb\n"), [3, 6]);
        assert_eq!(lines("a\rb\r\rc"), [1, 2, 4]);
    }

    #[test]
    fn an_unclosed_quote_is_seen_and_a_missing_line_end_is_none() {
        let closed = |text: &str| cut(text.as_bytes(), 8).iter().map(|(.., closed)| *closed).collect::<Vec<_>>();
        assert_eq!(closed("a,b\n\"c\",d"), [true, true]);
        assert_eq!(closed("a,b\n\"c,d\ne,f\n"), [true, false]);
        assert_eq!(closed("a,\"b\"\"\n"), [false]);
        assert_eq!(closed("a,\"b\"\"\""), [true]);
    }

    #[test]
    fn fields_are_counted_beyond_those_there_is_room_for() {
        assert_eq!(cut(b"1,2,3,4,5,6,7,8,9\n1\n", 8).iter().map(|(_, fields, _)| *fields).collect::<Vec<_>>(), [9, 1]);
    }

    #[test]
    fn a_record_beyond_the_limit_is_passed_over() {
        let mut bytes = vec![b','; RECORD_MAX * 5];
        bytes.extend(b"\n\"");
        bytes.extend(vec![b'x'; RECORD_MAX * 3]);
        bytes.extend(b"\n\",y\nlast\n");
        let cut: Vec<_> =
            cut(&bytes, 1000).iter().map(|(place, fields, _)| (place.length, place.line, *fields)).collect();
        let long = RECORD_MAX as u64;
        assert_eq!(cut, [(long * 5, 1, RECORD_MAX * 5 + 1), (long * 3 + 5, 2, 2), (4, 4, 1)]);
    }

    proptest! {
        /// The csv crate, which reads from memory without bounds, cuts the same records.
        #[test]
        fn records_are_those_of_the_csv_crate(bytes in "[ab,\"\r\n]{0,60}", bom: bool, capacity in 3..20_usize) {
            let bytes = [if bom { "\u{feff}" } else { "" }, &bytes].concat().into_bytes();
            let mut peer = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
            let peer: Vec<usize> = peer.byte_records().map(|record| record.unwrap().len()).collect();
            let cut = cut(&bytes, capacity);
            prop_assert_eq!(cut.iter().map(|(_, fields, closed)| fields + usize::from(!closed)).collect::<Vec<_>>(), peer);
            prop_assert!(cut.is_sorted_by(|(a, ..), (b, ..)| a.line < b.line && a.offset + a.length < b.offset));
        }

        #[test]
        fn a_record_splits_alike_out_of_its_place(bytes in "[ab,\"\r\n\u{feff}]{0,60}", capacity in 3..20_usize) {
            let mut splitter = Splitter::new(b',', 3);
            for (place, fields, closed) in cut(bytes.as_bytes(), capacity) {
                let start = usize::try_from(place.offset).unwrap();
                let end = start + usize::try_from(place.length).unwrap();
                prop_assert!(splitter.split(&bytes.as_bytes()[start..end]));
                prop_assert_eq!((splitter.fields, splitter.closed), (fields, closed));
            }
        }
    }
}
