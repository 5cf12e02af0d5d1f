//! The program is killed wherever the world outside has just changed or is about to, and started again: the same book, the
//! same files.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::{feeds, office::Office};

/// More places than any night here passes.
const NO_END: u64 = 1_000;

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

/// Kills the run at every place there is, each on its own copy of the office. Returns how often at which kind of place.
async fn at_every_place(office: &Office, date: &str) -> BTreeMap<String, u64> {
    let run = ["run", "--date", date];
    let undisturbed = office.copy().await;
    assert!(undisturbed.run(&run).is_done());
    let expected = undisturbed.everything().await;
    undisturbed.close().await;
    let mut places = BTreeMap::new();
    for at in 1..NO_END {
        let disturbed = office.copy().await;
        let (child, place) = halted(&disturbed, &run, at);
        kill(child);
        if let Some(place) = &place {
            let again = disturbed.run(&run);
            assert!(again.is_done(), "killed {place} ({at}): {again:?}");
            let (digest, files) = disturbed.everything().await;
            let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&files), names(&expected.1), "killed {place} ({at})");
            assert!(files == expected.1, "killed {place} ({at}): a file has other bytes");
            assert_eq!(digest, expected.0, "killed {place} ({at})");
            let verified = disturbed.run(&["verify"]);
            assert_eq!(verified.code, Some(0), "killed {place} ({at}): {verified:?}");
        }
        disturbed.close().await;
        match place {
            Some(place) => *places.entry(place).or_default() += 1,
            None => return places,
        }
    }
    panic!("a small night has no end");
}

async fn a_kill_at_every_place_changes_nothing(office: Office) {
    let mut met = BTreeMap::new();
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
