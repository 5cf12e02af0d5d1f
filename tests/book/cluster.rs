//! A PostgreSQL cluster of one test's own, to be stopped and started in the middle of a night. Its programs and its owner
//! are those of the cluster that `tests/run` started.

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// A running cluster; it is gone with its directory when it is dropped.
pub(crate) struct Cluster {
    place: TempDir,
    programs: PathBuf,
    /// Of the server; it refuses to be root.
    owner: (u32, u32),
}

impl Cluster {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        let address = std::env::var("SUNDHEDSKORT_TEST_POSTGRES").expect("`tests/run` sets SUNDHEDSKORT_TEST_POSTGRES");
        let mut other = PgConnection::connect(&address).await.expect("the cluster answers");
        let (programs, data): (String, String) = sqlx::query_as(
            "SELECT setting, current_setting('data_directory') FROM pg_catalog.pg_config WHERE name = 'BINDIR'",
        )
        .fetch_one(&mut other)
        .await
        .expect("the cluster says where it is");
        let data = std::fs::metadata(data).expect("its directory is there");
        // A socket's path has at most 107 bytes, and the owner must be able to reach it.
        let place = tempfile::Builder::new()
            .permissions(PermissionsExt::from_mode(0o755))
            .tempdir_in("/tmp")
            .expect("a place for a cluster");
        let cluster = Self { place, programs: programs.into(), owner: (data.uid(), data.gid()) };
        std::os::unix::fs::chown(cluster.place.path(), Some(data.uid()), Some(data.gid())).expect("it is its owner's");
        cluster.program("initdb", &["--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]);
        cluster.control("start", &[]);
        cluster
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.place.path().display())
    }

    /// What the server has written down.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read(self.place.path().join("log")).expect("the server has a log");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// `start`, `stop` or `restart` with a mode of stopping.
    pub(crate) fn control(&self, verb: &str, mode: &[&str]) {
        let options = format!("-k {} -c listen_addresses= -F", self.place.path().display());
        let log = self.place.path().join("log").display().to_string();
        let mut arguments = vec![verb, "--wait", "--silent", "--log", &log, "--options", &options];
        if verb == "stop" {
            arguments.truncate(3);
        }
        self.program("pg_ctl", &[arguments, mode.to_vec()].concat());
    }

    fn program(&self, name: &str, arguments: &[&str]) {
        let mut program = as_owner(&self.programs.join(name), self.owner);
        program.args(arguments).arg("--pgdata").arg(self.place.path().join("data"));
        // The server that is left behind would keep a pipe open.
        let ran = program.current_dir("/tmp").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(ran.expect("it starts").success(), "{name} {arguments:?} does its work");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = as_owner(&self.programs.join("pg_ctl"), self.owner);
        stop.args(["stop", "--silent", "--mode", "immediate", "--pgdata"]).arg(self.place.path().join("data"));
        let _ = stop.current_dir("/tmp").stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn as_owner(program: &Path, (user, group): (u32, u32)) -> Command {
    if std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == user) {
        return Command::new(program);
    }
    let mut other = Command::new("setpriv");
    other.args([format!("--reuid={user}"), format!("--regid={group}")]).arg("--clear-groups").arg(program);
    other
}
