//! The header: which declared column stands where in this file.

use super::sheet::SheetFlaw;

/// Characters of an unknown column's name that are shown: a file without a header would show a row instead.
const NAME_SHOWN: usize = 64;

/// The declared columns and where they stand in one file.
#[derive(Debug)]
pub(super) struct Columns {
    /// As declared, each with its place in the file.
    declared: Vec<(&'static str, usize)>,
}

impl Columns {
    /// Finds every declared column once among the names in the file, and nothing else there.
    pub(super) fn find<'a>(
        declared: &[&'static str],
        header: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Self, SheetFlaw> {
        let header: Vec<&[u8]> = header.map(<[u8]>::trim_ascii).collect();
        let places = |column: &str| header.iter().filter(move |name| **name == column.as_bytes()).count();
        if declared.iter().all(|column| places(column) == 0) {
            return Err(SheetFlaw::NoHeader);
        }
        if let Some(name) = header.iter().find(|name| declared.iter().all(|column| column.as_bytes() != **name)) {
            let name = shown(name);
            return Err(SheetFlaw::UnknownColumn { nearest: nearest(&name, declared), name });
        }
        let place = |&column: &&'static str| match places(column) {
            0 => Err(SheetFlaw::MissingColumn { column }),
            1 => Ok((column, header.iter().take_while(|name| **name != column.as_bytes()).count())),
            _ => Err(SheetFlaw::DoubledColumn { column }),
        };
        Ok(Self { declared: declared.iter().map(place).collect::<Result<_, _>>()? })
    }

    /// How many fields a row of this file has.
    pub(super) fn len(&self) -> usize {
        self.declared.len()
    }

    /// The index of a column as declared and its place in the file. Columns are mostly asked for in the order in
    /// which they are declared, so a search that goes on `from` the one before is over at once.
    pub(super) fn place(&self, column: &str, from: usize) -> Option<(usize, usize)> {
        let (before, behind) = self.declared.split_at_checked(from)?;
        let found = behind.iter().chain(before).position(|(name, _)| *name == column)?;
        let index = (from + found) % self.declared.len();
        self.declared.get(index).map(|(_, place)| (index, *place))
    }

    /// The names in the order of the file.
    pub(super) fn in_order(&self) -> Vec<&'static str> {
        (0..self.len()).filter_map(|place| self.name_at(place)).collect()
    }

    /// The name of the column at a place in the file.
    pub(super) fn name_at(&self, place: usize) -> Option<&'static str> {
        self.declared.iter().find(|(_, at)| *at == place).map(|(name, _)| *name)
    }
}

/// A name as it may stand in a message: short, and never more than its own line.
fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take_while(|sign| !sign.is_control()).take(NAME_SHOWN).collect()
}

/// The declared column that looks most like a name.
fn nearest(name: &str, declared: &[&'static str]) -> &'static str {
    let likeness = |column: &&&str| strsim::jaro_winkler(name, column);
    declared.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: [&str; 3] = ["cpr", "surname", "given_names"];

    fn find(header: &str) -> Result<Columns, SheetFlaw> {
        Columns::find(&DECLARED, header.split(',').map(str::as_bytes))
    }

    fn message(header: &str) -> String {
        find(header).unwrap_err().to_string()
    }

    #[test]
    fn columns_are_found_in_any_order_and_asked_for_in_any_order() {
        let columns = find("given_names, surname ,cpr").unwrap();
        for from in 0..=3 {
            assert_eq!(columns.place("cpr", from), Some((0, 2)));
            assert_eq!(columns.place("surname", from), Some((1, 1)));
            assert_eq!(columns.place("given_names", from), Some((2, 0)));
            assert_eq!(columns.place("city", from), None);
        }
        assert_eq!(columns.name_at(0), Some("given_names"));
    }

    #[test]
    fn a_wrong_column_is_named() {
        assert_eq!(
            message("cpr,surnam,given_names"),
            "read the header: unknown column `surnam`, the nearest known one is `surname`"
        );
        assert_eq!(message("cpr,surname"), "read the header: column `given_names` is missing");
        assert_eq!(message("cpr,surname,given_names,cpr"), "read the header: column `cpr` stands there twice");
    }

    #[test]
    fn a_row_in_the_place_of_the_header_is_not_shown() {
        let shown = message("0101991234,Nyborg,Astrid");
        assert_eq!(shown, "read the header: the first line names no column of this feed");
    }

    #[test]
    fn a_long_or_broken_name_is_cut() {
        let shown = message(&format!("cpr,{}", "x".repeat(1000)));
        assert!(shown.contains(&format!("`{}`", "x".repeat(64))), "{shown}");
        assert!(message("cpr,surname\nNyborg").contains("`surname`"), "cut at the end of its line");
    }
}
