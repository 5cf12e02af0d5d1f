//! One feed file: read once to know its identity and its rows, then row by row in the order of their keys.
//!
//! The first pass hashes the file and keeps 24 bytes for every row: its key and its place. The rows themselves
//! are read again from the open file, so a million of them need no more memory than their places, and what is
//! read is the file that was hashed, even when its name is given to another one meanwhile.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{
    header::Columns,
    key::{Key, Mark},
    record::Record,
    rows::{Row, Rows},
    stream::{Place, RECORD_MAX, Splitter, Stream},
};
use crate::domain::input::Rejection;

/// Rows of one file, more than the country has inhabitants: their places take 192 MB of the memory there is.
pub const ROWS_MAX: usize = 8_000_000;

/// Columns of a header that are looked at.
const COLUMNS_MAX: usize = 1000;

/// Bytes of the file read at once; never less than a record.
pub(super) const BLOCK: usize = 256 * 1024;

/// Why a file is refused whole. No message repeats a row.
#[derive(Debug, thiserror::Error)]
pub enum SheetFlaw {
    /// The system does not give it.
    #[error("read the file: {0}")]
    Unreadable(#[from] io::Error),
    /// A directory, a pipe or the like.
    #[error("read the file: it is no regular file")]
    NoFile,
    /// Not even a header.
    #[error("read the header: the file is empty")]
    Empty,
    /// The header is longer than a record may be, has a thousand columns or an open quote.
    #[error("read the header: it is too long, or a quote in it is not closed")]
    Endless,
    /// Most likely the first row stands where the header should.
    #[error("read the header: the first line names no column of this feed")]
    NoHeader,
    /// A name that is not declared.
    #[error("read the header: unknown column `{name}`, the nearest known one is `{nearest}`")]
    UnknownColumn {
        /// As it stands in the file, cut to 64 characters.
        name: String,
        /// The declared column that looks most like it.
        nearest: &'static str,
    },
    /// A declared column is not there.
    #[error("read the header: column `{column}` is missing")]
    MissingColumn {
        /// The declared name.
        column: &'static str,
    },
    /// A declared column is there more than once.
    #[error("read the header: column `{column}` stands there twice")]
    DoubledColumn {
        /// The declared name.
        column: &'static str,
    },
    /// More than [`ROWS_MAX`] rows, or lines than 32 bits count.
    #[error("read the file: it has more than {ROWS_MAX} rows")]
    TooManyRows,
}

/// One row in memory, in the order in which rows are taken: without a readable key first, then by key, then by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: Option<Key>,
    pub(super) line: u32,
    /// Of a record that is too long, one byte more than [`RECORD_MAX`].
    length: u32,
    pub(super) offset: u64,
}

impl Entry {
    fn new(key: Option<Key>, place: Place) -> Result<Self, SheetFlaw> {
        let line = place.line.try_into().map_err(|_| SheetFlaw::TooManyRows)?;
        let length = place.length.min(RECORD_MAX as u64 + 1).try_into().unwrap_or(u32::MAX);
        Ok(Self { key, line, length, offset: place.offset })
    }

    /// Its bytes, unless it is too long.
    pub(super) fn readable(&self) -> Option<usize> {
        Some(self.length as usize).filter(|length| *length <= RECORD_MAX)
    }
}

/// A feed file whose header is right and whose rows are known.
#[derive(Debug)]
pub struct Sheet {
    pub(super) file: File,
    sha256: String,
    pub(super) delimiter: u8,
    pub(super) columns: Columns,
    pub(super) index: Vec<Entry>,
}

