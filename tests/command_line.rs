//! The command line as people and units meet it: the real program, in a directory of its own.

mod databases;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use databases::Postgres;
use sqlx::{Connection, SqliteConnection};

const HEADER: &str = "cpr,status,registered_on,reported_at,given_names,surname,protected,digital_post,language,co_name,\
                      street,house_number,floor,door,postal_code,city,municipality_code,insurance_group,gp_number,guardian_cpr";

/// An empty directory, where everything has a default that works.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir(place.path("inbox")).expect("an inbox");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file of registrations; a row is a CPR number and a status.
    fn registrations(&self, name: &str, rows: &[(&str, &str)]) {
        let rows: Vec<_> = rows
            .iter()
            .map(|(cpr, status)| {
                format!("{cpr},{status},2026-01-05,,Ada,Lund,no,yes,en,,Vestergade,7,2,tv,8000,Aarhus C,0751,2,,")
            })
            .collect();
        fs::write(self.path("inbox").join(name), format!("{HEADER}\n{}\n", rows.join("\n"))).expect("a file comes in");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sundhedskort"));
        command.current_dir(self.0.path()).args(arguments).stdin(Stdio::null()).env_clear().env("SUDO_USER", "anna");
        command.env("SUNDHEDSKORT_LOG_LEVEL", "error").envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the program runs"))
    }

    /// Runs what must end with a code, and gives what it wrote to stdout.
    fn told(&self, arguments: &[&str], code: i32) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?} says {} and {}", ran.out, ran.err);
        ran.out
    }

    /// A book after one night: two people, two rejects, a refused file and its finding.
    fn after_a_night() -> Self {
        let place = Self::new();
        place.registrations("registrations-1.csv", &[("0607703666", "01"), ("0607703674", "01")]);
        place.registrations("registrations-2.csv", &[("6607703666", "01"), ("0607703666", "07")]);
        fs::write(place.path("inbox").join("registrations-3.csv"), "cpr,number\n").expect("a file comes in");
        place.told(&["run"], 65);
        place
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

#[test]
fn exit_0_done_or_nothing_due() {
    let place = Place::new();
    assert!(place.told(&["run"], 0).contains("Nothing was due"));
    place.registrations("registrations-1.csv", &[("0607703666", "01")]);
    place.told(&["run"], 0);
}

#[test]
fn exit_1_refused_or_not_there() {
    let place = Place::after_a_night();
    for (arguments, error) in [
        (
            &["run", "isue-cards"][..],
            "failed to find the job \"isue-cards\"\nhint: did you mean issue-cards? `sundhedskort jobs` lists them\n",
        ),
        (
            &["history", "isue-cards"],
            "failed to find the job \"isue-cards\"\nhint: did you mean issue-cards? `sundhedskort jobs` lists them\n",
        ),
        (&["history", "--run", "9"], "failed to show run 9: there is no such run\nhint: sundhedskort history\n"),
        (
            &["findings", "close", "F9", "--reason", "looked"],
            "failed to close F9: there is no such finding\nhint: sundhedskort findings list\n",
        ),
        (
            &["rejects", "show", "9"],
            "failed to show reject 9: there is no such reject\nhint: sundhedskort rejects list\n",
        ),
        (
            &["rejects", "close", "1", "9", "--reason", "looked"],
            "failed to close reject 9: there is no such reject\nhint: sundhedskort rejects list\n",
        ),
        (
            &["office", "closed", "2026-12-28", "2026-12-01", "--reason", "water"],
            "failed to close the office (open): 2026-12-01 is before 2026-12-28\n",
        ),
        (
            &["office", "closed", "2026-12-28", "2028-12-01", "--reason", "water"],
            "failed to close the office (open): 705 days are more than 366\n",
        ),
        (
            &["backup", "sundhedskort.db"],
            "failed to copy the book to sundhedskort.db: a file of that name is there\nhint: name another one\n",
        ),
        (&["rehearse", "nowhere"], "failed to read nowhere/scenario.toml: No such file or directory (os error 2)\n"),
    ] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.err.as_str(), ran.out.as_str()), (1, error, ""), "{arguments:?}");
    }
    assert!(place.told(&["rejects", "list"], 0).contains("unknown-word"), "nothing was closed halfway");
}

