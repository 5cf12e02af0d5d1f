//! A hand that changes what it should not: `verify` names it.

use sundhedskort::store::ledger::chain;

use crate::{
    feeds,
    office::{Office, Ran},
    raw::Raw,
};

/// What is done to the book, and what `verify` says of it.
const HANDS: [(&str, &str); 20] = [
    (
        "UPDATE ledger SET text = replace(text, '\"by\":\"import-register\"', '\"by\":\"somebody-else\"') WHERE seq = 7",
        "ledger row 7: its hash does not follow",
    ),
    (
        "UPDATE ledger SET hash = (SELECT hash FROM ledger WHERE seq = 3) WHERE seq = 7",
        "ledger row 8: its hash does not",
    ),
    ("DELETE FROM ledger WHERE seq = 7", "ledger row 7: missing"),
    ("DELETE FROM ledger WHERE seq IN (1, 2, 3)", "ledger rows 1 to 3: missing"),
    (
        "UPDATE ledger SET seq = seq + 1000001 WHERE seq >= 7; UPDATE ledger SET seq = seq - 1000000 WHERE seq > 1000000; \
         INSERT INTO ledger SELECT 7, person_id, text, hash, said, salt, run, written_at FROM ledger WHERE seq = 8; \
         UPDATE head SET seq = seq + 1",
        "ledger row 8: its text is that of row 7",
    ),
    (
        "UPDATE ledger SET seq = 1000000 WHERE seq = 7; UPDATE ledger SET seq = 7 WHERE seq = 8; \
         UPDATE ledger SET seq = 8 WHERE seq = 1000000",
        "ledger row 8: its text is that of row 7",
    ),
    (
        "INSERT INTO ledger SELECT seq + 1, person_id, text, hash, said, salt, run, written_at FROM ledger \
      WHERE seq = (SELECT seq FROM head)",
        "it stands behind the end",
    ),
    ("UPDATE ledger SET person_id = 4 WHERE seq = 4 AND person_id <> 4", "ledger row 4: it lies in another folder"),
    ("DELETE FROM ledger WHERE seq = (SELECT seq FROM head)", "it is the last one, and the head says"),
    ("UPDATE head SET hash = replace(hash, substr(hash, 1, 8), '00000000')", "its hash is not that of the head"),
    ("UPDATE head SET ids = replace(ids, '\"card\":', '\"card\":-')", "head: its counter of the kind card is -"),
    ("UPDATE card SET facts = replace(facts, '\"mailings\":1', '\"mailings\":2') WHERE id = 1", "card 1: it is not as"),
    (
        "UPDATE person SET personal = replace(personal, 'Lund', 'Krag') WHERE id = 2",
        "person 2: its personal data is not",
    ),
    ("UPDATE card SET person_id = 2 WHERE id = 1", "card 1: it lies in another folder"),
    ("DELETE FROM notice WHERE id = 1", "notice 1: it is not in the book"),
    (
        "INSERT INTO closure (id, person_id, facts) \
         VALUES (9, 0, '{\"id\":9,\"person\":0,\"from\":\"2026-03-02\",\"to\":\"2026-03-02\"}')",
        "closure row 9: no entry of the ledger led to it",
    ),
    ("UPDATE cpr SET person_id = 2 WHERE person_id = 1", "folder P1: a number that it names points elsewhere"),
    ("UPDATE file SET waiting = waiting + 1, duplicate = duplicate - 1", "rows wait by its count, and there are"),
    ("DELETE FROM reject", "rows were rejected by its count, and the rejects are 0 (1.8.9)"),
    ("DELETE FROM output WHERE batch = 1", "batch B1: 0 files are made of it (1.8.2)"),
];

/// An office after two nights.
fn worked(office: &Office) {
    for night in [0, 1] {
        let ran = office.night(night);
        assert!(ran.is_done(), "{ran:?}");
    }
}

fn is_clean(ran: &Ran) -> bool {
    ran.code == Some(0) && ran.out.ends_with("Everything holds.\n")
}

