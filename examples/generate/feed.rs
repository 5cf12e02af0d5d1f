//! One file of a feed, delivered as page 2.1 wants it: written as `.part`, complete by its name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A feed being written.
pub(crate) struct Feed {
    path: PathBuf,
    part: PathBuf,
    rows: u64,
    writer: csv::Writer<File>,
}

impl Feed {
    /// Begins a file in a night's directory with the header of page 2.2.
    pub(crate) fn begin(night: &Path, name: &str, header: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(night).with_context(|| format!("failed to create {}", night.display()))?;
        let path = night.join(name);
        let part = path.with_extension("part");
        let file = File::create(&part).with_context(|| format!("failed to create {}", part.display()))?;
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
        writer.write_record(header.split(','))?;
        Ok(Self { path, part, rows: 0, writer })
    }

    /// Adds a row; it must have as many cells as the header.
    pub(crate) fn row<const CELLS: usize>(&mut self, cells: [&str; CELLS]) -> anyhow::Result<()> {
        self.writer.write_record(cells).with_context(|| format!("failed to write {}", self.part.display()))?;
        self.rows += 1;
        Ok(())
    }

    /// How many rows it has so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the file and says what it holds.
    pub(crate) fn deliver(mut self) -> anyhow::Result<()> {
        self.writer.flush().with_context(|| format!("failed to write {}", self.part.display()))?;
        fs::rename(&self.part, &self.path).with_context(|| format!("failed to complete {}", self.path.display()))?;
        println!("{:>10} rows  {}", self.rows, self.path.display());
        Ok(())
    }
}

/// `yes` or `no`.
pub(crate) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