#[test]
fn exit_2_wrong_arguments() {
    let place = Place::new();
    for (arguments, error) in [
        (&["findings", "close", "K12", "--reason", "x"][..], "failed to read an id that does not start with F"),
        (&["findings", "close", "F1", "--reason", " "], "give a reason that a colleague understands"),
        (&["findings", "close", "F1"], "--reason <TEXT>"),
        (&["findings", "list", "--kind", "feedlate"], "no kind of finding has that name, the nearest is feed-late"),
        (&["rejects", "list", "--feed", "registration"], "[possible values: registrations,"),
        (&["run", "--accept", "3"], "--reason <TEXT>"),
        (&["run", "--date", "2026-02-30"], "invalid value '2026-02-30' for '--date <YYYY-MM-DD>'"),
        (&["statsu"], "a similar subcommand exists: 'status'"),
        (&["history", "issue-cards", "--run", "1"], "cannot be used with"),
        (&[], "Usage: sundhedskort"),
    ] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?} says {}", ran.err);
        assert!(ran.err.contains(error), "{arguments:?} says {}", ran.err);
    }
    assert!(!place.path("sundhedskort.db").exists(), "wrong arguments touch nothing");
}

#[test]
fn exit_2_nobody_at_the_desk_to_write_or_look() {
    let place = Place::after_a_night();
    for arguments in [
        &["findings", "close", "F1", "--reason", "looked"][..],
        &["rejects", "show", "1"],
        &["rejects", "export", "out"],
        &["rejects", "close", "1", "--reason", "looked"],
        &["office", "closed", "2026-12-28", "--reason", "water"],
    ] {
        let ran = Ran::of(place.command(arguments).env("SUDO_USER", "no name").output().expect("the program runs"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?} says {}", ran.err);
        assert_eq!(ran.err, "failed to name the operator: the login is not plain text\n");
    }
}

#[test]
fn ten_digits_are_refused_and_not_repeated() {
    let place = Place::new();
    for arguments in [
        &["case", "find", "0607703666"][..],
        &["case", "find", "060770-3666"],
        &["findings", "close", "F1", "--reason=0607703666"],
        &["findings", "close", "F1", "--reason", "called 060770-3666 twice"],
        &["rejects", "list", "060770 3666"],
    ] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.err.contains("ten digits look like a CPR number"), "{}", ran.err);
        assert!(!ran.err.contains("3666"), "{}", ran.err);
    }
    assert_ne!(place.run(&["findings", "close", "F1", "--reason", "batch 12345678901 of 2026-01-05"]).code, 2);
}

#[test]
fn exit_3_done_with_new_rejects() {
    let place = Place::new();
    place.registrations("registrations-1.csv", &[("0607703666", "07")]);
    place.told(&["run"], 3);
    place.told(&["run"], 0);
}

#[test]
fn exit_4_stopped_by_a_limit_or_the_date_refused() {
    let place = Place::new();
    place.registrations("registrations-1.csv", &[("0607703666", "01"), ("0607703674", "01")]);
    let mut limited = place.command(&["run"]);
    let ran = Ran::of(limited.env("SUNDHEDSKORT_JOBS_IMPORT_REGISTER_LIMIT", "1").output().expect("the program runs"));
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.out.contains("2 selected, the limit is 1: nothing was changed"), "{}", ran.out);
    let tomorrow = place.run(&["run", "--date", "2999-01-01"]);
    assert_eq!(tomorrow.code, 4);
    assert!(tomorrow.err.starts_with("failed to start a run for 2999-01-01: it is after today, "), "{}", tomorrow.err);
    assert!(tomorrow.err.ends_with("\nhint: `plan --date 2999-01-01`\n"), "{}", tomorrow.err);
    let before = place.run(&["run", "--date", "2026-01-01"]);
    assert_eq!(before.code, 4);
    assert!(before.err.ends_with(" is done already\nhint: `--force --reason ...`\n"), "{}", before.err);
    place.told(&["run", "--date", "2026-01-01", "--force", "--reason", "to show it"], 0);
    place.told(&["plan", "--date", "2999-01-01"], 3);
}

