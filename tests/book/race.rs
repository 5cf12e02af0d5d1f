//! Two processes race for one night: one effect, and the other names who has the book, or waits and finds nothing to do.
//!
//! A few races by default; `SUNDHEDSKORT_TEST_RACES=1000 tests/run --test book race` runs the thousand of the design.

use std::{
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use sundhedskort::night::run::host;

use crate::{
    feeds,
    office::{Everything, Office, Ran, assert_same},
};

/// Races on each database.
const RACES: u32 = 12;
/// The second process starts later by one of so many steps of a night, the first of them none: it meets the first one
/// at its begin, at work, at its end and after it.
const STEPS: u32 = 6;

fn races() -> u32 {
    std::env::var("SUNDHEDSKORT_TEST_RACES").map_or(RACES, |races| races.parse().expect("a number of races"))
}

fn start(mut program: Command) -> Child {
    program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

async fn race(office: &Office, later: Duration, waits: bool, expected: &Everything) {
    let wait = if waits { "60" } else { "0" };
    let night = ["run", "--date", feeds::NIGHTS[0], "--lock-wait", wait];
    let first = start(office.program(&night));
    sleep(later);
    let ended = [first, start(office.program(&night))]
        .map(|run| (run.id(), Ran::of(&run.wait_with_output().expect("it ends"))));
    let worked: Vec<bool> = ended.iter().map(|(_, ran)| ran.code == Some(3)).collect();
    assert_eq!(
        worked.iter().filter(|worked| **worked).count(),
        1,
        "one of them has the rejects of the night: {ended:?}"
    );
    let (winner, other) = if worked[0] { (ended[0].0, &ended[1].1) } else { (ended[1].0, &ended[0].1) };
    if other.code == Some(75) && !waits {
        let named =
            ["run 1 has the book since 20", &format!("host {}, pid {winner}\n", host()), "hint: `run --lock-wait"];
        assert!(named.iter().all(|words| other.err.contains(words)), "{other:?} against {winner}");
    } else {
        assert_eq!(other.code, Some(0), "it came when all was done: {other:?}");
    }
    assert_same(&office.everything().await, expected, "a race");
}

async fn two_race_for_one_night(office: Office) {
    office.deliver(&feeds::of_night(0));
    let alone = office.copy().await;
    let began = Instant::now();
    assert_eq!(alone.run(&["run", "--date", feeds::NIGHTS[0]]).code, Some(3));
    let step = began.elapsed() / (STEPS - 1);
    let expected = alone.everything().await;
    alone.close().await;
    for race in 0..races() {
        let copy = office.copy().await;
        self::race(&copy, step * (race % STEPS), race / STEPS % 2 == 1, &expected).await;
        copy.close().await;
    }
    office.close().await;
}

on_both! {
    race_on_sqlite race_on_postgres two_race_for_one_night;
}
