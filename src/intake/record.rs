//! One row of a feed: its fields by column, read as text, dates, numbers and words.

use std::cell::Cell;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::header::Columns;
use crate::domain::{input::Rejection, money::Ore};

/// Bytes in a text; what a card, a letter or a note has room for is less.
pub const TEXT_MAX: usize = 1000;

/// The column of a [`Rejection`] that concerns the row as a whole.
pub const WHOLE_ROW: &str = "";

/// Years a date may lie in: the oldest century of page 1.2, and `9999-12-31`, by which registers mean "no end".
const YEARS: std::ops::RangeInclusive<i32> = 1800..=9999;

/// The fields of one row.
///
/// Every accessor trims the spaces around a field, takes an empty one for none, and gives the reason for which
/// the row is to be rejected; no reason repeats what stands in the row.
///
/// # Panics
///
/// Accessors panic at a column that was not declared to `Sheet::open`: a mistake in the feed's reader that its
/// first row shows, whatever the input.
pub struct Record<'a> {
    columns: &'a Columns,
    text: &'a str,
    ends: &'a [usize],
    /// Whether there may be a control character in it; hardly a row has one, and only then each field is searched.
    suspicious: bool,
    /// The index behind the column asked for before.
    asked: Cell<usize>,
}

impl<'a> Record<'a> {
    /// A row from the unescaped bytes of its fields and the ends of these, of which the row has `fields`.
    pub(super) fn new(columns: &'a Columns, bytes: &'a [u8], ends: &'a [usize]) -> Result<Self, Rejection> {
        let not_utf8 = |place: usize| {
            let column = columns.name_at(place).unwrap_or(WHOLE_ROW);
            Rejection::new(column, "not-utf8", "is not UTF-8")
        };
        let text = str::from_utf8(bytes)
            .map_err(|flaw| not_utf8(ends.iter().take_while(|end| **end <= flaw.valid_up_to()).count()))?;
        if let Some(place) = ends.iter().position(|end| !text.is_char_boundary(*end)) {
            return Err(not_utf8(place));
        }
        // 0xC2 starts the second block of control characters, and little else that is written in Danish. Counting
        // them all is several times faster than stopping at the first.
        let suspicious = bytes.iter().filter(|byte| matches!(byte, 0..0x20 | 0x7f | 0xc2)).count() > 0;
        Ok(Self { columns, text, ends, suspicious, asked: Cell::new(0) })
    }

