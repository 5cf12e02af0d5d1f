//! The store on both databases: what one promises the other keeps, and every statement in its sources is executed.

use std::{collections::BTreeSet, path::Path};

use chrono::DateTime;
use sundhedskort::{
    domain::ids::CardId,
    store::{Book, connection::Failure, slots::Heartbeat},
};

use crate::{cluster::Cluster, feeds, office::Office, raw::Raw};

async fn a_book_is_created_and_refused_when_it_is_newer(office: Office) {
    assert!(office.night(0).is_done(), "an absent book is created");
    let before = office.everything().await;
    let newer = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time \
                 FROM _sqlx_migrations";
    Raw::open(&office.address()).await.run(newer).await;
    let refused = Book::open(&office.address(), None, None, None).await;
    assert!(matches!(refused, Err(Failure::NewSchema)), "{refused:?}");
    for verb in [&["status"][..], &["store", "migrate"], &["run", "--date", feeds::NIGHTS[1]]] {
        let ran = office.run(verb);
        assert_eq!(ran.code, Some(78), "{ran:?}");
        assert!(ran.err.contains("hint: install the newer program"), "{ran:?}");
    }
    Raw::open(&office.address()).await.run("DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    assert!(office.everything().await == before, "it was left alone");
    assert!(office.run(&["store", "migrate"]).out.contains("the book has schema 1 already"));
    office.close().await;
}

async fn ids_are_given_back_and_a_dry_run_leaves_nothing(office: Office) {
    assert!(office.night(0).is_done());
    let mut book = office.book().await;
    let before = book.digest().await.expect("a digest");
    book.begin().await.expect("a chunk");
    let card = book.ids().card();
    book.rollback().await.expect("it is taken back");
    book.begin_dry().await.expect("a dry run");
    for n in 0..2 {
        book.begin().await.expect("a chunk in it");
        assert_eq!(book.ids().card(), CardId(card.0 + n), "counted in the dry run, given back by the rollback");
        book.commit().await.expect("it ends");
    }
    assert_ne!(book.digest().await.expect("a digest"), before, "the dry run has its own book");
    book.end_dry().await.expect("it is over");
    assert_eq!(book.digest().await.expect("a digest"), before);
    assert!(matches!(book.begin().await.and(book.begin_dry().await), Err(Failure::Nested)), "none inside a chunk");
    book.rollback().await.expect("it is taken back");
    drop(book);
    office.close().await;
}

#[tokio::test]
async fn a_backup_is_the_book() {
    let office = Office::on_sqlite();
    assert!(office.night(0).is_done());
    assert_eq!(office.run(&["backup", "copy.db"]).code, Some(0));
    let address = format!("sqlite:{}", office.path("copy.db").display());
    let mut copy = Book::open(&address, None, None, None).await.expect("it opens");
    assert_eq!(copy.digest().await.expect("a digest"), office.everything().await.0);
}

/// Other collations sort Aarhus after Zealand.
#[tokio::test]
async fn every_text_on_a_server_is_sorted_by_its_bytes() {
    let office = Office::on_postgres().await;
    drop(office.book().await);
    let mut raw = Raw::open(&office.address()).await;
    let texts = "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations' \
                 AND data_type = 'text'";
    assert!(raw.count(&format!("SELECT count(*) {texts}")).await > 50, "there are texts");
    let other = raw.count(&format!("SELECT count(*) {texts} AND collation_name IS DISTINCT FROM 'C'")).await;
    assert_eq!(other, 0, "columns of another order");
    drop(raw);
    office.close().await;
}

/// One body of code runs on both databases; a server writes down what it executed.
#[tokio::test]
async fn every_statement_in_the_sources_is_executed() {
    let embedded = drive(&Office::on_sqlite()).await;
    let cluster = Cluster::start().await;
    let mut server = Raw::open(&cluster.address()).await;
    server.run("ALTER SYSTEM SET log_statement = 'all'").await;
    server.run("SELECT pg_reload_conf()").await;
    let remote = drive(&Office::on_cluster(&cluster.address()).await).await;
    assert_eq!(embedded, remote, "the same on both");
    let executed = words(&cluster.log());
    let unreached: Vec<String> = statements().into_iter().filter(|text| !executed.contains(text)).collect();
    assert!(unreached.is_empty(), "never executed, VERBS or `ring` must reach them:\n{}", unreached.join("\n"));
}

/// What together executes every statement; the nights are those of `feeds`.
const VERBS: [&[&str]; 29] = [
    &["night", "0"],
    &["plan", "--date", feeds::NIGHTS[1]],
    &["night", "1"],
    &["run", "--date", "2026-01-19"],
    &["card", "undo", "D-1", "--reason", "another card"],
    &["request", "withdraw", "R2", "--reason", "a mistake"],
    &["verify"],
    &["status"],
    &["check"],
    &["jobs"],
    &["history"],
    &["history", "--run", "1"],
    &["history", "issue-cards"],
    &["findings", "list"],
    &["findings", "close", "F1", "--reason", "seen"],
    &["rejects", "list"],
    &["rejects", "show", "1"],
    &["rejects", "close", "1", "--reason", "seen"],
    &["card", "list"],
    &["card", "list", "--state", "held"],
    &["card", "show", "K13"],
    &["case", "explain", "K13"],
    &["case", "accesses", "P1"],
    &["request", "list"],
    &["notice", "list"],
    &["return", "list"],
    &["shelf"],
    &["payment", "find", "I-1"],
    &["store", "migrate"],
];

/// Runs all of them, and the scheduler's part. Returns how each ended, and the digest.
async fn drive(office: &Office) -> (Vec<Option<i32>>, String) {
    let mut codes = Vec::new();
    office.deliver(&[
        ("notice-outcomes-1.csv", "notice_id,outcome,on,reason\nN1,delivered,2026-01-05,\n".to_owned()),
        ("refund-confirmations-1.csv", "refund_id,confirmed_on\nT1,2026-01-05\n".to_owned()),
    ]);
    for verb in VERBS {
        let ran = match verb {
            ["night", night] => office.night(night.parse().expect("a number")),
            verb => office.run(verb),
        };
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "{verb:?}: {ran:?}");
        codes.push(ran.code);
    }
    ring(office).await.expect("the scheduler's part");
    (codes, office.everything().await.0)
}