async fn every_hand_is_named(before: Office) {
    let empty = before.run(&["verify"]);
    assert!(is_clean(&empty), "{empty:?}");
    worked(&before);
    let worked = before.run(&["verify"]);
    assert!(is_clean(&worked), "{worked:?}");
    for (hand, named) in HANDS {
        let office = before.copy().await;
        Raw::open(&office.address()).await.run(hand).await;
        let found = office.run(&["verify"]);
        assert_eq!(found.code, Some(70), "{hand}: {found:?}");
        assert!(found.out.contains(named), "{hand}: {}", found.out);
        office.close().await;
    }
    before.close().await;
}

/// Whoever can write the book can also seal it again: only what was noted outside speaks against it.
async fn a_ledger_that_was_sealed_again_is_named(office: Office) {
    worked(&office);
    let mut book = Raw::open(&office.address()).await;
    let mut before = [0; 32];
    for (seq, text) in book.entries().await {
        let text = text.replace("2026-01-05", "2026-01-04");
        before = chain(&before, &text);
        let hash = hex::encode(before);
        let (bytes, quoted) = (book.bytes(&hash), text.replace('\'', "''"));
        book.run(&format!(
            "UPDATE ledger SET text = '{quoted}', hash = {bytes} WHERE seq = {seq}; UPDATE head SET hash = '{hash}'"
        ))
        .await;
    }
    let found = office.run(&["verify"]);
    assert_eq!(found.code, Some(70));
    assert!(found.out.contains("its hash is not the one noted outside the book"), "{}", found.out);
    assert!(!found.out.contains("does not follow"), "the chain itself is whole: {}", found.out);
    office.close().await;
}

/// A backup is laid back: everything in it holds, but more was noted outside.
async fn a_restored_book_is_named_until_it_is_accepted(office: Office) {
    let first = office.night(0);
    assert!(first.is_done(), "{first:?}");
    let backup = office.copy().await;
    office.deliver(&feeds::of_night(1));
    assert!(office.run(&["run", "--date", feeds::NIGHTS[1]]).is_done());
    std::fs::copy(office.path("sundhedskort.heads"), backup.path("sundhedskort.heads")).expect("the heads stay");
    let found = backup.run(&["verify"]);
    assert_eq!(found.code, Some(70));
    assert!(found.out.contains("cut off at its end, or restored (hint: "), "{}", found.out);
    let refused = backup.run(&["verify", "--accept-restore"]);
    assert_eq!(refused.code, Some(2), "a reason is asked for: {refused:?}");
    let accepted = backup.run(&["verify", "--accept-restore", "--reason", "the disk broke"]);
    assert!(is_clean(&accepted), "{accepted:?}");
    let again = backup.run(&["verify"]);
    assert!(is_clean(&again), "{again:?}");
    // It goes on from there, and what is cut off after that is noticed again.
    assert!(backup.night(1).is_done());
    let on = backup.run(&["verify"]);
    assert!(is_clean(&on), "{on:?}");
    let last = "(SELECT max(seq) FROM ledger)";
    let mut book = Raw::open(&backup.address()).await;
    let before_last = book.before_last().await;
    book.run(&format!("DELETE FROM ledger WHERE seq = {last}; UPDATE head SET seq = {last}, hash = '{before_last}'"))
        .await;
    drop(book);
    let found = backup.run(&["verify"]);
    assert_eq!(found.code, Some(70));
    assert!(found.out.contains("it is noted outside the book, whose ledger ends at"), "{}", found.out);
    office.close().await;
    backup.close().await;
}

/// `plan` leaves the book as it is, whatever it would do.
async fn a_plan_changes_nothing(office: Office) {
    assert!(office.night(0).is_done());
    office.deliver(&feeds::of_night(1));
    let before = office.everything().await;
    let planned = office.run(&["plan", "--date", feeds::NIGHTS[1]]);
    assert!(planned.is_done() && planned.out.contains("2 held"), "{planned:?}");
    assert_eq!(office.everything().await, before);
    assert!(office.run(&["run", "--date", feeds::NIGHTS[1]]).is_done());
    assert_ne!(office.everything().await.0, before.0);
    office.close().await;
}

on_both! {
    every_hand_on_sqlite every_hand_on_postgres every_hand_is_named;
    sealed_again_on_sqlite sealed_again_on_postgres a_ledger_that_was_sealed_again_is_named;
    restored_on_sqlite restored_on_postgres a_restored_book_is_named_until_it_is_accepted;
    planned_on_sqlite planned_on_postgres a_plan_changes_nothing;
}