    /// The field as it stands, without the spaces around it.
    fn field(&self, column: &'static str) -> Option<&'a str> {
        let Some((index, place)) = self.columns.place(column, self.asked.get()) else {
            panic!("column {column} was not declared");
        };
        self.asked.set(index + 1);
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        Some(self.text[start..self.ends[place]].trim_matches(' ')).filter(|field| !field.is_empty())
    }

    /// A text within [`TEXT_MAX`] without control characters other than those `allowed`.
    fn checked(&self, column: &'static str, allowed: &[char]) -> Result<Option<&'a str>, Rejection> {
        let Some(field) = self.field(column) else { return Ok(None) };
        if field.len() > TEXT_MAX {
            return Err(Rejection::new(column, "too-long", format!("is longer than {TEXT_MAX} bytes")));
        }
        if self.suspicious && field.chars().any(|sign| sign.is_control() && !allowed.contains(&sign)) {
            return Err(Rejection::new(column, "control-character", "holds a control character"));
        }
        Ok(Some(field))
    }

    /// A text of one line.
    pub fn text(&self, column: &'static str) -> Result<Option<&'a str>, Rejection> {
        self.checked(column, &[])
    }

    /// A text that somebody wrote freely: line breaks and tabs are allowed.
    pub fn note(&self, column: &'static str) -> Result<Option<&'a str>, Rejection> {
        self.checked(column, &['\n', '\r', '\t'])
    }

    /// A field that must not be empty, read by one of the other accessors: `record.required("on", Record::date)`.
    pub fn required<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&Self, &'static str) -> Result<Option<T>, Rejection>,
    ) -> Result<T, Rejection> {
        read(self, column)?.ok_or_else(|| Rejection::new(column, "missing", "is missing"))
    }

    /// A field read by `parse`, which says why it cannot, without repeating the field.
    fn parsed<T>(
        &self,
        column: &'static str,
        code: &'static str,
        reason: impl Into<String>,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, Rejection> {
        let Some(field) = self.text(column)? else { return Ok(None) };
        parse(field).map(Some).ok_or_else(|| Rejection::new(column, code, reason))
    }

    /// A civil date, `YYYY-MM-DD`, from 1800 to 9999.
    pub fn date(&self, column: &'static str) -> Result<Option<NaiveDate>, Rejection> {
        self.parsed(column, "not-a-date", "is not a date written YYYY-MM-DD", date)
    }

    /// An instant (RFC 3339), down to the microsecond: more than that, PostgreSQL could not give back.
    pub fn instant(&self, column: &'static str) -> Result<Option<DateTime<Utc>>, Rejection> {
        self.parsed(column, "not-an-instant", "is not an instant as RFC 3339 writes it", instant)
    }

    /// `yes` or `no`.
    pub fn yes_no(&self, column: &'static str) -> Result<Option<bool>, Rejection> {
        self.word(column, &[("yes", true), ("no", false)])
    }

    /// Exactly so many digits, kept as text with the zeros in front.
    pub fn digits(&self, column: &'static str, count: usize) -> Result<Option<&'a str>, Rejection> {
        let digits = |field: &'a str| (field.len() == count && only_digits(field)).then_some(field);
        self.parsed(column, "not-digits", format!("is not {count} digits"), digits)
    }

    /// A number of at most 18 digits, without a sign.
    pub fn number(&self, column: &'static str) -> Result<Option<i64>, Rejection> {
        let number = |field: &str| (field.len() <= 18 && only_digits(field)).then(|| field.parse().ok())?;
        self.parsed(column, "not-a-number", "is not a number of at most 18 digits", number)
    }

    /// An amount in kroner with two decimals.
    pub fn amount(&self, column: &'static str) -> Result<Option<Ore>, Rejection> {
        let Some(field) = self.text(column)? else { return Ok(None) };
        Ore::parse(field).map(Some).map_err(|flaw| Rejection::new(column, "not-an-amount", flaw.to_string()))
    }

    /// One of the words this column knows.
    pub fn word<T: Copy>(&self, column: &'static str, words: &[(&str, T)]) -> Result<Option<T>, Rejection> {
        let Some(field) = self.text(column)? else { return Ok(None) };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == field) {
            return Ok(Some(*meaning));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(Rejection::new(column, "unknown-word", format!("is none of {}", known.join(", "))))
    }
}

fn only_digits(field: &str) -> bool {
    field.bytes().all(|sign| sign.is_ascii_digit())
}

/// `YYYY-MM-DD` and nothing else: no sign, no missing zeros.
fn date(field: &str) -> Option<NaiveDate> {
    let part = |from, to, separator| {
        let part = field.get(from..to).filter(|part| only_digits(part))?;
        (field.get(to..)?.starts_with(separator)).then(|| part.parse::<u32>().ok())?
    };
    let (year, month, day) = (part(0, 4, "-")?, part(5, 7, "-")?, part(8, 10, "")?);
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?;
    (field.len() == 10 && YEARS.contains(&date.year())).then_some(date)
}

fn instant(field: &str) -> Option<DateTime<Utc>> {
    let micros = DateTime::parse_from_rfc3339(field).ok()?.timestamp_micros();
    DateTime::from_timestamp_micros(micros).filter(|instant| YEARS.contains(&instant.year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a row of one field; what the row borrows beside it stays for the rest of the test.
    fn read<'a, T>(
        field: &'a str,
        accessor: impl FnOnce(&Record<'a>, &'static str) -> Result<T, Rejection>,
    ) -> Result<T, &'static str> {
        let columns = Box::leak(Box::new(Columns::find(&["field"], [b"field".as_slice()].into_iter()).unwrap()));
        let ends = Box::leak(Box::new([field.len()]));
        let record = Record::new(columns, field.as_bytes(), ends).map_err(|rejection| rejection.code)?;
        accessor(&record, "field").map_err(|rejection| rejection.code)
    }

    fn text(field: &str) -> Result<Option<&str>, &'static str> {
        read(field, Record::text)
    }

    #[test]
    fn spaces_around_are_trimmed_and_inner_ones_kept() {
        assert_eq!(text("  Anne  Marie "), Ok(Some("Anne  Marie")));
        assert_eq!(text("   "), Ok(None));
        assert_eq!(text(""), Ok(None));
    }

    #[test]
    fn a_text_has_a_length_and_no_control_characters() {
        let longest = "x".repeat(TEXT_MAX);
        assert_eq!(text(&longest), Ok(Some(longest.as_str())));
        assert_eq!(text(&"x".repeat(TEXT_MAX + 1)), Err("too-long"));
        for control in ["a\0", "a\tb", "a\nb", "\u{7f}", "\u{85}", "\u{1b}[2J"] {
            assert_eq!(text(control), Err("control-character"), "{control:?}");
        }
        assert_eq!(text("\u{a0}Åse"), Ok(Some("\u{a0}Åse")));
    }

    #[test]
    fn a_note_may_have_lines() {
        assert_eq!(read("a\r\n\tb", Record::note), Ok(Some("a\r\n\tb")));
        assert_eq!(read("a\0", Record::note), Err("control-character"));
    }

    #[test]
    fn a_required_field_is_there() {
        assert_eq!(read("", |record, column| record.required(column, Record::date)), Err("missing"));
        assert_eq!(read("x", |record, column| record.required(column, Record::text)), Ok("x"));
    }

    #[test]
    fn dates_are_written_in_one_way() {
        assert_eq!(read("2028-02-29", Record::date), Ok(NaiveDate::from_ymd_opt(2028, 2, 29)));
        for wrong in ["2027-02-29", "2026-1-01", "26-01-01", "2026/01/01", "2026-01-01x", "+026-01-01", "1799-12-31"] {
            assert_eq!(read(wrong, Record::date), Err("not-a-date"), "{wrong}");
        }
    }

    #[test]
    fn instants_are_utc_and_whole_microseconds() {
        let shown = |field| read(field, Record::instant).map(|instant| instant.map(|instant| instant.to_rfc3339()));
        assert_eq!(shown("2026-03-29T01:30:00.1234567+02:00"), Ok(Some("2026-03-28T23:30:00.123456+00:00".to_owned())));
        assert_eq!(shown("2016-12-31T23:59:60Z"), Ok(Some("2017-01-01T00:00:00+00:00".to_owned())));
        for wrong in ["2026-03-29", "2026-03-29T01:30:00", "0000-01-01T00:00:00+23:00"] {
            assert_eq!(shown(wrong), Err("not-an-instant"), "{wrong}");
        }
    }

    #[test]
    fn words_digits_numbers_and_amounts() {
        assert_eq!(read("yes", Record::yes_no), Ok(Some(true)));
        assert_eq!(read("Yes", Record::yes_no), Err("unknown-word"));
        assert_eq!(read("0751", |record, column| record.digits(column, 4)), Ok(Some("0751")));
        assert_eq!(read("751", |record, column| record.digits(column, 4)), Err("not-digits"));
        assert_eq!(read("000000000000000042", Record::number), Ok(Some(42)));
        for wrong in ["-1", "+1", "1e3", "1000000000000000000"] {
            assert_eq!(read(wrong, Record::number), Err("not-a-number"), "{wrong}");
        }
        assert_eq!(read("225.00", Record::amount), Ok(Some(Ore(22_500))));
        assert_eq!(read("225", Record::amount), Err("not-an-amount"));
    }

    #[test]
    fn a_byte_that_is_not_utf8_names_its_column() {
        let columns = Columns::find(&["a", "b"], [b"b".as_slice(), b"a"].into_iter()).unwrap();
        let column = |bytes: &[u8], ends: [usize; 2]| {
            Record::new(&columns, bytes, &ends).err().map(|rejection| rejection.column)
        };
        assert_eq!(column(b"x\xe6", [1, 2]), Some("a"));
        assert_eq!(column(b"\xe6x", [1, 2]), Some("b"));
        assert_eq!(column("æ".as_bytes(), [1, 2]), Some("b"), "half a character in each of two fields");
        assert_eq!(column("æx".as_bytes(), [2, 3]), None);
    }

    proptest! {
        #[test]
        fn no_field_makes_an_accessor_panic(field in ".*") {
            let _ = read(&field, Record::date).is_ok();
            let _ = read(&field, Record::instant).is_ok();
            let _ = read(&field, Record::number).is_ok();
            let _ = read(&field, Record::amount).is_ok();
        }

        #[test]
        fn every_date_is_read_as_it_is_written(days in 0_i64..2_990_000) {
            let date = NaiveDate::from_ymd_opt(1800, 1, 1).unwrap() + chrono::TimeDelta::days(days);
            prop_assert_eq!(read(&date.to_string(), Record::date), Ok(Some(date)));
        }
    }
}
