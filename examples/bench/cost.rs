//! What one run of a program costs.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use wait4::Wait4 as _;

/// Time and memory of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    /// The most memory it held at a time.
    pub(crate) peak_mib: f64,
}

/// Runs a program to its end in a directory, after what earlier ones left to the disk is written. An exit code other
/// than those accepted is an error with the program's last words.
pub(crate) fn run(command: &mut Command, directory: &Path, accepted: &[i32]) -> anyhow::Result<Cost> {
    std::fs::create_dir_all(directory)?;
    let said = directory.join("said.txt");
    command.current_dir(directory).stdout(Stdio::null()).stderr(File::create(&said)?);
    let name = command.get_program().display().to_string();
    Command::new("sync").status().context("failed to start sync")?;

    let began = Instant::now();
    let child = command.spawn().with_context(|| format!("failed to start {name}"))?;
    let used = child.wait4().with_context(|| format!("failed to wait for {name}"))?;
    let seconds = began.elapsed().as_secs_f64();

    let accepted = used.status.code().is_some_and(|code| accepted.contains(&code));
    ensure!(accepted, "{name} ended with {}:\n{}", used.status, last_lines(&std::fs::read_to_string(&said)?));
    let peak = u32::try_from(used.rusage.maxrss / 1024).context("more memory than this can count")?;
    Ok(Cost { seconds, peak_mib: f64::from(peak) / 1024.0 })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(f64::midpoint(values[low], values[high]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_stands_in_the_middle() {
        assert_eq!(median([].into_iter()), None);
        assert_eq!(median([3.0].into_iter()), Some(3.0));
        assert_eq!(median([9.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([9.0, 1.0, 2.0, 4.0].into_iter()), Some(3.0));
    }

    #[test]
    fn a_run_is_timed_and_a_failing_one_is_an_error_with_its_last_words() {
        let directory = tempfile::tempdir().unwrap();
        let cost = run(Command::new("sleep").arg("0.05"), directory.path(), &[0]).unwrap();
        assert!(cost.seconds >= 0.05 && cost.peak_mib > 0.1, "{cost:?}");
        let mut failing = Command::new("sh");
        failing.args(["-c", "echo no such table >&2; exit 3"]);
        assert!(run(&mut failing, directory.path(), &[0, 3]).is_ok());
        let error = run(&mut failing, directory.path(), &[0]).unwrap_err().to_string();
        assert!(error.ends_with("no such table"), "{error}");
    }
}
