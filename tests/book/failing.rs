//! What fails around the program: it says what, where and what to do, ends with the code of page 4.1, and when the trouble
//! is over the next run ends in the same book and the same files as an undisturbed one.

use std::{
    collections::BTreeSet,
    fs::{Permissions, set_permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Command, Stdio},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;

use crate::{
    cluster::Cluster,
    crash::{go_on, halted},
    feeds,
    office::{Everything, Office, Ran, assert_same},
    raw::Raw,
};

/// Before it there is something of every feed to do.
const SECOND: &str = feeds::NIGHTS[1];

/// An office before its second night, and everything as it is after an undisturbed one.
async fn before_second(office: Office) -> (Office, Everything) {
    assert!(office.night(0).is_done());
    office.deliver(&feeds::of_night(1));
    let expected = undisturbed(&office, SECOND).await;
    (office, expected)
}

async fn undisturbed(office: &Office, date: &str) -> Everything {
    let undisturbed = office.copy().await;
    assert!(undisturbed.run(&["run", "--date", date]).is_done());
    let expected = undisturbed.everything().await;
    undisturbed.close().await;
    expected
}

/// The night, to be started in a shell that has done something before.
fn behind(office: &Office, shell: &str, date: &str) -> Command {
    let program = office.program(&["run", "--date", date]);
    let mut behind = Command::new("sh");
    behind.args(["-c", &format!("{shell} \"$@\""), "sh"]).arg(program.get_program()).args(program.get_args());
    behind.current_dir(office.path(".")).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => behind.env(name, value),
            None => behind.env_remove(name),
        };
    }
    behind
}

fn ran(mut program: Command) -> Ran {
    Ran::of(&program.output().expect("the program starts"))
}

/// It ended with the code, and said what failed, where, and what to do.
fn assert_told(ran: &Ran, code: i32, words: &[&str]) {
    let said = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    for words in ["failed to ", "hint: "].iter().chain(words) {
        assert!(said.contains(words), "{words:?} is not in {ran:?}");
    }
    assert!(!said.contains("panicked"), "{ran:?}");
}

/// The trouble is over: the next run does the rest.
async fn assert_mended(office: Office, date: &str, expected: &Everything, after: &str) {
    let again = office.run_again(date);
    assert!(again.is_done(), "{after}: {again:?}");
    assert_same(&office.everything().await, expected, after);
    let verified = office.verified(date).await;
    assert!(verified.is_clean(), "{after}: {:?}", verified.breaches);
    office.close().await;
}

/// SIGTERM, as systemd stops a unit.
async fn at_sigterm_the_chunk_in_hand_commits(office: Office) {
    let (office, expected) = before_second(office).await;
    for at in [2, 3, 12, 30, 47] {
        let stopped = office.copy().await;
        let (run, place) = halted(&stopped, &["run", "--date", SECOND], at);
        let place = place.expect("the night is long enough");
        let heads = || std::fs::read_to_string(stopped.path("sundhedskort.heads")).unwrap_or_default().lines().count();
        let (before, in_hand) = (heads(), usize::from(place.ends_with(" a commit")));
        let sent = Command::new("sh").args(["-c", &format!("kill -TERM {}", run.id())]).status().expect("a shell");
        assert!(sent.success());
        sleep(Duration::from_millis(300));
        let began = Instant::now();
        let code = go_on(run);
        assert!(matches!(code, Some(0 | 3)), "{place}: {code:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{place}: it ends within seconds");
        assert_eq!(heads() - before, in_hand, "{place}: the chunk in hand and no other");
        assert!(stopped.run(&["history"]).out.contains("interrupted"), "{place}: the book says so");
        assert_mended(stopped, SECOND, &expected, &place).await;
    }
    office.close().await;
}

/// No file may grow beyond so many blocks, as on a disk without room: the book's, the heads', the outputs'.
async fn a_full_disk_loses_nothing(office: Office) {
    let (office, expected) = before_second(office).await;
    let mut codes = BTreeSet::new();
    for blocks in [0, 1, 2, 4, 16, 100, 300, 1000] {
        let full = office.copy().await;
        let ran = ran(behind(&full, &format!("trap '' XFSZ; ulimit -f {blocks}; exec"), SECOND));
        if !ran.is_done() {
            let (code, words) = match ran.code {
                _ if full.is_a_file() => (69, "its disk has room"),
                Some(1) => (1, "to outbox: write the output: File too large"),
                _ => (69, "outside the book, in sundhedskort.heads: File too large"),
            };
            assert_told(&ran, code, &[words]);
        }
        codes.insert(ran.code);
        assert_mended(full, SECOND, &expected, &format!("{blocks} blocks")).await;
    }
    assert!(codes.contains(&Some(69)), "there was trouble: {codes:?}");
    office.close().await;
}

