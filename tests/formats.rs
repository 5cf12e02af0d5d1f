//! `FORMATS.md` and the recommended wording, compared with the program.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use sundhedskort::{
    domain::{notice::NoticeKind, person::Language},
    intake::{
        Sheet,
        feed::{Feed, Reading},
    },
    night::report::Report,
    output::{lists, notices, orders, refunds},
};

const FORMATS: &str = include_str!("../FORMATS.md");

/// One section of the page: the columns of its table, and its example, header included.
struct Section {
    columns: Vec<&'static str>,
    example: Option<&'static str>,
}

fn sections() -> BTreeMap<&'static str, Section> {
    let section = |text: &'static str| {
        let (title, text) = text.split_once("`\n").expect("a title in backquotes");
        let columns = text.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0)).collect();
        let example = text.split_once("```csv\n").and_then(|(_, code)| Some(code.split_once("```")?.0));
        (title, Section { columns, example })
    };
    FORMATS.split("### `").skip(1).map(section).collect()
}

/// Every file with its columns.
fn files() -> Vec<(String, Vec<&'static str>)> {
    let feeds = Feed::ALL.map(|feed| (feed.kind().to_owned(), feed.columns().to_vec()));
    let lists = [
        ("print-orders", &orders::HEADER[..]),
        ("call-list", &lists::CALLS),
        ("desk-list", &lists::DESK),
        ("removal-worklist", &lists::REMOVALS),
        ("recalls", &lists::RECALLS),
        ("refunds", &refunds::HEADER),
    ];
    let lists = lists.map(|(kind, columns)| (kind.to_owned(), columns.to_vec()));
    let notices = NoticeKind::ALL.map(|kind| (format!("notices-{}-<language>", kind.code()), notices::columns(kind)));
    feeds.into_iter().chain(lists).chain(notices).collect()
}

#[test]
fn every_file_is_described_with_its_columns_and_an_example() {
    let mut sections = sections();
    sections.remove("night-*.json").expect("another test compares it");
    let shared = sections.remove("notices-<kind>-<language>-*.csv").unwrap();
    let all: BTreeSet<_> = NoticeKind::ALL.into_iter().flat_map(notices::columns).collect();
    assert_eq!(shared.columns.iter().copied().collect::<BTreeSet<_>>(), all);
    for (file, columns) in files() {
        let section = sections.remove(format!("{file}-*.csv").as_str()).unwrap_or_else(|| panic!("{file} is missing"));
        if !file.starts_with("notices-") {
            assert_eq!(section.columns, columns, "{file}");
        }
        let mut example = csv::Reader::from_reader(section.example.unwrap_or_default().as_bytes());
        assert_eq!(example.headers().unwrap(), columns, "{file}");
        // The reader compares the cells of each row with the header.
        assert_ne!(example.records().map(Result::unwrap).count(), 0, "{file} has no example");
    }
    assert!(sections.is_empty(), "described, but not written: {:?}", sections.keys());
}

#[test]
fn the_report_of_a_night_is_described_field_by_field() {
    let mut sections = sections();
    let section = sections.remove("night-*.json").expect("it is described");
    let example = FORMATS.rsplit_once("```json\n").and_then(|(_, code)| code.split_once("```")).expect("an example").0;
    let read: Report = serde_json::from_str(example).expect("the example is a report");
    let again = serde_json::to_value(&read).expect("a report is JSON");
    let shown: serde_json::Value = serde_json::from_str(example).expect("the example is JSON");
    assert_eq!(again, shown, "the example has every field");
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let fields: BTreeSet<String> = [keys(&again), keys(&again["jobs"][0])].concat().into_iter().collect();
    assert_eq!(section.columns.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), fields);
}

#[test]
fn every_example_of_a_feed_is_taken() {
    let (dir, sections) = (tempfile::tempdir().unwrap(), sections());
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let reading = Reading { today, reasons: &BTreeMap::new(), file: "example.csv" };
    for feed in Feed::ALL {
        let path = dir.path().join(format!("{}.csv", feed.kind()));
        let title = format!("{}-*.csv", feed.kind());
        std::fs::write(&path, sections[title.as_str()].example.unwrap()).unwrap();
        let sheet = Sheet::open(&path, feed.columns(), |record| feed.key(record)).unwrap();
        for row in sheet.rows(None, |record| feed.read(record, &reading)) {
            assert!(row.unwrap().value.is_ok(), "{title}");
        }
    }
}

/// The words in braces.
fn fields(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn every_kind_has_its_wording_in_both_languages() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/output/wording");
    let mut texts = BTreeSet::new();
    for language in [Language::Da, Language::En] {
        let read = |name: &str| {
            let name = format!("{name}.{}.txt", language.code());
            std::fs::read_to_string(dir.join(&name)).unwrap_or_else(|_| panic!("{name} is missing"))
        };
        let frame = read("frame");
        texts.insert(format!("frame.{}.txt", language.code()));
        for kind in NoticeKind::ALL {
            let text = read(kind.code());
            texts.insert(format!("{}.{}.txt", kind.code(), language.code()));
            let used: BTreeSet<_> = fields(&text).union(&fields(&frame)).copied().collect();
            // By these two the letter tool knows whom to send it to, and how.
            let columns = notices::columns(kind).into_iter().filter(|column| !["Modtager", "channel"].contains(column));
            assert_eq!(used, columns.collect(), "{} {}", kind.code(), language.code());
            assert!(!text.lines().next().unwrap_or_default().contains('{'), "a subject shows on a locked screen");
        }
    }
    let there = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<_>>(), texts);
}

#[test]
fn a_fee_decision_says_why_how_much_by_when_and_how_to_complain() {
    for text in [
        include_str!("../src/output/wording/fee-decision.da.txt"),
        include_str!("../src/output/wording/fee-decision.en.txt"),
    ] {
        for must in ["{decision}", "{ground}", "{amount}", "{pay_by}", "Styrelsen for Patientklager", "stpk.dk"] {
            assert!(text.contains(must), "{must}");
        }
    }
}
