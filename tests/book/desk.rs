//! The desk while a night runs: a verb gets in between two chunks, and neither of the two overwrites the other.

use std::{
    process::{Child, Stdio},
    thread::sleep,
    time::Duration,
};

use sundhedskort::domain::ids::CardId;

use crate::{
    crash::{go_on, halted},
    feeds,
    office::{Office, Ran},
    raw::Raw,
};

/// Cards on the shelf.
const CARDS: i64 = 12;
/// The night that finds their time over, two folders a chunk.
const REMOVE: [&str; 4] = ["run", "remove-held-cards", "--date", "2026-08-03"];
/// People registered in a night that goes on for many chunks.
const PEOPLE: usize = 100;
/// Long enough that a verb which need not wait has ended, and one that must is waiting.
const A_WHILE: Duration = Duration::from_millis(700);

/// An office with a full shelf, whose citizens were told.
fn shelve(office: &Office) {
    for (feeds, date) in
        [(feeds::to_order(CARDS), "2026-01-05"), (feeds::to_shelve(CARDS), "2026-01-12"), (vec![], "2026-02-02")]
    {
        office.deliver(&feeds);
        let ran = office.run(&["run", "--date", date]);
        assert!(ran.is_done(), "{ran:?}");
    }
}

/// Somebody comes for a card.
fn collect(office: &Office, card: i64) -> Child {
    let card = CardId(card).to_string();
    let mut verb = office.program(&["card", "collect", &card, "--by", "holder", "--identified-by", "passport"]);
    verb.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the verb starts")
}

fn end(verb: Child) -> Ran {
    Ran::of(&verb.wait_with_output().expect("the verb ends"))
}

/// Every entry: who made it, of which card, and where that one was then.
async fn entries(office: &Office) -> Vec<(String, i64, String)> {
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let texts = Raw::open(&office.address()).await.entries().await;
    let entries = texts.iter().map(|(_, text)| serde_json::from_str(text).expect("an entry is JSON"));
    entries
        .map(|entry: serde_json::Value| {
            let card = if entry["kind"] == "card" { entry["id"].as_i64().unwrap_or_default() } else { 0 };
            (word(&entry["by"]), card, word(&entry["after"]["custody"]["state"]))
        })
        .collect()
}

/// What was done to a card since it came on the shelf, and who did it.
async fn since_held(office: &Office, card: i64) -> Vec<(String, String)> {
    let told = entries(office).await.into_iter().filter(|entry| entry.1 == card).map(|(by, _, state)| (by, state));
    told.skip_while(|(_, state)| state != "held").skip(1).collect()
}

fn told(by: &str, state: &str) -> (String, String) {
    (by.to_owned(), state.to_owned())
}

/// The book is whole, and once the night has listed what the desk left, nothing is left to do.
async fn is_whole(office: &Office, night: &[&str]) {
    assert!(office.run(night).is_done());
    let before = office.everything().await;
    assert!(office.run(night).is_done());
    assert!(office.everything().await == before, "the same night again changes nothing");
    let verified = office.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

async fn a_verb_between_two_chunks_passes_and_the_night_sees_what_it_did(office: Office) {
    shelve(&office);
    // A chunk passes three places; the run's own begin is the first.
    let (night, place) = halted(&office, &REMOVE, 6);
    assert_eq!(place.as_deref(), Some("halted after a commit"));
    let (done, to_come) = (collect(&office, 3), collect(&office, 9));
    for verb in [done, to_come] {
        let verb = end(verb);
        assert_eq!(verb.code, Some(0), "{verb:?}");
    }
    assert_eq!(go_on(night), Some(0));
    let (removal, collected) = (told("remove-held-cards", "removal_due"), told("card collect", "collected"));
    assert_eq!(since_held(&office, 3).await, [removal.clone(), collected.clone()], "of a chunk that was done");
    assert_eq!(since_held(&office, 9).await, [collected], "of a chunk that was to come");
    for card in [1, 2, 4, 5, 6, 7, 8, 10, 11, 12] {
        assert_eq!(since_held(&office, card).await, std::slice::from_ref(&removal));
    }
    is_whole(&office, &REMOVE).await;
    office.close().await;
}

async fn a_verb_inside_a_chunk_waits_and_sees_what_the_chunk_did(office: Office) {
    shelve(&office);
    let (night, place) = halted(&office, &REMOVE, 5);
    assert_eq!(place.as_deref(), Some("halted before a commit"));
    let (mut in_it, mut to_come) = (collect(&office, 3), collect(&office, 9));
    sleep(A_WHILE);
    for verb in [&mut in_it, &mut to_come] {
        assert_eq!(verb.try_wait().expect("it can be asked"), None, "it waits for the chunk");
    }
    assert_eq!(go_on(night), Some(0));
    for verb in [in_it, to_come] {
        let verb = end(verb);
        assert_eq!(verb.code, Some(0), "{verb:?}");
    }
    let (removal, collected) = (told("remove-held-cards", "removal_due"), told("card collect", "collected"));
    assert_eq!(since_held(&office, 3).await, [removal, collected.clone()]);
    assert_eq!(since_held(&office, 9).await.last(), Some(&collected));
    is_whole(&office, &REMOVE).await;
    office.close().await;
}

/// A night that goes on by itself has the book again at once: who waits must be let in all the same.
async fn a_verb_does_not_wait_for_a_large_night_to_end(office: Office) {
    shelve(&office);
    office.deliver(&feeds::more(PEOPLE));
    let night = ["run", "--date", "2026-02-09"];
    let (run, place) = halted(&office, &night, 2);
    assert_eq!(place.as_deref(), Some("halted before a commit"));
    let verb = collect(&office, 3);
    sleep(A_WHILE);
    assert_eq!(go_on(run), Some(0));
    let verb = end(verb);
    assert_eq!(verb.code, Some(0), "{verb:?}");
    let by: Vec<String> = entries(&office).await.into_iter().map(|(by, ..)| by).collect();
    let verb = by.iter().position(|by| by == "card collect").expect("it stands in the ledger");
    let after = by[verb..].iter().filter(|by| *by == "import-register").count();
    assert!(after > PEOPLE, "most of the first job comes after it, not {after} entries");
    is_whole(&office, &night).await;
    office.close().await;
}

on_both! {
    between_on_sqlite between_on_postgres a_verb_between_two_chunks_passes_and_the_night_sees_what_it_did;
    inside_on_sqlite inside_on_postgres a_verb_inside_a_chunk_waits_and_sees_what_the_chunk_did;
    let_in_on_sqlite let_in_on_postgres a_verb_does_not_wait_for_a_large_night_to_end;
}