impl Sheet {
    /// Reads a file through: its header must have exactly these columns, in any order, and `key` tells by what
    /// its rows are sorted; rows that are not readable, or have no readable key, come first.
    pub fn open(
        path: &Path,
        columns: &[&'static str],
        key: impl Fn(&Record<'_>) -> Option<Key>,
    ) -> Result<Self, SheetFlaw> {
        // Asked before opening, as opening a pipe would wait for its writer.
        if !fs::metadata(path)?.is_file() {
            return Err(SheetFlaw::NoFile);
        }
        let file = File::open(path)?;
        let mut stream = Stream::open(&file, BLOCK)?;
        let delimiter = stream.delimiter()?;
        let mut splitter = Splitter::new(delimiter, COLUMNS_MAX);
        let header = stream.record(&mut splitter)?.ok_or(SheetFlaw::Empty)?;
        let columns = Columns::find(columns, splitter.fields(header.length).ok_or(SheetFlaw::Endless)?)?;

        let mut splitter = Splitter::new(delimiter, columns.len());
        let mut index = Vec::new();
        while let Some(place) = stream.record(&mut splitter)? {
            if index.len() == ROWS_MAX {
                return Err(SheetFlaw::TooManyRows);
            }
            let key = splitter.row(&columns, place.length).ok().and_then(|record| key(&record));
            index.push(Entry::new(key, place)?);
        }
        index.sort_unstable();
        let sha256 = stream.finish();
        Ok(Self { file, sha256, delimiter, columns, index })
    }

    /// The identity of the file: SHA-256 of its bytes, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The header as this file has it: its columns in their order with its delimiter.
    #[must_use]
    pub fn header(&self) -> String {
        self.columns.in_order().join(if self.delimiter == b';' { ";" } else { "," })
    }

    /// How many rows there are, readable or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether the file is a header alone, which is a delivery all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The rows behind a mark, or all of them, each read by `read`. They come in the order in which chunks take
    /// them: without a readable key first, by line; then by key, and of one key by line. Rows are fetched in
    /// megabytes, so one iterator should serve all the chunks of a run.
    pub fn rows<T, F>(&self, after: Option<Mark>, read: F) -> Rows<'_, F>
    where
        F: FnMut(&Record<'_>) -> Result<T, Rejection>,
    {
        let done = |entry: &Entry| match after {
            None => false,
            Some(Mark::Line(line)) => entry.key.is_none() && u64::from(entry.line) <= line,
            Some(Mark::Key(key)) => entry.key <= Some(key),
        };
        Rows::new(self, self.index.partition_point(done), read)
    }

    /// The bytes of a row of this sheet as they stand in the file, at most the first [`RECORD_MAX`].
    pub fn raw<T>(&self, row: &Row<T>) -> io::Result<Vec<u8>> {
        let mut raw = vec![0; (row.entry.length as usize).min(RECORD_MAX)];
        self.file.read_exact_at(&mut raw, row.entry.offset)?;
        Ok(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    const COLUMNS: [&str; 2] = ["id", "name"];

    type Read = (String, String);

    fn open_bytes(bytes: &[u8]) -> Result<Sheet, SheetFlaw> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        // The name is gone when this returns; the sheet reads on.
        Sheet::open(file.path(), &COLUMNS, |record| {
            record.number("id").ok().flatten().map(|id| Key::number(id.unsigned_abs()))
        })
    }

    fn sheet(text: &str) -> Sheet {
        open_bytes(text.as_bytes()).unwrap()
    }

    fn rows(sheet: &Sheet, after: Option<Mark>) -> Vec<Row<Read>> {
        let text = |record: &Record<'_>, column| Ok(record.note(column)?.unwrap_or_default().to_owned());
        sheet.rows(after, |record| Ok((text(record, "id")?, text(record, "name")?))).collect::<Result<_, _>>().unwrap()
    }

    /// The names of the readable rows and the codes of the others.
    fn names(text: &str) -> Vec<String> {
        let name = |row: Row<Read>| row.value.map_or_else(|rejection| rejection.code.to_owned(), |(_, name)| name);
        rows(&sheet(text), None).into_iter().map(name).collect()
    }

    #[test]
    fn a_file_may_be_written_in_several_ways() {
        let plain = "id,name\n1,Åse\n2,Bo\n";
        for text in [
            plain.to_owned(),
            plain.replace('\n', "\r\n"),
            plain.replace(',', ";"),
            format!("\u{feff}{plain}"),
            plain.trim_end().to_owned(),
            "\"name\",\"id\"\n\"Åse\",\"1\"\n\n\n Bo ,2\n".to_owned(),
        ] {
            assert_eq!(names(&text), ["Åse", "Bo"], "{text:?}");
        }
    }

    #[test]
    fn quoted_fields_hold_anything() {
        assert_eq!(names("id,name\n1,\"a \"\"b\"\", c;\nd\"\n2,e\n"), ["a \"b\", c;\nd", "e"]);
    }

    #[test]
    fn the_identity_is_the_hash_of_all_bytes() {
        let expected = "156694d33f1e74c19e46e74ccf63ec4414848d1a3fe6ea4de0ffa7df4f43f79f";
        assert_eq!(sheet("\u{feff}id,name\n").sha256(), expected);
    }

    #[test]
    fn a_header_alone_is_a_delivery_and_nothing_is_none() {
        assert!(sheet("id,name\n").is_empty());
        assert!(sheet("id,name").is_empty());
        for nothing in ["", "\u{feff}", "\n\r\n"] {
            assert!(matches!(open_bytes(nothing.as_bytes()), Err(SheetFlaw::Empty)), "{nothing:?}");
        }
    }

    #[test]
    fn a_header_is_told_as_the_file_has_it() {
        for (file, header) in [("id,name\n1,a\n", "id,name"), ("\u{feff}\"name\" ; id\r\n", "name;id")] {
            assert_eq!(open_bytes(file.as_bytes()).unwrap().header(), header);
        }
    }

    #[test]
    fn a_header_without_end_is_refused() {
        for header in ["id,\"name\n1,a\n".to_owned(), "x".repeat(RECORD_MAX + 1), ",".repeat(COLUMNS_MAX)] {
            assert!(matches!(open_bytes(header.as_bytes()), Err(SheetFlaw::Endless)));
        }
    }

    #[test]
    fn only_a_regular_file_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Sheet::open(dir.path(), &COLUMNS, |_| None), Err(SheetFlaw::NoFile)));
        assert!(matches!(Sheet::open(&dir.path().join("a.csv"), &COLUMNS, |_| None), Err(SheetFlaw::Unreadable(_))));
    }

    #[test]
    fn rows_come_without_key_first_then_by_key_then_by_line() {
        let sheet = sheet("id,name\n3,a\nx,b\n1,c\n3,d\n,e\n2\n1,f\n");
        let rows = rows(&sheet, None);
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 6, 7, 4, 8, 2, 5]);
        let key = |number| Some(Mark::Key(Key::number(number)));
        let line = |line| Some(Mark::Line(line));
        let marks: Vec<_> = rows.iter().map(|row| row.mark).collect();
        assert_eq!(marks, [line(3), line(6), line(7), None, key(1), None, key(3)]);
    }

    #[test]
    fn an_unreadable_row_is_rejected_and_the_others_go_on() {
        let mut bytes = b"id,name\n1,\xe6\n2,b,c\n3\n4,d\n5,".to_vec();
        bytes.extend(vec![b'x'; RECORD_MAX]);
        bytes.extend(b"\n6,f\n7,\"g\n8,h\n");
        let sheet = open_bytes(&bytes).unwrap();
        let rows = rows(&sheet, None);
        let value = |row: &Row<Read>| match &row.value {
            Ok((_, name)) => (row.line, "", name.clone()),
            Err(rejection) => (row.line, rejection.column, rejection.code.to_owned()),
        };
        assert_eq!(
            rows.iter().map(value).collect::<Vec<_>>(),
            [
                (2, "name", "not-utf8".to_owned()),
                (3, "", "wrong-field-count".to_owned()),
                (4, "", "wrong-field-count".to_owned()),
                (6, "", "record-too-long".to_owned()),
                (8, "", "unclosed-quote".to_owned()),
                (5, "", "d".to_owned()),
                (7, "", "f".to_owned()),
            ]
        );
        let raw: Vec<_> = rows.iter().map(|row| sheet.raw(row).unwrap()).collect();
        assert_eq!(raw[0], b"1,\xe6");
        assert_eq!((raw[3].len(), &raw[3][..4]), (RECORD_MAX, b"5,xx".as_slice()));
        assert_eq!(raw[4], b"7,\"g\n8,h\n");
        assert_eq!(raw[6], b"6,f");
    }

    #[test]
    fn a_record_of_just_the_limit_is_read() {
        let fits = format!("id,name\n1,{}\n2,b\n", "x".repeat(RECORD_MAX - 2));
        assert_eq!(names(&fits), ["too-long", "b"], "the record is whole; its field is beyond what a text may have");
        let quotes = format!("id,name\n1,\"{}\"\n2,b\n", "\"".repeat(RECORD_MAX - 4));
        assert_eq!(names(&quotes), ["too-long", "b"]);
        assert_eq!(names(&fits.replace("1,", "10,")), ["record-too-long", "b"]);
    }

    #[test]
    fn a_file_that_was_cut_short_while_it_was_read_is_an_error() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"id,name\n1,a\n2,b\n").unwrap();
        let sheet = Sheet::open(file.path(), &COLUMNS, |_| None).unwrap();
        file.as_file().set_len(10).unwrap();
        assert_eq!(sheet.rows(None, |_| Ok(())).map(|row| row.is_err()).collect::<Vec<_>>(), [true]);
    }

    /// A CSV text of these rows, written in one of the ways a feed may be.
    fn csv_of(rows: &[Read], [semicolon, crlf, bom, quote_all]: [bool; 4]) -> Vec<u8> {
        let mut out = if bom { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
        let mut csv = csv::WriterBuilder::new()
            .delimiter(if semicolon { b';' } else { b',' })
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if quote_all { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(&mut out);
        csv.write_record(["name", "id"]).unwrap();
        for (id, name) in rows {
            csv.write_record([name, id]).unwrap();
        }
        drop(csv);
        out
    }

    proptest! {
        #[test]
        fn every_written_row_comes_back_and_from_every_mark_the_rest(
            written in prop::collection::vec(("[0-9]{0,2}", "[a-zæøå,;\"\n ]{0,12}"), 0..20),
            way: [bool; 4],
        ) {
            let sheet = open_bytes(&csv_of(&written, way)).unwrap();
            let all = rows(&sheet, None);
            prop_assert_eq!(all.len(), sheet.len());
            let mut expected: Vec<_> = written.iter().map(|(id, name)| (id.clone(), name.trim_matches(' ').to_owned())).collect();
            expected.sort_by_key(|(id, _)| id.parse::<u64>().ok());
            let read: Vec<_> = all.iter().map(|row| row.value.clone().unwrap()).collect();
            prop_assert_eq!(read, expected);
            for (done, row) in all.iter().enumerate() {
                if let Some(mark) = row.mark {
                    let rest: Vec<_> = rows(&sheet, Some(mark)).iter().map(|row| row.line).collect();
                    prop_assert_eq!(rest, all[done + 1..].iter().map(|row| row.line).collect::<Vec<_>>());
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic_and_no_row_is_lost(
            header in prop::sample::select(vec!["id,name\n", "\u{feff}name;id\r\n", "id,name\r", ""]),
            body in prop::collection::vec(prop_oneof![
                prop::sample::select(b",;\"\n\r1a".to_vec()), any::<u8>(),
            ], 0..80),
        ) {
            let bytes = [header.as_bytes(), &body].concat();
            let Ok(sheet) = open_bytes(&bytes) else { return Ok(()) };
            let rows = rows(&sheet, None);
            prop_assert_eq!(rows.len(), sheet.len());
            prop_assert!(rows.is_sorted_by_key(|row| (row.entry.key, row.line)));
            // Everything that is in no row is the header or a line end.
            let raw: usize = rows.iter().map(|row| sheet.raw(row).unwrap().len()).sum();
            let line_ends = body.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
            prop_assert!(header.is_empty() || raw + line_ends >= body.len());
        }
    }
}
