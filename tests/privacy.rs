//! Nothing personal where the design does not allow it: not in a log at trace level, an error or a report; and nobody
//! real in a fixture.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use sundhedskort::domain::cpr::Cpr;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn csv_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            csv_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            files.push(path);
        }
    }
}

fn columns(path: &Path, wanted: &[&str]) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("a fixture is CSV");
    let Ok(header) = reader.headers().cloned() else { return Vec::new() };
    let places: Vec<usize> = (0..header.len()).filter(|n| wanted.contains(&header[*n].trim())).collect();
    let rows = reader.records().filter_map(Result::ok);
    rows.flat_map(|row| places.iter().filter_map(|n| row.get(*n).map(str::to_owned)).collect::<Vec<_>>())
        .filter(|cell| !cell.is_empty())
        .collect()
}

#[test]
fn nobody_in_a_fixture_has_ever_been_given_that_number() {
    let mut files = Vec::new();
    csv_files(&root().join("fixtures"), &mut files);
    assert!(!files.is_empty(), "there are fixtures");
    let mut numbers = 0;
    for file in files {
        for text in columns(&file, &["cpr", "guardian_cpr", "Modtager"]) {
            let Ok(cpr) = Cpr::parse(&text) else { continue };
            numbers += 1;
            assert!(!cpr.passes_modulus_11(), "{}: a number that could have been issued", file.display());
            assert!(!text.starts_with("0101"), "{}: a number of somebody born on 1 January", file.display());
        }
    }
    assert!(numbers > 10, "numbers were looked at");
}

/// What identifies people in a scenario's registrations and requests.
fn secrets(scenario: &Path) -> BTreeSet<String> {
    let mut files = Vec::new();
    csv_files(&scenario.join("nights"), &mut files);
    let personal = ["cpr", "guardian_cpr", "surname", "street", "payer"];
    files
        .iter()
        .filter(|file| !file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("practitioners")))
        .flat_map(|file| columns(file, &personal))
        .filter(|text| text.len() > 4)
        .collect()
}

fn said_in(scenario: &Path) -> String {
    let place = tempfile::tempdir().expect("a place to run in");
    let output = Command::new(env!("CARGO_BIN_EXE_sundhedskort"))
        .args(["rehearse", "--twice"])
        .arg(scenario)
        .current_dir(place.path())
        .env("SUNDHEDSKORT_LOG_LEVEL", "trace")
        .output()
        .expect("the program runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn no_log_line_error_or_report_names_anybody() {
    thread::scope(|scope| {
        for entry in std::fs::read_dir(root().join("fixtures")).expect("the fixtures are there") {
            let scenario = entry.expect("a fixture can be read").path();
            scope.spawn(move || {
                let said = said_in(&scenario);
                assert!(said.contains(" INFO "), "{}: it logs", scenario.display());
                for secret in secrets(&scenario) {
                    assert!(!said.contains(&secret), "{}: somebody's data in a log or error", scenario.display());
                }
            });
        }
    });
}
