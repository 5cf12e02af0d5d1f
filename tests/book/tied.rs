//! 1.8.8 where reports were made at one instant or nobody says when: the name of the file puts them in order, not the
//! order of delivery.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    feeds::{numbers, registrations},
    office::Office,
};

/// The nights, whatever comes in them.
const DATES: [&str; 3] = ["2026-02-02", "2026-02-03", "2026-02-04"];

/// What is said of seven people in three files: a first report, a later one, a correction of an earlier stay, a new stay,
/// and reports of one instant or of none, which the name of the file puts in order, one of them taking back another.
fn file(letter: char, turned: bool) -> (String, String) {
    let report = |cpr: &str, on: &str, at: &str, surname: &str| {
        format!("{cpr},01,{on},{at},Maja,{surname},no,yes,en,,Vestergade,7,,,8000,Aarhus C,0751,2,,\n")
    };
    let says: [[&str; 3]; 7] = match letter {
        'a' => [
            ["2025-12-01", "2025-12-01T09:00:00Z", "Lund"],
            ["2025-12-01", "2025-12-05T09:00:00Z", "Holm"],
            ["2025-11-01", "2025-12-01T09:00:00Z", "Krag"],
            ["2025-12-01", "2025-12-01T09:00:00Z", "Falk"],
            ["2025-12-01", "", "Juhl"],
            ["2025-12-20", "2026-01-05T09:00:00Z", "Elm"],
            ["2025-12-01", "", "Munk"],
        ],
        'b' => [
            ["2025-12-01", "2025-12-02T09:00:00Z", "Lunde"],
            ["2025-12-01", "2025-12-04T09:00:00Z", "Holme"],
            ["2026-01-10", "2026-01-10T09:00:00Z", "Krag"],
            ["2025-12-01", "2025-12-01T09:00:00Z", "Falck"],
            ["2025-12-01", "2025-12-01T00:00:00Z", "Juul"],
            ["2025-12-20", "2025-12-21T09:00:00Z", "Elmer"],
            ["2025-12-02", "", "Munck"],
        ],
        _ => [
            ["2025-12-01", "2025-12-03T09:00:00Z", "Lundt"],
            ["2025-12-15", "2025-12-06T09:00:00Z", "Holm"],
            ["2025-11-02", "2025-12-02T09:00:00Z", "Kragh"],
            ["2025-12-01", "2025-12-01T09:00:00Z", "Falch"],
            ["2025-12-01", "", "Jul"],
            ["2025-12-20", "2025-12-22T09:00:00Z", "Elmo"],
            ["2025-12-01", "", "Munk"],
        ],
    };
    let mut rows: Vec<String> =
        numbers(7).iter().zip(says).map(|(cpr, [on, at, surname])| report(cpr, on, at, surname)).collect();
    if turned {
        rows.reverse();
    }
    (format!("registrations-{letter}.csv"), registrations(&rows.concat()))
}

/// What is known of everybody and their stays, by CPR number: ids of ours count in the order in which people came.
async fn known(office: &Office) -> BTreeMap<String, Value> {
    let people = office.book().await.people("", |_| true).await.expect("the book is read");
    people
        .into_iter()
        .map(|person| {
            let cpr = person.cpr().expect("everybody has a number").reveal();
            (cpr, json!([format!("{:?}", person.stays()), person.data]))
        })
        .collect()
}

/// Delivers files, each letter of a word in the night of its place; a dash is the next night.
async fn delivered(order: &str, turned: bool, office: Office) -> BTreeMap<String, Value> {
    for (letters, date) in order.split('-').zip(DATES) {
        for letter in letters.chars() {
            let (name, text) = file(letter, turned);
            std::fs::write(office.path("inbox").join(name), text).expect("a file is delivered");
        }
        let ran = office.run(&["run", "import-register", "--date", date]);
        assert!(ran.is_done(), "{order}: {ran:?}");
    }
    let known = known(&office).await;
    office.close().await;
    known
}

async fn in_every_order(first: Office) {
    let copy = first.copy().await;
    let expected = delivered("a-b-c", false, copy).await;
    assert_eq!(expected.len(), 7);
    let surnames: Vec<&str> =
        expected.values().map(|of| of[1]["register"]["name"]["surname"].as_str().expect("a surname")).collect();
    assert_eq!(surnames, ["Lundt", "Holm", "Krag", "Falch", "Juul", "Elm", "Munk"], "the latest report counts");
    for order in ["a-c-b", "b-a-c", "b-c-a", "c-a-b", "c-b-a", "abc", "bc-a", "c-ab"] {
        for turned in [false, true] {
            let copy = first.copy().await;
            let known = delivered(order, turned, copy).await;
            for (cpr, facts) in &expected {
                assert_eq!(known.get(cpr), Some(facts), "{order}, turned: {turned}");
            }
        }
    }
    first.close().await;
}

on_both! {
    tied_on_sqlite tied_on_postgres in_every_order;
}