#[test]
fn exit_65_a_file_refused_whole() {
    let place = Place::after_a_night();
    let ran = place.run(&["run"]);
    assert_eq!(ran.code, 65, "it is refused at every run until it is replaced");
    assert!(ran.out.contains("registrations-3.csv: refused whole"), "{}", ran.out);
}

#[test]
fn exit_69_the_database_cannot_be_reached() {
    let place = Place::new();
    let nowhere = ["--database", "postgres://anna@127.0.0.1:1/book"];
    for verb in [&["run"][..], &["status"], &["check"], &["findings", "list"], &["store", "migrate"], &["backup", "b"]]
    {
        let ran = place.run(&[verb, &nowhere].concat());
        assert_eq!(ran.code, 69, "{verb:?} says {}", ran.err);
        assert!(ran.err.contains("reach the database"), "{verb:?} says {}", ran.err);
    }
    assert!(!place.path("b").exists(), "no half copy is left");
    assert_eq!(place.run(&["--database", "sqlite:no/such/book.db", "status"]).code, 69);
}

#[tokio::test]
async fn exit_69_without_an_access_row_there_is_no_look() {
    let place = Place::after_a_night();
    sql(&place, "CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(FAIL, 'no room'); END").await;
    for arguments in [&["rejects", "show", "1"][..], &["rejects", "export", "out"]] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (69, ""), "{arguments:?} says {}", ran.err);
    }
    assert!(!place.path("out").exists());
}

#[tokio::test]
async fn exit_70_an_invariant_broken() {
    let place = Place::after_a_night();
    sql(&place, "UPDATE finding SET facts = replace(facts, '\"id\":1', '\"id\":7')").await;
    let ran = place.run(&["findings", "list"]);
    assert_eq!(ran.code, 70);
    assert_eq!(
        ran.err,
        "failed to read the finding row 1: its facts are of another row\nhint: `sundhedskort verify`\n"
    );
}

#[test]
fn exit_75_another_run_holds_the_lock() {
    let place = Place::after_a_night();
    let lock = fs::File::create(place.path("sundhedskort.db.lock")).expect("the lock's file");
    lock.lock().expect("the lock");
    for verb in [&["run"][..], &["plan"], &["run", "--lock-wait", "1"], &["store", "migrate"]] {
        let ran = place.run(verb);
        assert_eq!((ran.code, ran.out.as_str()), (75, ""), "{verb:?} says {}", ran.err);
        assert!(ran.err.starts_with("failed to start a run: another run has the book\nhint: "), "{}", ran.err);
    }
    assert!(place.run(&["findings", "close", "F1", "--reason", "the desk passes"]).code == 0);
    drop(lock);
    place.told(&["run", "--lock-wait", "1"], 65);
}

