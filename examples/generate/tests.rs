//! What the feeds promise as a whole, read back from the files.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use chrono::Days;
use sundhedskort::domain::cpr::Cpr;
use sundhedskort::domain::ids::CardId;

use super::*;

const PEOPLE: u64 = 6000;
const BATCH: u64 = 1000;

type Row = HashMap<String, String>;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

fn nights(seed: u64) -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    write_nights(&Population::new(PEOPLE, seed, today()).unwrap(), BATCH, out.path()).unwrap();
    out
}

fn rows(out: &Path, file: &str) -> Vec<Row> {
    csv::Reader::from_path(out.join(file)).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn bytes(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let nights = fs::read_dir(out).unwrap().map(|night| night.unwrap().path());
    let files = nights.flat_map(|night| fs::read_dir(night).unwrap().map(|file| file.unwrap().path()));
    files.map(|file| (file.strip_prefix(out).unwrap().to_owned(), fs::read(&file).unwrap())).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_other_people() {
    let (first, again, other) = (bytes(nights(1).path()), bytes(nights(1).path()), bytes(nights(2).path()));
    assert_eq!(first.len(), 7);
    assert!(first == again);
    assert!(first.keys().eq(other.keys()));
    assert!(first.iter().all(|(file, bytes)| other[file] != *bytes));
}

#[test]
fn later_nights_name_cards_as_a_fresh_book_counts_them() {
    let out = nights(1);
    let mut registered = rows(out.path(), "night-1/registrations-1.csv");
    assert_eq!(registered.len(), 6000);
    assert!(!registered.is_sorted_by_key(|row| row["cpr"].clone()));
    registered.sort_by_key(|row| row["cpr"].clone());
    assert!(registered.is_sorted_by(|a, b| a["cpr"] < b["cpr"]), "every number once");

    let with_card = registered.iter().filter(|row| row["status"] != "20");
    let cards: Vec<(String, &Row)> = (1..).zip(with_card).map(|(n, row)| (CardId(n).to_string(), row)).collect();
    let due = |row: &Row| row["registered_on"].parse::<NaiveDate>().unwrap() + Days::new(14) <= today();
    let ordered: Vec<(String, String)> = cards
        .iter()
        .filter(|(_, row)| due(row))
        .enumerate()
        .map(|(line, (card, _))| (format!("B{}", line / 1000 + 1), card.clone()))
        .collect();
    let answers = rows(out.path(), "night-2/producer-answers-1.csv");
    assert_eq!(answers.len(), 4596, "766 of 1000");
    assert!(answers.iter().map(|row| (row["batch_id"].clone(), row["card_id"].clone())).eq(ordered));

    let cards: HashMap<String, &Row> = cards.into_iter().collect();
    for row in rows(out.path(), "night-3/returns-1.csv") {
        if row["card_id"].is_empty() {
            let person = registered.iter().find(|person| person["cpr"] == row["cpr"]).unwrap();
            assert_eq!(row["name"], format!("{} {}", person["given_names"], person["surname"]));
        } else {
            assert!(cards.contains_key(&row["card_id"]));
        }
    }
    for row in rows(out.path(), "night-4/desk-events-1.csv") {
        assert!(cards.contains_key(&row["card_id"]));
    }
    let requests = rows(out.path(), "night-4/requests-1.csv");
    for row in requests.iter().filter(|row| !row["card_id"].is_empty()) {
        assert_eq!(cards[&row["card_id"]]["cpr"], row["cpr"]);
    }
    for payment in rows(out.path(), "night-4/payments-1.csv") {
        assert!(requests.iter().any(|request| request["request_id"] == payment["request_id"]));
    }
}

#[test]
fn no_row_tells_what_lies_after_its_night() {
    let out = nights(1);
    for (file, day, night) in [
        ("night-1/registrations-1.csv", "registered_on", 0),
        ("night-2/producer-answers-1.csv", "on", fates::ANSWERS_AFTER),
        ("night-3/returns-1.csv", "returned_on", fates::RETURNS_AFTER),
        ("night-4/desk-events-1.csv", "on", fates::DESK_AFTER),
        ("night-4/requests-1.csv", "requested_on", fates::DESK_AFTER),
        ("night-4/payments-1.csv", "paid_on", fates::DESK_AFTER),
    ] {
        let rows = rows(out.path(), file);
        assert!(rows.len() > 20, "{file}: {}", rows.len());
        let last = today() + Days::new(night);
        assert!(rows.iter().all(|row| row[day].parse::<NaiveDate>().unwrap() <= last), "{file}");
    }
}

#[test]
fn no_generated_number_was_ever_issued() {
    let out = nights(1);
    let mut seen = 0;
    for (file, column) in [
        ("night-1/registrations-1.csv", "cpr"),
        ("night-1/registrations-1.csv", "guardian_cpr"),
        ("night-3/returns-1.csv", "cpr"),
        ("night-4/requests-1.csv", "cpr"),
    ] {
        for row in rows(out.path(), file).iter().filter(|row| !row[column].is_empty()) {
            seen += 1;
            assert!(!Cpr::parse_on(&row[column], today()).unwrap().passes_modulus_11(), "{file}");
            assert!(!row[column].starts_with("0101"), "{file}");
        }
    }
    assert!(seen > 6000, "{seen}");
}

#[test]
fn every_practitioner_of_a_person_is_in_the_register_and_practises() {
    let out = nights(1);
    let practitioners = rows(out.path(), "night-1/practitioners-1.csv");
    let practising: Vec<&str> =
        practitioners.iter().filter(|row| row["valid_to"].is_empty()).map(|row| row["gp_number"].as_str()).collect();
    assert!(practising.len() < practitioners.len());
    for row in rows(out.path(), "night-1/registrations-1.csv") {
        let listed = row["insurance_group"] == "1" && row["status"] != "20";
        assert_eq!(listed, practising.contains(&row["gp_number"].as_str()));
        assert_eq!(listed, !row["gp_number"].is_empty());
    }
}
