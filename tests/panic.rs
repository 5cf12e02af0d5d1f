//! A fault of the program names nobody. This is a process of its own: what happens at a panic is one thing for all.

use std::process::Command;

/// Set in the process that is to fail.
const TO_FAIL: &str = "SUNDHEDSKORT_TEST_PANIC";

#[test]
fn a_panic_says_where_and_not_what() {
    if std::env::var_os(TO_FAIL).is_some() {
        sundhedskort::logging::withhold_panics();
        let (name, end) = (String::from("Ærø Lund"), 1);
        // In the middle of a letter: the message of this panic holds the whole text.
        assert!(name[..end].is_empty());
    }
    let this = std::env::current_exe().expect("this test is a program");
    let failed = Command::new(this).arg("--nocapture").env(TO_FAIL, "yes").output().expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&failed.stdout), String::from_utf8_lossy(&failed.stderr));
    assert!(!failed.status.success(), "{said}");
    assert!(said.contains("a fault of the program at tests/panic.rs:"), "{said}");
    assert!(!said.contains("Lund"), "{said}");
}
