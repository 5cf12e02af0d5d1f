//! A small office in a directory of its own: settings, inbox, outbox, archive, a book, and the program run on it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use sundhedskort::store::{Book, verify::Verified};
use tempfile::TempDir;

use crate::{
    databases::Postgres,
    feeds::{self, Feed},
};

/// Besides the database and the chunks.
const SETTINGS: &str = "\
    salt_seed = 1\n\
    log_level = \"error\"\n\
    [tariff]\n\
    2026 = 225\n";

/// An office.
pub(crate) struct Office {
    place: TempDir,
    /// None: the book is a file.
    postgres: Option<Postgres>,
    /// Keys a chunk: two, so that a small night has many commits.
    chunk: usize,
}

impl Office {
    /// With a book in a file.
    pub(crate) fn on_sqlite() -> Self {
        Self::on(None)
    }

    /// With a book on a server.
    pub(crate) async fn on_postgres() -> Self {
        Self::on(Some(Postgres::create().await))
    }

    /// With a book on the server of a cluster.
    pub(crate) async fn on_cluster(address: &str) -> Self {
        Self::on(Some(Postgres::create_on(address.to_owned(), "template0 ENCODING 'UTF8'").await))
    }

    fn on(postgres: Option<Postgres>) -> Self {
        let office = Self { place: place(), postgres, chunk: 2 };
        std::fs::create_dir(office.path("inbox")).expect("an inbox");
        office.settle();
        office
    }

    /// The same office with every job in one chunk.
    pub(crate) fn in_large_chunks(mut self) -> Self {
        self.chunk = 1_000;
        self.settle();
        self
    }

    /// The book is a file, and not on a server.
    pub(crate) const fn is_a_file(&self) -> bool {
        self.postgres.is_none()
    }

    /// Writes the settings.
    fn settle(&self) {
        let mut settings = format!("database = \"{}\"\n{SETTINGS}", self.address());
        for job in sundhedskort::jobs::ALL {
            let _ = writeln!(settings, "[jobs.{}]\nchunk = {}", job.name, self.chunk);
        }
        std::fs::write(self.path("sundhedskort.toml"), settings).expect("the settings are written");
    }

    /// The same office once more: its files and its book.
    pub(crate) async fn copy(&self) -> Self {
        let postgres = match &self.postgres {
            Some(postgres) => Some(Postgres::create_on(postgres.cluster.clone(), &postgres.name).await),
            None => None,
        };
        let copy = Self { place: place(), postgres, chunk: self.chunk };
        copy_folder(self.place.path(), copy.place.path());
        copy.settle();
        copy
    }

    /// Takes its book away.
    pub(crate) async fn close(self) {
        if let Some(postgres) = self.postgres {
            postgres.drop().await;
        }
    }

    /// Where the book is.
    pub(crate) fn address(&self) -> String {
        match &self.postgres {
            Some(postgres) => postgres.address(),
            None => format!("sqlite:{}", self.path("book.db").display()),
        }
    }

    /// A file or folder of the office.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Lays files into the inbox.
    pub(crate) fn deliver(&self, feeds: &[Feed]) {
        for (name, text) in feeds {
            std::fs::write(self.path("inbox").join(name), text).expect("a file is delivered");
        }
    }

    /// The program with its arguments, to be started on this office.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sundhedskort"));
        program.args(arguments).current_dir(self.place.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SUNDHEDSKORT_") {
                program.env_remove(name);
            }
        }
        program.env("SUDO_USER", "desk");
        program
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.program(arguments).output().expect("the program starts"))
    }

    /// Delivers what comes in a night and works through it.
    pub(crate) fn night(&self, night: usize) -> Ran {
        self.deliver(&feeds::of_night(night));
        self.run(&["run", "--date", feeds::NIGHTS[night]])
    }

    /// Works through a night of which an earlier run came to a bad end. A server notices a moment later that the other
    /// end of a connection is gone; until then the lock is held.
    pub(crate) fn run_again(&self, date: &str) -> Ran {
        let wait = if self.postgres.is_some() { "60" } else { "0" };
        self.run(&["run", "--date", date, "--lock-wait", wait])
    }

    /// What `verify` finds on a day.
    pub(crate) async fn verified(&self, date: &str) -> Verified {
        let today = date.parse().expect("a date");
        self.book().await.verify(today).await.expect("the book is read")
    }

    /// The open book.
    pub(crate) async fn book(&self) -> Book {
        Book::open(&self.address(), None, Some(1), Some(self.path("sundhedskort.heads"))).await.expect("the book opens")
    }

    /// Everything that counts: the book, what lies in the outbox and the archive, and what is left in the inbox.
    pub(crate) async fn everything(&self) -> Everything {
        let mut files = BTreeMap::new();
        for folder in ["inbox", "outbox", "archive"] {
            collect(&self.path(folder), folder, &mut files);
        }
        // A report names the run, its host and its time.
        files.retain(|name, _| !name.starts_with("outbox/night-"));
        (self.book().await.digest().await.expect("the book is read"), files)
    }
}

/// The digest of the book, and the files by their place.
pub(crate) type Everything = (String, BTreeMap<String, Vec<u8>>);

/// Nothing that counts differs; what differs is named, without the content of a file.
pub(crate) fn assert_same(is: &Everything, expected: &Everything, after: &str) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&is.1), names(&expected.1), "{after}");
    for (name, bytes) in &is.1 {
        assert!(Some(bytes) == expected.1.get(name), "{after}: {name} has other bytes");
    }
    assert_eq!(is.0, expected.0, "{after}: another book");
}

/// How the program ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// Exit code; none: killed.
    pub(crate) code: Option<i32>,
    /// On stdout.
    pub(crate) out: String,
    /// On stderr.
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Done, perhaps with something to look at.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.code, Some(0 | 3))
    }
}

/// In memory where the system has such a place: what a process wrote outlives it there as well, and nothing here cuts the
/// power.
pub(crate) fn place() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a place")
}

fn collect(folder: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry can be read").path();
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &name, files);
        } else {
            files.insert(name, std::fs::read(&path).expect("a file can be read"));
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            std::fs::create_dir(&target).expect("a folder is made");
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a file is copied");
        }
    }
}
