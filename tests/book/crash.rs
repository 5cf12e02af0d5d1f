//! The program is killed wherever the world outside has just changed or is about to, and started again: the same book, the
//! same files.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use tokio::runtime::Runtime;

use crate::{
    feeds,
    office::{Everything, Office, assert_same},
};

/// Kills at once: they mostly wait for the disk.
const SIDE_BY_SIDE: usize = 3;

/// Starts a run that halts at a place. Returns it with the words it halted with; none when it ended before.
pub(crate) fn halted(office: &Office, arguments: &[&str], at: u64) -> (Child, Option<String>) {
    let mut program = office.program(arguments);
    program.env("SUNDHEDSKORT_TEST_HALT_AT", at.to_string());
    let mut run =
        program.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let words = run.stderr.take().map(BufReader::new).expect("it has words");
    let halted = words.lines().map_while(Result::ok).find(|line| line.starts_with("halted "));
    (run, halted)
}

/// Lets it go on, and waits for its end.
pub(crate) fn go_on(mut run: Child) -> Option<i32> {
    drop(run.stdin.take());
    run.wait().expect("it ends").code()
}

/// Ends it as a power cut does.
pub(crate) fn kill(mut run: Child) {
    run.kill().expect("it is killed");
    run.wait().expect("it is gone");
}

/// Kills the run at a place, on a copy of the office, and runs it again. Returns the place; none when it ended before.
async fn killed_at(at: u64, office: &Office, date: &str, expected: &Everything) -> Option<String> {
    let disturbed = office.copy().await;
    let (child, place) = halted(&disturbed, &["run", "--date", date], at);
    kill(child);
    if let Some(place) = &place {
        let again = disturbed.run_again(date);
        assert!(again.is_done(), "killed {place} ({at}): {again:?}");
        assert_same(&disturbed.everything().await, expected, &format!("killed {place} ({at})"));
        let verified = disturbed.verified(date).await;
        assert!(verified.is_clean(), "killed {place} ({at}): {:?}", verified.breaches);
    }
    disturbed.close().await;
    place
}

/// Kills the run at every place there is, several side by side. Returns the kinds of places.
async fn at_every_place(office: &Office, date: &str) -> BTreeSet<String> {
    let undisturbed = office.copy().await;
    assert!(undisturbed.run(&["run", "--date", date]).is_done());
    let expected = undisturbed.everything().await;
    undisturbed.close().await;
    let next = AtomicU64::new(1);
    let kills = async || {
        let mut places = BTreeSet::new();
        while let Some(place) = killed_at(next.fetch_add(1, Ordering::Relaxed), office, date, &expected).await {
            places.insert(place);
        }
        places
    };
    thread::scope(|scope| {
        let begin = |_| scope.spawn(|| Runtime::new().expect("a runtime").block_on(kills()));
        let side_by_side: Vec<_> = (0..SIDE_BY_SIDE).map(begin).collect();
        side_by_side.into_iter().flat_map(|kills| kills.join().expect("the same book every time")).collect()
    })
}

async fn a_kill_at_every_place_changes_nothing(office: Office) {
    let mut met = BTreeSet::new();
    for (night, date) in feeds::NIGHTS.into_iter().enumerate() {
        office.deliver(&feeds::of_night(night));
        met.append(&mut at_every_place(&office, date).await);
        assert!(office.run(&["run", "--date", date]).is_done());
    }
    assert_eq!(met.len(), 12, "every kind of place is met: {met:?}");
    office.close().await;
}

on_both! {
    killed_on_sqlite killed_on_postgres a_kill_at_every_place_changes_nothing;
}
