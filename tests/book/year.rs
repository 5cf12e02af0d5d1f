//! A small office's year with every path in it, as the real program finds it afterwards: the book is whole, and of every
//! card it says where it is, why, and what comes next. (`tests/scenarios.rs` plays the year on both databases.)

use std::{path::Path, process::Command};

use serde_json::Value;
use sundhedskort::cli::rehearse::{How, rehearse};

fn lines(place: &Path, arguments: &[&str]) -> Vec<Value> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sundhedskort"));
    program.args(["--database", "sqlite:book.db", "--format", "json"]).args(arguments).current_dir(place);
    let ran =
        program.env("SUDO_USER", "desk").env("SUNDHEDSKORT_HEAD_FILE", "heads").output().expect("the program runs");
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stdout));
    let text = String::from_utf8(ran.stdout).expect("it is text");
    text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
}

fn word<'v>(row: &'v Value, column: &str) -> &'v str {
    row[column].as_str().unwrap_or_default()
}

#[tokio::test]
async fn every_card_of_a_year_is_explained() {
    let place = crate::office::place();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first-year");
    rehearse(&folder, place.path(), &How::default()).await.expect("the year is played");
    lines(place.path(), &["verify"]);
    let cards: Vec<Value> =
        lines(place.path(), &["card", "list"]).into_iter().filter(|row| !row["card_id"].is_null()).collect();
    assert!(cards.len() > 20, "a year has many cards");
    for card in &cards {
        let (id, state) = (word(card, "card_id"), word(card, "state"));
        let told = lines(place.path(), &["case", "explain", id]);
        let of = |when: &str| {
            let rows = told.iter().filter(move |row| word(row, "card_id") == id && word(row, "when") == when);
            rows.collect::<Vec<_>>()
        };
        let [now] = of("now")[..] else { panic!("{id}: one row says where it is") };
        assert!(word(now, "what").starts_with(&format!("is {state}, ")) && is_day(word(now, "on")), "{now}");
        let past = of("past");
        assert!(past.iter().all(|row| is_day(word(row, "on")) && is_source(word(row, "by"))), "{id}: {past:?}");
        let led_here = past.iter().any(|row| leads_to(word(row, "what"), state));
        assert!(led_here, "{id} is {state}, and no row says why: {past:?}");
        let next = of("next");
        assert!(!next.is_empty(), "{id} is {state}: it is said that nothing comes");
        for row in next {
            assert!(!word(row, "what").is_empty() && (word(row, "on").is_empty() || is_day(word(row, "on"))), "{row}");
            // What our own calendar decides has a day, or something is in its way.
            let dated = !["planned", "held"].contains(&state) || is_day(word(row, "on"));
            assert!(dated || !word(row, "in_the_way").is_empty(), "{id}: when, or why not yet: {row}");
        }
    }
}

fn is_day(text: &str) -> bool {
    text.parse::<chrono::NaiveDate>().is_ok()
}

/// A row of a file, an operator with what was said, or the job whose rule it was.
fn is_source(by: &str) -> bool {
    let is_row =
        by.split_once(".csv line ").is_some_and(|(file, line)| !file.is_empty() && line.parse::<u32>().is_ok());
    is_row || by.starts_with("desk: ") || by == "desk" || sundhedskort::jobs::ALL.iter().any(|job| job.name == by)
}

/// `returned: held`, or `removal due`, where the words say it already.
fn leads_to(what: &str, state: &str) -> bool {
    what.rsplit(": ").next().is_some_and(|what| what.replace(' ', "_") == state)
}