#[test]
fn exit_78_the_settings_cannot_be_used() {
    let place = Place::new();
    fs::write(place.path("sundhedskort.toml"), "inbocks = \"in\"\n").expect("settings");
    let ran = place.run(&["config", "check"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.starts_with("failed to ") && ran.err.ends_with("hint: did you mean inbox?\n"), "{}", ran.err);
    assert_eq!(place.run(&["--config", "absent.toml", "status"]).code, 78);
    fs::remove_file(place.path("sundhedskort.toml")).expect("settings are taken away");
    assert_eq!(place.run(&["--database", "mysql://book", "status"]).code, 78);
}

#[test]
fn lists_are_tables_json_or_csv() {
    let place = Place::after_a_night();
    place.told(&["findings", "close", "F1", "--reason", "asked the register"], 0);
    place.told(&["run", "check-books"], 0);
    for list in [
        &["findings", "list", "--all"][..],
        &["rejects", "list"],
        &["rejects", "show", "1"],
        &["jobs"],
        &["history"],
        &["history", "issue-cards"],
        &["config", "show", "--origin"],
    ] {
        let table = place.told(list, 0);
        assert!(table.lines().count() > 1, "{list:?}: {table}");
        let json = place.told(&[list, &["--format", "json"]].concat(), 0);
        let lines: Vec<serde_json::Value> =
            json.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
        let (summary, rows) = lines.split_last().expect("there is a summary");
        assert_eq!((&summary["schema"], &summary["rows"]), (&1.into(), &rows.len().into()), "{list:?}");
        let csv = place.told(&[list, &["--format", "csv"]].concat(), 0);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        assert_eq!(reader.records().collect::<Result<Vec<_>, _>>().expect("rows").len(), rows.len(), "{list:?}");
        assert!(rows.iter().all(|row| header.iter().all(|name| row[name.as_str()].is_string())), "{list:?}");
    }
    for one in [&["status"][..], &["history", "--run", "1"], &["run"], &["plan"]] {
        let ran = place.run(&[one, &["--format", "json"]].concat());
        let last = ran.out.lines().last().unwrap_or_default();
        let summary: serde_json::Value = serde_json::from_str(last).expect("the last line is JSON");
        assert_eq!(summary["schema"], 1, "{one:?}");
    }
}

#[test]
fn a_finding_is_closed_once_with_the_operator_s_name() {
    let place = Place::after_a_night();
    assert!(place.told(&["findings", "list", "--kind", "file-refused"], 0).contains("registrations-3.csv"));
    assert!(!place.told(&["findings", "list", "--kind", "feed-late"], 0).contains("registrations-3.csv"));
    assert_eq!(place.told(&["findings", "close", "f1", "--reason", "asked the register"], 0), "F1 is closed\n");
    let again = place.run(&["findings", "close", "F1", "--reason", "asked the register"]);
    assert_eq!(again.code, 1);
    assert!(again.err.starts_with("failed to close F1: anna closed it on 20"), "{}", again.err);
    assert!(!place.told(&["findings", "list"], 0).contains("F1"));
    assert!(place.told(&["findings", "list", "--all"], 0).contains("anna"));
}

#[tokio::test]
async fn who_looks_at_rejected_rows_leaves_an_access_row_first() {
    let place = Place::after_a_night();
    assert!(!place.told(&["rejects", "list"], 0).contains("Lund"), "the list shows no row");
    assert_eq!(accesses(&place).await, Vec::<String>::new());
    assert!(place.told(&["rejects", "show", "1"], 0).contains("6607703666,01,2026-01-05,,Ada,Lund"));
    place.told(&["rejects", "export", "out", "--reason", "the register asks for them"], 0);
    assert_eq!(
        accesses(&place).await,
        ["anna: rejects show 1: to correct the row", "anna: rejects export 1 2: the register asks for them"]
    );
}

#[test]
fn rejected_rows_are_exported_as_they_came_corrected_and_delivered_again() {
    let place = Place::after_a_night();
    let told = place.told(&["rejects", "export", "out", "--format", "csv"], 0);
    let name = told.lines().nth(1).and_then(|row| row.split(',').next()).expect("a file").to_owned();
    let file = place.path("out").join(&name);
    let text = fs::read_to_string(&file).expect("the file is there");
    assert_eq!(text.lines().count(), 3);
    assert!(text.starts_with(&format!("{HEADER}\n6607703666,01,")), "{text}");
    assert_eq!(mode(&file), 0o600);
    assert!(told.contains(&format!("{name},3,2,status,unknown-word,")), "{told}");

    let second = place.told(&["rejects", "export", "out", "--feed", "registrations"], 0);
    assert!(second.contains("-2.csv"), "an export is never written over: {second}");
    let none = place.told(&["rejects", "export", "out", "--feed", "payments", "--format", "json"], 0);
    assert_eq!(none, "{\"rows\":0,\"schema\":1}\n");

    let corrected = text.replace("6607703666,01", "0607703682,01").replace(",07,", ",01,");
    fs::write(place.path("inbox/registrations-4.csv"), corrected).expect("it is delivered again");
    fs::remove_file(place.path("inbox/registrations-3.csv")).expect("the refused file is taken away");
    assert!(place.told(&["run"], 0).contains("registrations-4.csv"));
    assert_eq!(place.told(&["rejects", "close", "1", "2", "--reason", "delivered again"], 0), "closed 1, 2\n");
    let ran = place.run(&["rejects", "close", "2", "--reason", "once more"]);
    assert_eq!((ran.code, ran.err.ends_with("\nhint: sundhedskort rejects show 2\n")), (1, true), "{}", ran.err);
    assert!(place.told(&["rejects", "list", "--all"], 0).contains("delivered again"));
}

#[test]
fn one_file_of_rejects_holds_one_feed_and_is_never_written_over() {
    let place = Place::after_a_night();
    fs::write(
        place.path("inbox/producer-answers-1.csv"),
        "outcome;on;reason;batch_id;card_id\nposted;tomorrow;;B1;K13\n",
    )
    .expect("a file comes in");
    place.told(&["run"], 65);
    let ran = place.run(&["rejects", "export", "one.csv"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.ends_with("hint: name a directory, or one feed with --feed\n"), "{}", ran.err);
    assert!(!place.path("one.csv").exists());
    place.told(&["rejects", "export", "one.csv", "--feed", "producer-answers"], 0);
    let text = fs::read_to_string(place.path("one.csv")).expect("the file is there");
    assert_eq!(text, "outcome;on;reason;batch_id;card_id\nposted;tomorrow;;B1;K13\n");
    let again = place.run(&["rejects", "export", "one.csv", "--feed", "producer-answers"]);
    assert_eq!((again.code, again.err.contains("none is overwritten")), (1, true), "{}", again.err);
}

#[test]
fn check_is_clean_or_says_what_stands_badly() {
    let place = Place::new();
    assert!(place.told(&["check"], 1).contains("no night has run yet"));
    let empty = place.told(&["check", "--nagios"], 2);
    assert!(empty.starts_with("SUNDHEDSKORT CRITICAL - no night has run yet | findings=0 "), "{empty}");
    place.told(&["run"], 0);
    assert_eq!(place.told(&["check"], 0), "nothing stands badly\n");
    place.registrations("registrations-1.csv", &[("0607703666", "07")]);
    place.told(&["run"], 3);
    assert_eq!(place.told(&["check"], 0), "nothing stands badly\n", "a reject is the day's work");
    fs::write(place.path("inbox").join("registrations-3.csv"), "cpr,number\n").expect("a file comes in");
    place.told(&["run"], 65);
    assert!(place.told(&["check"], 1).contains("1 file-refused, the oldest is F1"));
    assert!(place.told(&["check", "--nagios"], 1).starts_with("SUNDHEDSKORT WARNING - 1 file-refused"));
    let status = place.told(&["status"], 0);
    assert!(status.contains("warning: 1 file-refused, the oldest is F1") && status.contains("rejects"), "{status}");
    let unknown = place.told(&["--database", "sqlite:no/such/book.db", "check", "--nagios"], 3);
    assert!(unknown.starts_with("SUNDHEDSKORT UNKNOWN - failed to reach the database"), "{unknown}");
}

#[test]
fn check_tells_of_a_limit_a_failure_and_an_interrupted_run() {
    let place = Place::new();
    place.registrations("registrations-1.csv", &[("0607703666", "01"), ("0607703674", "01")]);
    let mut limited = place.command(&["run"]);
    limited.env("SUNDHEDSKORT_JOBS_IMPORT_REGISTER_LIMIT", "1").output().expect("the program runs");
    let told = place.told(&["check"], 1);
    assert!(told.contains("import-register stopped at its limit in run 1"), "{told}");
    place.told(&["run", "--date", "2026-01-06", "--force", "--reason", "an old night alone"], 0);
    let told = place.told(&["check"], 1);
    assert!(told.contains(" jobs did not run for 20"), "{told}");
}

#[test]
fn history_tells_a_run_with_files_rejects_and_its_journal() {
    let place = Place::new();
    place.registrations("registrations-1.csv", &[("0607703666", "07")]);
    let mut unit = place.command(&["run"]);
    let ran = Ran::of(unit.env("INVOCATION_ID", "0123abcd").output().expect("the program runs"));
    assert_eq!(ran.code, 3);
    let told = place.told(&["history", "--run", "1"], 0);
    for part in ["journalctl _SYSTEMD_INVOCATION_ID=0123abcd", "registrations-1.csv", "unknown-word", "whole night"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("Lund"), "{told}");
    assert!(place.told(&["jobs"], 0).contains("import-register"));
}

#[tokio::test]
async fn a_closure_is_entered_once_and_stands_in_the_ledger() {
    let place = Place::new();
    let close = ["office", "closed", "2026-12-28", "2026-12-29", "--reason", "water in the cellar"];
    assert_eq!(
        place.told(&close, 0),
        "C1: the office is closed from 2026-12-28 to 2026-12-29; people whose card is kept longer: 0\n"
    );
    assert_eq!(place.told(&close, 0), "the office is closed from 2026-12-28 to 2026-12-29 already\n");
    assert_eq!(
        place.told(&["office", "closed", "2026-12-29", "--reason", "once more"], 0),
        "the office is closed on 2026-12-29 already\n"
    );
    let mut book = open(&place.path("sundhedskort.db")).await;
    let entries: Vec<(String, String)> =
        sqlx::query_as("SELECT text, said FROM ledger ORDER BY seq").fetch_all(&mut book).await.expect("the ledger");
    assert_eq!(entries.len(), 1);
    assert!(entries[0].0.contains("\"operator\":\"anna\"") && entries[0].1 == "water in the cellar");
}

#[tokio::test]
async fn a_closure_keeps_cards_on_the_shelf_longer() {
    let place = Place::new();
    place.registrations("registrations-1.csv", &[("0607703666", "01")]);
    place.told(&["run"], 0);
    let today = place.told(&["history", "--format", "csv"], 0);
    let today = today.lines().nth(1).and_then(|row| row.split(',').nth(1)).expect("a run").to_owned();
    let answers = format!("batch_id,card_id,outcome,on,reason\nB1,K13,posted,{today},\n");
    let returns = format!("card_id,cpr,name,returned_on,carrier_reason,site,slot\nK13,,,{today},Moved,Dokk1,A1\n");
    fs::write(place.path("inbox/producer-answers-1.csv"), answers).expect("a file comes in");
    fs::write(place.path("inbox/returns-1.csv"), returns).expect("a file comes in");
    place.run(&["run"]);
    let mut book = open(&place.path("sundhedskort.db")).await;
    let mut last_day = async || -> String {
        sqlx::query_scalar("SELECT last_day FROM hold").fetch_one(&mut book).await.expect("a card is on the shelf")
    };
    let before = last_day().await;
    let told = place.told(&["office", "closed", &before, "--reason", "water in the cellar"], 0);
    assert_eq!(told, format!("C1: the office is closed on {before}; people whose card is kept longer: 1\n"));
    assert!(last_day().await > before);
}

#[tokio::test]
async fn a_backup_is_the_whole_book_for_its_owner_alone() {
    let place = Place::after_a_night();
    let told = place.told(&["backup", "copy.db"], 0);
    assert!(told.starts_with("the book up to entry ") && told.ends_with(" is in copy.db\n"), "{told}");
    assert_eq!(mode(&place.path("copy.db")), 0o600);
    let of_book = place.told(&["findings", "list"], 0);
    assert_eq!(place.told(&["--database", "sqlite:copy.db", "findings", "list"], 0), of_book);
    assert_eq!(place.run(&["backup", "copy.db"]).code, 1, "a backup is never written over");
    let mut copy = open(&place.path("copy.db")).await;
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await.expect("it is checked");
    assert_eq!(sound, "ok");
}

#[test]
fn each_night_leaves_a_report_and_another_run_only_if_it_did_something() {
    let place = Place::new();
    let report = |number: u8| {
        let name = format!("outbox/night-2026-01-05-{number}.json");
        let text = fs::read_to_string(place.path(&name)).ok()?;
        Some(serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON"))
    };
    let night = ["run", "--date", "2026-01-05"];
    place.told(&night, 0);
    assert_eq!(report(1).expect("a quiet night as well")["exit_code"], 0);
    place.told(&night, 0);
    assert_eq!(report(2), None);
    place.registrations("registrations-1.csv", &[("3102701234", "01")]);
    place.told(&["run", "import-register", "--date", "2026-01-05"], 3);
    let late = report(2).expect("it had a row to reject");
    assert_eq!((&late["run"], &late["exit_code"]), (&3.into(), &3.into()));
    assert_eq!(late["jobs"][0]["files"][0]["counts"]["rejected"], 1);
    // It stays in the book until it is a file.
    fs::remove_dir_all(place.path("outbox")).expect("the outbox goes");
    fs::write(place.path("outbox"), "no directory").expect("a file is in its way");
    place.registrations("registrations-2.csv", &[("3102701235", "01")]);
    place.told(&night, 1);
    fs::remove_file(place.path("outbox")).expect("the way is free");
    place.told(&night, 0);
    assert_eq!(report(3).expect("it is written later")["exit_code"], 3);
}

#[test]
fn a_job_by_hand_says_what_an_earlier_one_has_not_read() {
    let place = Place::new();
    place.registrations("registrations-1.csv", &[("0607703666", "01")]);
    let said = place.told(&["run", "issue-cards", "send-print-orders", "--date", "2026-01-05"], 0);
    let message = "issue-cards: registrations-1.csv was not read: it is for import-register, which comes before";
    assert_eq!(said.matches("was not read").count(), 1, "{said}");
    assert!(said.contains(message), "{said}");
    let said = place.told(&["run", "import-register", "--date", "2026-01-05"], 0);
    assert!(!said.contains("was not read"), "{said}");
}

#[tokio::test]
async fn the_verbs_speak_to_both_databases_alike() {
    let server = Postgres::create().await;
    let address = server.address();
    let (remote, embedded) = (Place::new(), Place::new());
    for (place, database) in [(&remote, address.as_str()), (&embedded, "sqlite:sundhedskort.db")] {
        fs::write(place.path("sundhedskort.toml"), format!("database = \"{database}\"\n")).expect("settings");
        place.registrations("registrations-1.csv", &[("0607703666", "01"), ("6607703666", "01")]);
        fs::write(place.path("inbox").join("registrations-3.csv"), "cpr,number\n").expect("a file comes in");
        place.told(&["run"], 65);
    }
    for (verb, code) in [
        (&["findings", "list"][..], 0),
        (&["findings", "list", "--all", "--kind", "file-refused"], 0),
        (&["findings", "close", "F1", "--reason", "asked the register"], 0),
        (&["rejects", "list", "--feed", "registrations"], 0),
        (&["rejects", "show", "1"], 0),
        (&["rejects", "export", "out"], 0),
        (&["rejects", "close", "1", "--reason", "need not be"], 0),
        (&["rejects", "list", "--all"], 0),
        (&["office", "closed", "2026-12-28", "--reason", "water"], 0),
        (&["check"], 0),
        (&["check", "--nagios"], 0),
        (&["run", "--format", "json"], 65),
        (&["history", "--run", "3"], 1),
        (&["store", "migrate"], 0),
    ] {
        assert_eq!(remote.told(verb, code), embedded.told(verb, code), "{verb:?}");
    }
    for verb in [&["status"][..], &["jobs"], &["history"], &["history", "issue-cards"], &["history", "--run", "1"]] {
        assert_eq!(remote.told(verb, 0).lines().count(), embedded.told(verb, 0).lines().count(), "{verb:?}");
    }
    assert!(remote.told(&["backup", "copy"], 0).starts_with("the book with at least "));
    assert_eq!(mode(&remote.path("copy")), 0o600);
    assert!(fs::read(remote.path("copy")).expect("the copy").starts_with(b"PGDMP"), "it is pg_dump's custom format");
    let without = remote.command(&["backup", "other"]).env("PATH", "").output().expect("the program runs");
    let without = Ran::of(without);
    assert_eq!(without.code, 1);
    assert_eq!(
        without.err,
        "failed to copy the book to other: run pg_dump: it is not installed\nhint: Debian has it in postgresql-client\n"
    );
    assert!(!remote.path("other").exists());
    server.drop().await;
}

#[tokio::test]
async fn an_older_schema_is_refused_until_it_is_migrated() {
    let place = Place::new();
    assert_eq!(place.told(&["store", "migrate"], 0), "the book is created with schema 1\n");
    assert_eq!(place.told(&["store", "migrate"], 0), "the book has schema 1 already\n");
    sql(&place, "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations")
        .await;
    for verb in [&["status"][..], &["store", "migrate"]] {
        let ran = place.run(verb);
        assert_eq!(ran.code, 78, "{}", ran.err);
        assert_eq!(
            ran.err,
            "failed to use the book: its schema is newer than this program\nhint: install the newer program\n"
        );
    }
}

#[test]
fn settings_are_checked_and_shown_without_secrets() {
    let place = Place::new();
    assert!(place.told(&["config", "check"], 0).starts_with("the settings can be used\n"));
    fs::write(place.path("secret"), "hunter2\n").expect("a password");
    let mut shown = place.command(&["config", "show", "--origin", "--database", "postgres://anna@db/book"]);
    let ran = Ran::of(shown.env("SUNDHEDSKORT_DATABASE_PASSWORD_FILE", "secret").output().expect("the program runs"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains("hunter2"), "{}", ran.out);
    assert!(ran.out.contains("flag") && ran.out.contains("environment SUNDHEDSKORT_DATABASE_PASSWORD_FILE"));
    assert!(!place.path("sundhedskort.db").exists(), "settings need no book");
}

#[test]
fn man_pages_and_completions_are_made_for_every_verb() {
    let place = Place::new();
    fs::write(place.path("sundhedskort.toml"), "no_such_key = 1\n").expect("settings of no use");
    place.told(&["man", "pages"], 0);
    let help = place.told(&["help"], 0);
    let verbs = help.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next()).expect("a list of verbs");
    let verbs: Vec<_> = verbs
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    assert!(verbs.len() > 10, "{verbs:?}");
    for verb in verbs {
        let page =
            fs::read_to_string(place.path("pages").join(format!("sundhedskort-{verb}.1"))).expect("a page a verb");
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{verb}");
        for shell in ["bash", "zsh", "fish"] {
            assert!(place.told(&["completions", shell], 0).contains(verb), "{verb} for {shell}");
        }
    }
    let page = fs::read_to_string(place.path("pages/sundhedskort.1")).expect("a page for the program");
    assert!(page.contains("a file was refused whole"), "the exit codes are in the manual");
}

#[test]
fn a_reader_who_has_read_enough_is_no_failure() {
    let place = Place::after_a_night();
    let mut program =
        place.command(&["config", "show"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(program.stdout.take());
    let ran = program.wait_with_output().expect("it ends");
    assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn what_a_file_says_cannot_move_the_cursor() {
    let place = Place::new();
    fs::write(place.path("inbox").join("registrations-\u{1b}[2J.csv"), "cpr,number\n").expect("a file comes in");
    place.told(&["run"], 65);
    assert!(!place.told(&["findings", "list"], 0).contains('\u{1b}'));
    assert!(!place.told(&["run"], 65).contains('\u{1b}'));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file is there").permissions().mode() & 0o777
}

async fn open(book: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", book.display())).await.expect("the book opens")
}

async fn sql(place: &Place, statement: &'static str) {
    let mut book = open(&place.path("sundhedskort.db")).await;
    sqlx::query(statement).execute(&mut book).await.expect("the statement runs");
}

async fn accesses(place: &Place) -> Vec<String> {
    let mut book = open(&place.path("sundhedskort.db")).await;
    sqlx::query_scalar("SELECT operator || ': ' || what || ': ' || why FROM access ORDER BY id")
        .fetch_all(&mut book)
        .await
        .expect("the access rows")
}

#[tokio::test]
async fn a_new_book_is_made_once_however_many_open_it_at_once() {
    let server = Postgres::create().await;
    for database in ["sqlite:book.db", &server.address()] {
        let place = Place::new();
        let all: Vec<_> = (0..6)
            .map(|_| {
                place.command(&["--database", database, "jobs"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
            })
            .collect();
        for one in all {
            let ran = Ran::of(one.expect("the program starts").wait_with_output().expect("it ends"));
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{database}");
        }
    }
    server.drop().await;
}
