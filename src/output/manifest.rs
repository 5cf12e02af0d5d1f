//! What stands beside every output: how many rows it has, its sums and its hash.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use serde::Serialize;

use super::file::{PublishFlaw, Published, publish};

/// The number of the manifest's schema; fields are only ever added to it.
pub const SCHEMA: u32 = 1;

/// The manifest of one output, by which its receiver sees that it came whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    schema: u32,
    file: String,
    business_date: NaiveDate,
    rows: u64,
    totals: BTreeMap<String, i64>,
    sha256: String,
}

impl Manifest {
    /// Describes a published file: its rows without the header, its sums by name (amounts in øre), and the
    /// business date of the run that fixed its rows.
    #[must_use]
    pub fn of(file: &Published, rows: u64, totals: BTreeMap<String, i64>, business_date: NaiveDate) -> Self {
        Self { schema: SCHEMA, file: file.name.clone(), business_date, rows, totals, sha256: file.sha256.clone() }
    }

    /// Publishes it beside its file as `<name>.manifest.json`. It comes after the file, so who waits for it has
    /// both.
    pub fn publish(&self, dir: &Path) -> Result<Published, PublishFlaw> {
        let mut json = serde_json::to_vec_pretty(self).map_err(std::io::Error::from)?;
        json.push(b'\n');
        publish(dir, &format!("{}.manifest.json", self.file), &json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_stands_beside_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = publish(dir.path(), "refunds-2026-11-22-1.csv", b"abc").unwrap();
        let totals = BTreeMap::from([("amount".to_owned(), 22_500)]);
        let date = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let manifest = Manifest::of(&file, 1, totals, date).publish(dir.path()).unwrap();
        assert_eq!(manifest.name, "refunds-2026-11-22-1.csv.manifest.json");
        let expected = r#"{
  "schema": 1,
  "file": "refunds-2026-11-22-1.csv",
  "business_date": "2026-11-22",
  "rows": 1,
  "totals": {
    "amount": 22500
  },
  "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
}
"#;
        assert_eq!(std::fs::read_to_string(dir.path().join(manifest.name)).unwrap(), expected);
    }
}