/// What the scheduler writes.
async fn ring(office: &Office) -> Result<(), Failure> {
    let mut book = office.book().await;
    let at = DateTime::UNIX_EPOCH;
    let slots = [("issue-cards", at.date_naive())];
    book.expect_slots(&slots, at).await?;
    book.try_slots(&slots, at).await?;
    book.claim_slots(1, &slots, at).await?;
    let slot = book.latest_slots(Some("issue-cards"), 1).await?.remove(0);
    assert_eq!((slot.due_on, slot.tries, slot.run), (at.date_naive(), 1, Some(1)));
    book.fail_run_of("no such host", 1, at).await?;
    book.note_bell(&Heartbeat { host: "here".to_owned(), pid: 1, began_at: at, rung_at: at }).await?;
    assert_eq!(book.last_bell().await?.map(|bell| bell.host).as_deref(), Some("here"));
    Ok(())
}

/// The statements in the sources of the store, or the parts that they are made of.
fn statements() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"), &mut found);
    assert!(found.len() > 80, "the sources hold statements");
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source can be read");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: String = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .flat_map(|line| [line, "\n"])
                .collect();
            // Between two quotes is a text, and no source of the store has an odd one.
            let texts = code.replace("\\\"", "\u{1}");
            let texts = texts
                .split('"')
                .skip(1)
                .step_by(2)
                .map(|text| words(&text.replace("\\\n", " ").replace('\u{1}', "\"")));
            found.extend(texts.filter(|text| is_statement(text)));
        }
    }
}

fn is_statement(text: &str) -> bool {
    let speaks = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", " WHERE ", "ON CONFLICT "];
    speaks.iter().any(|word| text.contains(word)) && !text.contains("sqlite_master")
}

/// With single spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

on_both! {
    created_on_sqlite created_on_postgres a_book_is_created_and_refused_when_it_is_newer;
    ids_on_sqlite ids_on_postgres ids_are_given_back_and_a_dry_run_leaves_nothing;
}
