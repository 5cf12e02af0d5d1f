//! `serve` as a process: what it tells systemd, and how it hears signals.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    os::unix::net::UnixDatagram,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use sqlx::Connection;
use sundhedskort::{
    settings::{NoFiles, Overrides, Settings},
    store::Book,
};

/// The program at work in a directory of its own, and what it tells systemd.
struct Service {
    place: tempfile::TempDir,
    process: Child,
    notices: UnixDatagram,
}

impl Service {
    fn start(place: tempfile::TempDir) -> Self {
        let socket = place.path().join("notify");
        let notices = UnixDatagram::bind(&socket).expect("a socket");
        notices.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let process = Command::new(env!("CARGO_BIN_EXE_sundhedskort"))
            .arg("serve")
            .current_dir(place.path())
            .env("NOTIFY_SOCKET", &socket)
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { place, process, notices }
    }

    /// Waits until it says something.
    fn says(&self, what: &str) -> String {
        let mut all = String::new();
        let mut buffer = [0; 4096];
        while let Ok(length) = self.notices.recv(&mut buffer) {
            let notice = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if notice.contains(what) {
                return notice;
            }
            all.push_str(&notice);
        }
        panic!("it does not say {what:?} but:\n{all}");
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
    }

    /// Waits for its end, which takes seconds at most.
    fn ends(&mut self) -> ExitStatus {
        let from = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("it can be asked") {
                return status;
            }
            assert!(from.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A directory with the same declaration for every job.
fn place(declaration: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a place");
    for name in ["jobs", "inbox"] {
        std::fs::create_dir(place.path().join(name)).expect("a directory");
    }
    std::fs::write(place.path().join("sundhedskort.toml"), "jobs = \"jobs\"\n").expect("settings");
    declare(place.path(), declaration);
    place
}

fn declare(place: &Path, declaration: &str) {
    let defaults = Settings::from_parts(&Overrides::default(), &BTreeMap::new(), &NoFiles).expect("the defaults fit");
    for job in defaults.jobs {
        std::fs::write(place.join(format!("jobs/{}.toml", job.name)), declaration).expect("a declaration");
    }
}

#[test]
fn it_is_ready_reloads_keeps_the_old_settings_when_new_ones_are_refused_and_stops() {
    let mut service = Service::start(place("enabled = false"));
    service.says("STATUS=no job has a slot");
    service.says("READY=1");
    declare(service.place.path(), "enable = false");
    service.signal("HUP");
    assert!(service.says("RELOADING=1").contains("MONOTONIC_USEC="));
    service.says("READY=1");
    service.says("the old settings stay");
    declare(service.place.path(), "days = \"Mon-Sun\"\nat = \"23:59\"");
    service.signal("HUP");
    service.says("STATUS=next at ");
    service.signal("TERM");
    service.says("STOPPING=1");
    assert_eq!(service.ends().code(), Some(0));
}

#[tokio::test]
async fn told_to_stop_it_commits_the_chunk_in_hand_and_goes_on_after_the_next_start() {
    // Due at once on any day, and slow: every row is a chunk.
    let place = place("at = \"00:00\"\nchunk = 1\nlimit = 100000");
    let mut rows = String::from("gp_number,name,street,postal_code,city,phone,valid_from,valid_to\n");
    for number in 0..20_000 {
        let _ = writeln!(rows, "{number:06},Lægerne,Vestergade 1,8000,Aarhus C,,2020-01-01,");
    }
    std::fs::write(place.path().join("inbox/practitioners-1.csv"), rows).expect("a file is delivered");
    let mut service = Service::start(place);
    service.says("STATUS=running");
    std::thread::sleep(Duration::from_secs(2));
    service.signal("TERM");
    assert_eq!(service.ends().code(), Some(0));

    let address = format!("sqlite:{}", service.place.path().join("sundhedskort.db").display());
    let mut book = Book::open(&address, None, None, None).await.expect("the book opens");
    let run = book.runs("", 1).await.expect("runs are read").remove(0);
    assert!(run.ended_at.is_some() && run.exit.is_none(), "interrupted: {run:?}");
    let taken = book.practitioners().await.expect("they are read").len();
    assert!((1..20_000).contains(&taken), "{taken}: between two chunks");
    assert!(book.latest_slots(None, 1).await.expect("slots are read")[0].is_open());
}

#[tokio::test]
async fn a_book_that_needs_a_person_is_no_service() {
    let place = place("enabled = false");
    let book = place.path().join("sundhedskort.db");
    drop(Book::open(&format!("sqlite:{}", book.display()), None, None, None).await.expect("the book opens"));
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(book);
    let mut newer = sqlx::SqliteConnection::connect_with(&options).await.expect("a connection");
    let statement = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (9999, 'of a newer program', 1, x'00', 0)";
    sqlx::query(statement).execute(&mut newer).await.expect("a newer schema");
    newer.close().await.expect("it closes");
    assert_eq!(Service::start(place).ends().code(), Some(78));
}
