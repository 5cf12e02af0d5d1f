//! Every scenario in `fixtures/`, each night twice, on both databases: the same files, the same book.

mod databases;

use std::{
    path::{Path, PathBuf},
    thread,
};

use databases::Postgres;
use sundhedskort::cli::rehearse::{How, Rehearsed, rehearse};
use tokio::runtime::Runtime;

fn scenarios() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(fixtures)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a fixture can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "there are scenarios");
    folders
}

async fn play(folder: &Path, database: Option<String>) -> Rehearsed {
    // In memory where the system has such a place, for nothing here cuts the power.
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a place for the book");
    let how = How { database, twice: true, update: false };
    match rehearse(folder, place.path(), &how).await {
        Ok(rehearsed) => rehearsed,
        Err(error) => panic!("{}: failed to {error:#}", folder.display()),
    }
}

/// A scenario on both databases, and what differs from what is expected.
async fn on_both(folder: PathBuf) -> Vec<String> {
    let embedded = play(&folder, None).await;
    let server = Postgres::create().await;
    let remote = play(&folder, Some(server.address())).await;
    server.drop().await;
    let mut wrong = Vec::new();
    for (database, rehearsed) in [("SQLite", &embedded), ("PostgreSQL", &remote)] {
        wrong.extend(rehearsed.differences.iter().map(|text| format!("{} on {database}: {text}", folder.display())));
    }
    if embedded.digest != remote.digest || embedded.book != remote.book {
        wrong.push(format!("{}: the two databases end in different books", folder.display()));
    }
    wrong
}

/// They wait for disks and servers, so they are played side by side.
#[test]
fn every_scenario_ends_as_expected_on_both_databases() {
    let wrong: Vec<String> = thread::scope(|scope| {
        let begin = |folder| scope.spawn(|| Runtime::new().expect("a runtime").block_on(on_both(folder)));
        let plays: Vec<_> = scenarios().into_iter().map(begin).collect();
        plays.into_iter().flat_map(|play| play.join().expect("a scenario is played")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_scenario_says_what_it_shows() {
    for folder in scenarios() {
        let text = std::fs::read_to_string(folder.join("scenario.toml")).expect("scenario.toml can be read");
        let scenario: toml::Table = text.parse().expect("scenario.toml is TOML");
        let about = scenario["about"].as_str().expect("about is a text");
        assert!(about.len() > 40 && about.ends_with('.'), "{}: about is a sentence", folder.display());
    }
}
