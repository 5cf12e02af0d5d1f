//! `case explain` on every card of a whole year: where it is, why, what comes next and what is in the way.

use std::path::Path;

use serde_json::Value;

use crate::office::{Office, Ran};

fn rows(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut rows: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    rows.pop().expect("the last line is the summary");
    rows
}

fn text<'r>(row: &'r Value, column: &str) -> &'r str {
    row[column].as_str().unwrap_or_else(|| panic!("{column} is missing: {row}"))
}

#[test]
fn every_card_of_the_first_year_is_explained() {
    let office = Office::on_sqlite();
    let year = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first-year");
    let played = office.run(&["rehearse", "--keep", year.to_str().expect("a path in UTF-8")]);
    let kept = played.out.lines().last().and_then(|line| line.strip_prefix("the book is kept in ")).expect("a place");
    let database = format!("sqlite:{kept}/book.db");
    let ask =
        |arguments: &[&str]| rows(&office.run(&[&["--database", &database, "--format", "json"], arguments].concat()));
    let cards = ask(&["card", "list"]);
    assert!(cards.len() > 20, "a year has cards");
    for card in &cards {
        let id = text(card, "card_id");
        let all = ask(&["case", "explain", id]);
        let of = |when: &str| -> Vec<&Value> {
            all.iter().filter(|row| text(row, "card_id") == id && text(row, "when") == when).collect()
        };
        let (past, now, next) = (of("past"), of("now"), of("next"));
        assert_eq!(now.len(), 1, "{id} is somewhere");
        assert!(text(now[0], "what").starts_with(&format!("is {}, ", text(card, "state"))), "{id}: {now:?}");
        assert!(!past.is_empty() && !next.is_empty(), "{id} has a past, and it is said what comes: {all:?}");
        for row in past {
            assert!(!text(row, "on").is_empty(), "{id}: on a day: {row}");
            let by = text(row, "by");
            let line = by.split_once(".csv line ").is_some_and(|(_, line)| line.parse::<u64>().is_ok());
            let job = sundhedskort::jobs::named(by).is_some();
            assert!(line || job || by.contains("desk"), "{id}: by which row, rule or operator: {row}");
        }
        for row in next {
            let what = text(row, "what");
            // A card that is on its way has a day, or something is in the way of it.
            if ["planned", "held"].contains(&text(card, "state")) {
                let blocked = !text(row, "in_the_way").is_empty();
                assert!(blocked || !text(row, "on").is_empty(), "{id}: when, or why not yet: {row}");
            }
            assert!(!what.is_empty(), "{id}: {row}");
        }
    }
    std::fs::remove_dir_all(kept).expect("the kept book goes");
}
