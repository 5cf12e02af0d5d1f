//! Places at which a test stops the program to kill it there, or to let another process in between.
//!
//! With `SUNDHEDSKORT_TEST_HALT_AT=7` the seventh place that is passed says so on stderr and waits until stdin ends: a
//! test kills the process meanwhile, or closes its stdin and lets it go on. Without the variable nothing is looked at. The
//! places are in every build, so that what is tested is what is installed; whoever can set a variable of the process can
//! stop it anyway.

use std::{
    io::Read,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The variable. It is no setting: the settings leave `SUNDHEDSKORT_TEST_` alone.
pub const VARIABLE: &str = "SUNDHEDSKORT_TEST_HALT_AT";

static HALT_AT: OnceLock<Option<u64>> = OnceLock::new();
static PASSED: AtomicU64 = AtomicU64::new(0);

/// A place where the world outside has just changed, or is about to.
pub fn pass(place: &str) {
    let read = || std::env::var(VARIABLE).ok()?.parse().ok();
    let Some(halt_at) = *HALT_AT.get_or_init(read) else { return };
    if PASSED.fetch_add(1, Ordering::Relaxed) + 1 == halt_at {
        eprintln!("halted {place}");
        // A test that is gone closes stdin as well.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    }
}
