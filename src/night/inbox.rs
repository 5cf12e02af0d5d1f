//! The inbox and the archive: which files lie there, and where they go when they are done.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::NaiveDate;

/// Files of a kind that are complete, by name: writers deliver as `.part` and rename (2.1).
///
/// # Errors
/// When the directory cannot be read; an absent one is empty.
pub fn files(inbox: &Path, kind: &str) -> Result<Vec<PathBuf>> {
    let listing = match std::fs::read_dir(inbox) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("read the inbox {}", inbox.display())),
    };
    let mut files = Vec::new();
    for entry in listing {
        let path = entry.with_context(|| format!("read the inbox {}", inbox.display()))?.path();
        if is_of(&path, kind) {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn is_of(path: &Path, kind: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.strip_suffix(".csv").and_then(|stem| stem.strip_prefix(kind));
    stem.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) && path.is_file()
}

/// Files of one name that one day's archive takes: more is not a delivery but a fault.
const SAME_NAME: u32 = 10_000;

/// Moves a finished file to `archive/<business date>/`, never over another: `-2` and so on.
///
/// # Errors
/// When the archive cannot be written.
pub fn archive(file: &Path, archive: &Path, on: NaiveDate) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = archive.join(on.to_string());
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("create the archive folder {}", folder.display()))?;
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("file");
    let free = (1..=SAME_NAME)
        .map(|n| if n == 1 { format!("{stem}.csv") } else { format!("{stem}-{n}.csv") })
        .map(|name| folder.join(name))
        .find(|target| !target.exists());
    let target = free.context("find a free name in the archive")?;
    std::fs::rename(file, &target)
        .or_else(|error| match error.kind() {
            // Inbox and archive may lie on different disks.
            std::io::ErrorKind::CrossesDevices => std::fs::copy(file, &target).and_then(|_| std::fs::remove_file(file)),
            _ => Err(error),
        })
        .with_context(|| format!("move {} to the archive", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_files_of_the_kind_are_taken_by_name() {
        let inbox = tempfile::tempdir().unwrap();
        for name in
            ["returns-2.csv", "returns-1.csv", "returns-3.csv.part", "returned-1.csv", "requests-1.csv", "returns.csv"]
        {
            std::fs::write(inbox.path().join(name), "x").unwrap();
        }
        let names: Vec<_> =
            files(inbox.path(), "returns").unwrap().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["returns-1.csv", "returns-2.csv", "returns.csv"]);
        assert!(files(&inbox.path().join("absent"), "returns").unwrap().is_empty());
    }

    #[test]
    fn the_archive_never_overwrites() {
        let place = tempfile::tempdir().unwrap();
        let on = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for content in ["one", "two"] {
            let file = place.path().join("returns-1.csv");
            std::fs::write(&file, content).unwrap();
            archive(&file, &place.path().join("archive"), on).unwrap();
            assert!(!file.exists());
        }
        let folder = place.path().join("archive/2026-03-02");
        assert_eq!(std::fs::read_to_string(folder.join("returns-1.csv")).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(folder.join("returns-1-2.csv")).unwrap(), "two");
    }
}
