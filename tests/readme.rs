//! Every command in README.md is run, in its order, in an empty directory, as a newcomer would.

use std::{path::Path, process::Command};

/// The commands under a heading: the lines of its indented blocks.
fn commands(readme: &str, heading: &str) -> Vec<String> {
    let from = readme.split(heading).nth(1).unwrap_or_default();
    let section = from.split("\n## ").next().unwrap_or_default();
    section.lines().filter_map(|line| line.strip_prefix("    ")).map(str::to_owned).collect()
}

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md is there")
}

#[test]
fn an_operators_first_day_goes_as_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = tempfile::tempdir().expect("an empty directory");
    std::os::unix::fs::symlink(root.join("fixtures"), place.path().join("fixtures")).expect("the fixtures are at hand");
    let programs = Path::new(env!("CARGO_BIN_EXE_sundhedskort")).parent().expect("the program lies in a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let commands = commands(&readme(), "## An operator's first day");
    assert!(commands.len() > 10, "the README has commands: {commands:?}");
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(place.path())
            .env("PATH", &path)
            .output()
            .expect("a shell runs");
        // 3 is done, with something to look at: the fixtures hold a wrong row.
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{command}: {:?}\n{}{}",
            output.status.code(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn the_two_commands_of_a_fresh_machine_are_there() {
    let commands = commands(&readme(), "## Two commands");
    assert_eq!(commands, ["cargo run -- rehearse fixtures/first-day", "tests/run"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The first one, by the binary that `cargo run` would start; `tests/run` runs this test.
    let rehearsal = Command::new(env!("CARGO_BIN_EXE_sundhedskort"))
        .args(["rehearse", "fixtures/first-day"])
        .current_dir(root)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&rehearsal.stdout);
    assert!(rehearsal.status.success(), "{said}");
    for summary in ["Night of 2026-01-19", "print-orders-2026-01-19-1.csv", "everything is as expected"] {
        assert!(said.contains(summary), "{summary}: {said}");
    }
}