/// The same where only the outbox has no room; a book in a file would have none either.
#[tokio::test]
async fn a_full_outbox_is_written_by_the_next_run() {
    let date = feeds::NIGHTS[0];
    let office = Office::on_postgres().await.in_large_chunks();
    office.deliver(&feeds::to_order(60));
    let expected = undisturbed(&office, date).await;
    let told = ran(behind(&office, "trap '' XFSZ; ulimit -f 8; exec", date));
    assert_told(&told, 1, &["write print-orders-2026-01-05-1.csv to outbox: ", "File too large", "and has room"]);
    assert!(told.out.contains("60 in print"), "the report tells what was done: {told:?}");
    assert_mended(office, date, &expected, "a full outbox").await;
}

/// Without root's right to write everywhere.
async fn a_directory_that_is_shut(office: Office) {
    let (office, expected) = before_second(office).await;
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let bare = if is_root { "exec setpriv --bounding-set=-all" } else { "exec" };
    for (folder, words) in [
        ("outbox", "write print-orders-2026-01-12-1.csv to outbox: Permission denied"),
        ("archive", "create the archive folder archive/2026-01-12: Permission denied"),
        ("inbox", "move inbox/registrations-2.csv to the archive: Permission denied"),
    ] {
        let shut = office.copy().await;
        set_permissions(shut.path(folder), Permissions::from_mode(0o500)).expect("it is shut");
        assert_told(&ran(behind(&shut, bare, SECOND)), 1, &[words, "can be written"]);
        set_permissions(shut.path(folder), Permissions::from_mode(0o700)).expect("it is opened");
        assert_mended(shut, SECOND, &expected, folder).await;
    }
    office.close().await;
}

/// Another program writes the book: for a moment, and for good.
async fn a_book_that_another_program_writes(office: Office) {
    let (office, expected) = before_second(office).await;
    let hold = if office.is_a_file() { "BEGIN IMMEDIATE" } else { "BEGIN; UPDATE head SET one = 1" };
    let moment = office.copy().await;
    let mut other = Raw::open(&moment.address()).await;
    other.run(hold).await;
    let mut run = moment.program(&["run", "--date", SECOND]).stdout(Stdio::null()).spawn().expect("it starts");
    sleep(Duration::from_secs(1));
    assert_eq!(run.try_wait().expect("it can be asked"), None, "it waits");
    other.run("ROLLBACK").await;
    drop(other);
    assert_eq!(run.wait().expect("it ends").code(), Some(3));
    assert_mended(moment, SECOND, &expected, "for a moment").await;
    let mut other = Raw::open(&office.address()).await;
    other.run(hold).await;
    let told = office.run(&["run", "--date", SECOND]);
    assert_told(&told, 69, &["failed to write the book: another program has been writing it for 30 seconds"]);
    other.run("ROLLBACK").await;
    drop(other);
    assert_mended(office, SECOND, &expected, "for good").await;
}

/// Side by side: half a minute is waited for each.
#[tokio::test]
async fn locked_on_both() {
    let on_sqlite = || a_book_that_another_program_writes(Office::on_sqlite());
    let on_sqlite = thread::spawn(move || Runtime::new().expect("a runtime").block_on(on_sqlite()));
    a_book_that_another_program_writes(Office::on_postgres().await).await;
    on_sqlite.join().expect("the same in a file");
}

#[tokio::test]
async fn a_server_that_is_restarted_or_absent() {
    let cluster = Cluster::start().await;
    let (office, expected) = before_second(Office::on_cluster(&cluster.address()).await).await;
    for (at, mode) in [(2, "fast"), (9, "immediate"), (30, "fast")] {
        let cut = office.copy().await;
        let (run, place) = halted(&cut, &["run", "--date", SECOND], at);
        let place = place.expect("the night is long enough");
        cluster.control("restart", &["--mode", mode]);
        assert_eq!(go_on(run), Some(69), "{place}");
        assert_mended(cut, SECOND, &expected, &place).await;
    }
    cluster.control("stop", &["--mode", "fast"]);
    for verb in [&["run", "--date", SECOND][..], &["status"], &["card", "list"]] {
        assert_told(&office.run(verb), 69, &["failed to reach the database: ", "its server is up"]);
    }
    cluster.control("start", &[]);
    assert_mended(office, SECOND, &expected, "an absent server").await;
}

on_both! {
    sigterm_on_sqlite sigterm_on_postgres at_sigterm_the_chunk_in_hand_commits;
    full_on_sqlite full_on_postgres a_full_disk_loses_nothing;
    shut_on_sqlite shut_on_postgres a_directory_that_is_shut;
}
