//! Rows as CSV: RFC 4180, comma, LF, a header.

use std::io::Write;

/// Writes the rows of one output.
pub struct SheetWriter<W: Write> {
    csv: csv::Writer<W>,
    rows: u64,
}

impl<W: Write> SheetWriter<W> {
    /// Begins with the header. A row of another number of cells than the header is an error.
    pub fn new(out: W, header: &[&str]) -> csv::Result<Self> {
        let mut csv = writer(out);
        csv.write_record(header)?;
        Ok(Self { csv, rows: 0 })
    }

    /// Writes one row, its cells neutralised.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> csv::Result<()> {
        for cell in cells {
            match neutral(cell.as_ref()) {
                Some(neutral) => self.csv.write_field(neutral),
                None => self.csv.write_field(cell.as_ref()),
            }?;
        }
        self.csv.write_record(None::<&[u8]>)?;
        self.rows += 1;
        Ok(())
    }

    /// Ends the sheet: what was written to, and how many rows it has without the header.
    pub fn finish(self) -> std::io::Result<(W, u64)> {
        let out = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok((out, self.rows))
    }
}

fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out)
}

/// A whole sheet in memory, for lists and tables.
///
/// # Panics
/// When a row has not as many cells as the header: a mistake of the list, whatever the book.
#[must_use]
pub fn csv(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut sheet = SheetWriter { csv: writer(Vec::new()), rows: 0 };
    let written = sheet.csv.write_record(header).and_then(|()| rows.iter().try_for_each(|row| sheet.row(row)));
    #[expect(clippy::expect_used, reason = "memory takes every row, and each has the header's cells")]
    let (bytes, _) = written.map_err(std::io::Error::from).and_then(|()| sheet.finish()).expect("a sheet in memory");
    String::from_utf8(bytes).unwrap_or_default()
}

/// A cell that a spreadsheet would run as a formula, with an apostrophe before what would start one; none where
/// the cell may stand as it is.
///
/// A Danish spreadsheet splits at semicolons and knows no quoting by comma, so a formula may also start behind a
/// semicolon or on a new line within a cell; spaces and quotes before it make no difference. We write no negative
/// numbers, so no number becomes a text by it.
fn neutral(cell: &str) -> Option<String> {
    let mut neutral = String::new();
    let mut copied = 0;
    let mut at_start = true;
    for (at, sign) in cell.char_indices() {
        let begins_formula = matches!(sign, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
        let breaks = matches!(sign, '\t' | '\r' | '\n');
        if at_start && begins_formula || at == 0 && breaks {
            neutral.push_str(&cell[copied..at]);
            neutral.push('\'');
            copied = at;
        }
        at_start = breaks || sign == ';' || at_start && matches!(sign, ' ' | '"');
    }
    (!neutral.is_empty()).then(|| neutral + &cell[copied..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
        let mut sheet = SheetWriter::new(Vec::new(), header).unwrap();
        for row in rows {
            sheet.row(row).unwrap();
        }
        let (bytes, count) = sheet.finish().unwrap();
        assert_eq!(count, rows.len() as u64);
        bytes
    }

    #[test]
    fn rows_are_rfc_4180_with_lf() {
        let rows =
            [vec!["Nørre Allé 1, 2.".to_owned(), "\"Ro\"\nog mag".to_owned()], vec![String::new(), "0751".to_owned()]];
        let expected = "street,note\n\"Nørre Allé 1, 2.\",\"\"\"Ro\"\"\nog mag\"\n,0751\n";
        assert_eq!(String::from_utf8(written(&["street", "note"], &rows)).unwrap(), expected);
    }

    #[test]
    fn a_row_of_another_width_is_an_error() {
        let mut sheet = SheetWriter::new(Vec::new(), &["a", "b"]).unwrap();
        assert!(sheet.row(["1"]).is_err());
    }

    #[test]
    fn formulas_are_neutralised() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+45 89 40 10 40", "'+45 89 40 10 40"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("\r=1", "'\r'=1"),
            ("  =1", "  '=1"),
            ("＝1", "'＝1"),
            ("Bo;=1;\"-2", "Bo;'=1;\"'-2"),
            ("Bo\n@x", "Bo\n'@x"),
        ] {
            assert_eq!(neutral(cell).as_deref(), Some(expected), "{cell:?}");
        }
        for cell in ["", "12-14", "a=b", "Anne-Marie", "c/o Bo; 2. sal", ";", "'=1"] {
            assert_eq!(neutral(cell), None, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            rows in prop::collection::vec(prop::collection::vec("[ab,;\"'=@\r\n\té ]{0,8}|.*", 2), 0..5)
        ) {
            let bytes = written(&["a", "b"], &rows);
            let mut reader = csv::Reader::from_reader(&bytes[..]);
            prop_assert_eq!(reader.headers().unwrap(), vec!["a", "b"]);
            let read: Vec<Vec<String>> =
                reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            let neutral = |cell: &String| neutral(cell).unwrap_or_else(|| cell.clone());
            let expected: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(neutral).collect()).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn no_part_of_a_neutral_cell_starts_a_formula(cell in "[ab;\"=+\n\t ]{0,10}") {
            let neutral = neutral(&cell).unwrap_or(cell);
            for part in neutral.split([';', '\n', '\t']) {
                prop_assert!(!part.trim_start_matches([' ', '"']).starts_with(['=', '+']), "{:?}", neutral);
            }
        }
    }
}
