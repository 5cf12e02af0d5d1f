//! The two sides of the comparison and what each does with the same file in an empty directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use clap::ValueEnum;

use crate::Arguments;
use crate::cost::{Cost, run};

/// The business date of both; it stands in the peers' SQL.
pub(crate) const TODAY: &str = "2026-11-22";

const DONE: i32 = 0;
/// The program's exit code for "done, with new rejects or findings".
const DONE_WITH_FINDINGS: i32 = 3;

/// Where both keep their book.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum Database {
    /// A file.
    Sqlite,
    /// A cluster that runs already.
    Postgres,
}

/// Who does the work.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(crate) enum Side {
    /// Plain SQL in the database's own shell.
    Peer,
    /// This program.
    Ours,
}

/// One side's turn, in a directory of its own.
pub(crate) struct Round<'a> {
    side: Side,
    directory: &'a Path,
    data: &'a Path,
    program: PathBuf,
    peers: Option<&'a Path>,
    people: u64,
    /// The address of the side's own PostgreSQL database.
    address: Option<String>,
}

impl<'a> Round<'a> {
    /// Makes the empty book's place; the book itself is made by the load.
    pub(crate) fn new(
        side: Side,
        database: Database,
        directory: &'a Path,
        data: &'a Path,
        programs: &Path,
        arguments: &'a Arguments,
    ) -> anyhow::Result<Self> {
        let address = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(empty_database(side, directory)?),
        };
        let program = programs.join("sundhedskort");
        let (peers, people) = (arguments.peers.as_deref(), arguments.people);
        Ok(Self { side, directory, data, program, peers, people, address })
    }

    /// Takes in the registrations.
    pub(crate) fn load(&self) -> anyhow::Result<Cost> {
        match self.side {
            Side::Peer => {
                self.deliver("registrations-1.csv", &self.directory.join("registrations.csv"))?;
                self.shell("load")
            }
            Side::Ours => {
                self.deliver("registrations-1.csv", &self.directory.join("inbox/registrations-1.csv"))?;
                self.jobs(&["import-register"])
            }
        }
    }

    /// Queues every due card and writes the print orders.
    pub(crate) fn night(&self) -> anyhow::Result<Cost> {
        match self.side {
            Side::Peer => self.shell("night"),
            Side::Ours => {
                // The peers know no practitioners, so taking them in is not measured.
                self.deliver("practitioners-1.csv", &self.directory.join("inbox/practitioners-1.csv"))?;
                self.jobs(&["import-practitioners"])?;
                self.jobs(&["issue-cards", "send-print-orders"])
            }
        }
    }

    /// How many cards were ordered: the lines of the print orders without their headers.
    pub(crate) fn print_orders(&self) -> anyhow::Result<usize> {
        let outbox = match self.side {
            Side::Peer => self.directory.to_owned(),
            Side::Ours => self.directory.join("outbox"),
        };
        let mut ordered = 0;
        for file in fs::read_dir(&outbox).context("failed to find the print orders")? {
            let file = file?;
            let name = file.file_name();
            let name = Path::new(&name);
            if name.to_string_lossy().starts_with("print-orders") && name.extension() == Some("csv".as_ref()) {
                ordered += csv::Reader::from_path(file.path())?.into_byte_records().count();
            }
        }
        Ok(ordered)
    }

    fn deliver(&self, file: &str, to: &Path) -> anyhow::Result<()> {
        let from = self.data.join("night-1").join(file);
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        // A link costs nothing, and both sides then read the same pages.
        fs::hard_link(&from, to).or_else(|_| fs::copy(&from, to).map(|_| ())).context("failed to deliver a feed")
    }

    fn jobs(&self, jobs: &[&str]) -> anyhow::Result<Cost> {
        let mut program = Command::new(&self.program);
        program.arg("run").args(jobs).args(["--date", TODAY, "--accept", &self.people.to_string()]);
        program.args(["--reason", "benchmark"]);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SUNDHEDSKORT_")) {
            program.env_remove(name);
        }
        if let Some(address) = &self.address {
            program.env("SUNDHEDSKORT_DATABASE", address);
        }
        let cost = run(&mut program, self.directory, &[DONE, DONE_WITH_FINDINGS])?;
        let left = fs::read_dir(self.directory.join("inbox"))?.count();
        ensure!(left == 0, "{jobs:?} left {left} files in the inbox");
        Ok(cost)
    }

    fn shell(&self, what: &str) -> anyhow::Result<Cost> {
        let (name, built_in) = match (what, &self.address) {
            ("load", None) => ("load.sql", include_str!("load.sql")),
            ("load", Some(_)) => ("load.postgres.sql", include_str!("load.postgres.sql")),
            (_, None) => ("night.sql", include_str!("night.sql")),
            (_, Some(_)) => ("night.postgres.sql", include_str!("night.postgres.sql")),
        };
        let sql = self.directory.join(name);
        match self.peers {
            Some(peers) => fs::copy(peers.join(name), &sql).map(|_| ()),
            None => fs::write(&sql, built_in),
        }
        .with_context(|| format!("failed to lay out {name}"))?;
        let mut shell = match &self.address {
            None => Command::new("sqlite3"),
            Some(address) => psql(address),
        };
        if self.address.is_none() {
            shell.arg("peer.db");
        }
        run(shell.stdin(File::open(&sql)?), self.directory, &[DONE])
    }
}

fn psql(address: &str) -> Command {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", address]);
    psql
}

/// A new database of the side's own; the rules of sorting are the fastest for both.
fn empty_database(side: Side, directory: &Path) -> anyhow::Result<String> {
    let variable = "SUNDHEDSKORT_TEST_POSTGRES";
    let cluster = std::env::var(variable).with_context(|| format!("failed to find a cluster in {variable}"))?;
    let name = format!("sundhedskort_bench_{side:?}").to_lowercase();
    let mut make = psql(&cluster);
    make.args(["--command", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), "--command"]);
    make.arg(format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING UTF8 LOCALE_PROVIDER libc LOCALE 'C.UTF-8'"));
    run(&mut make, directory, &[DONE]).context("failed to make a database")?;
    in_database(&cluster, &name)
}

/// The same cluster's address, for another of its databases.
fn in_database(cluster: &str, name: &str) -> anyhow::Result<String> {
    let (address, options) = cluster.split_once('?').unwrap_or((cluster, ""));
    let Some((scheme, rest)) = address.split_once("://") else {
        bail!("the cluster's address is not like postgres://HOST/DATABASE");
    };
    let host = rest.split('/').next().unwrap_or_default();
    let mark = if options.is_empty() { "" } else { "?" };
    Ok(format!("{scheme}://{host}/{name}{mark}{options}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_in_an_address_is_exchanged() {
        for (cluster, expected) in [
            ("postgres://me@localhost/postgres?host=/tmp/run", "postgres://me@localhost/own?host=/tmp/run"),
            ("postgres://me@localhost", "postgres://me@localhost/own"),
            ("postgres:///?host=/tmp/run", "postgres:///own?host=/tmp/run"),
        ] {
            assert_eq!(in_database(cluster, "own").unwrap(), expected);
        }
        assert!(in_database("sqlite:book.db", "own").is_err());
    }
}
