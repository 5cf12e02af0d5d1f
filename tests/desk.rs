//! The desk's verbs as they are typed, over a small book made of a scenario's first nights: what they say, what they
//! refuse, and with which code they end.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use sundhedskort::{domain::ids::PersonId, store::Book};
use tempfile::TempDir;

/// A book in a folder of its own.
struct Desk {
    place: TempDir,
}

/// How a verb ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    /// The book after these nights of a scenario.
    fn after(scenario: &str, nights: &[&str]) -> Self {
        let desk = Self { place: tempfile::tempdir().expect("a place for a book") };
        desk.write("sundhedskort.toml", "[tariff]\n2025 = 230\n");
        let inbox = desk.place.path().join("inbox");
        std::fs::create_dir(&inbox).expect("an inbox");
        let came = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(scenario).join("nights");
        for night in nights {
            for file in std::fs::read_dir(came.join(night)).into_iter().flatten() {
                let file = file.expect("a file of the night").path();
                let name = file.file_name().expect("a file has a name");
                std::fs::copy(&file, inbox.join(name)).expect("a file comes");
            }
            let said = desk.says(&["run", "--date", night]);
            assert!(matches!(said.code, 0 | 3), "the night of {night}: {}", said.err);
        }
        desk
    }

    /// Two people whose cards K13 and K21 came back; U1, U2 and U3 lie unmatched.
    fn with_shelf() -> Self {
        let nights = ["2025-02-03", "2025-02-17", "2025-02-20", "2025-03-10", "2025-03-12"];
        Self::after("a-return-that-is-not-simply-ours", &nights)
    }

    fn says(&self, words: &[&str]) -> Said {
        self.hears("", "mette", words)
    }

    /// Types a verb as somebody, with a text on stdin.
    fn hears(&self, stdin: &str, operator: &str, words: &[&str]) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sundhedskort"))
            .args(words)
            .current_dir(self.place.path())
            .env("SUDO_USER", operator)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A verb that reads nothing may be gone already.
        let _ = child.stdin.take().expect("stdin is a pipe").write_all(stdin.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        Said {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// A verb that must end so, saying that; `~` is a space inside a word.
    #[track_caller]
    fn types(&self, line: &str, code: i32, says: &str) -> Said {
        self.types_with("", line, code, says)
    }

    #[track_caller]
    fn types_with(&self, stdin: &str, line: &str, code: i32, says: &str) -> Said {
        let words: Vec<_> = line.split(' ').map(|word| word.replace('~', " ")).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let said = self.hears(stdin, "mette", &words);
        let all = format!("{}{}", said.out, said.err);
        assert_eq!(said.code, code, "{line}: {all}");
        assert!(all.contains(says), "{line}: {all}");
        said
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.place.path().join(name), text).expect("a file is written");
    }

    fn address(&self) -> String {
        format!("sqlite:{}", self.place.path().join("sundhedskort.db").display())
    }

    /// What was looked at of one person, by whom.
    fn looks(&self, person: PersonId) -> Vec<(String, String)> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let mut book = Book::open(&self.address(), None, None, None).await.expect("the book opens");
            let looks = book.accesses(person).await.expect("the looks are read");
            looks.into_iter().map(|look| (look.operator, look.what)).collect()
        })
    }
}

#[test]
fn a_held_card_is_shown_kept_told_of_and_handed_out() {
    let desk = Desk::with_shelf();
    desk.types("card show K13", 0, "Maria Kowalska");
    desk.types("card show K37", 1, "no card of this number");
    desk.types("card show K14", 2, "check digit");
    desk.types("card list --state held", 0, "K21");
    desk.types("card list --state lying", 2, "possible values");
    desk.types("card extend K13 --to 2099-06-02 --reason in~hospital", 0, "K13 is held, last day 2099-06-02");
    desk.types("card extend K13 --to 2099-06-01 --reason earlier", 1, "failed to extend K13 (held)");
    desk.types("card told K13 --note by~telephone", 0, "K13 is held");
    desk.types("card told K13 --on 2999-01-02", 1, "still to come");
    desk.types("card collect K13 --by holder --identified-by passport --postbox-labelled", 0, "K13 is collected");
    desk.types("card collect K13 --by holder --identified-by passport", 0, "on file already");
    desk.types("card collect K13 --by nobody --identified-by passport", 2, "possible values");
    desk.types("card lost K13", 0, "K13 is lost");
    desk.types("card lost K21", 1, "it came back to us");
    let shown = desk.types("card show K13", 0, "reported_lost").out;
    let lost = shown.lines().find(|line| line.contains("reported_lost")).expect("the entry is shown");
    let event = lost.split_whitespace().next().expect("its number");
    desk.types(&format!("card undo {event} --reason wrong~card"), 0, "K13 is collected");
    desk.types("card undo E999 --reason wrong~card", 1, "no such entry");
    let looks = desk.looks(PersonId(1));
    assert_eq!(looks, vec![("mette".to_owned(), "card show K13".to_owned()); 2]);
}

#[test]
fn a_fact_against_a_rule_stands_with_a_finding_and_a_wish_against_one_is_refused() {
    let desk = Desk::with_shelf();
    desk.types("card restore K13 --reason comes~soon", 1, "it is held and not to be destroyed");
    desk.types("card send-again K13", 1, "the postbox does not carry the name");
    desk.types("card missing K13", 3, "missing-on-shelf");
    desk.types("card found K13", 0, "K13 is held");
    desk.types("card arrived K37", 1, "no card of this number");
    desk.types_with("Bo Borg\n", "card send-again K13 --co-name", 0, "K13 is posted");
    desk.types("card arrived K13", 3, "rule-broken");
    desk.types("card destroy K21", 3, "destroyed early");
    let nobody = desk.hears("", "no name", &["card", "told", "K13"]);
    assert_eq!(nobody.code, 2, "{}", nobody.err);
}

#[test]
fn a_card_to_be_destroyed_is_held_again() {
    let nights = ["2025-02-03", "2025-02-17", "2025-02-20", "2025-03-10", "2025-03-12", "2025-09-16"];
    let desk = Desk::after("a-return-that-is-not-simply-ours", &nights);
    desk.types("card list --state removal_due", 0, "K13");
    desk.types("card restore K13 --reason comes~tomorrow", 0, "K13 is held");
}

#[test]
fn unmatched_items_are_matched_forwarded_and_destroyed() {
    let desk = Desk::with_shelf();
    let list = desk.types("return list", 0, "U3").out;
    assert!(!list.contains("Nielsen"), "a list names nobody: {list}");
    desk.types("return match U1 K37", 1, "no card of this number");
    desk.types("return match U9 K13", 1, "no such item");
    desk.types("return match U1 K13", 0, "U1 is K13, which is held");
    desk.types("return forward U2 --reason police", 0, "U2 is forwarded");
    desk.types("return forward U2 --reason police", 1, "no such item");
    desk.types("return destroy U3 --reason unknown", 0, "U3 is destroyed");
    assert!(!desk.types("return list", 0, "").out.contains('U'), "nothing lies unmatched any more");
    desk.types("return list --all --format json", 0, "\"ended\":\"matched\"");
}

#[test]
fn the_shelf_is_listed_and_counted() {
    let desk = Desk::with_shelf();
    let list = desk.types("shelf --format csv", 0, "card_id,state,site,slot").out;
    assert!(list.contains("Maria Kowalska") && list.contains("U3,unmatched"), "{list}");
    assert_eq!(desk.looks(PersonId(1)), [("mette".to_owned(), "shelf".to_owned())]);
    desk.types("shelf --expiring 30", 0, "K21");
    desk.write("scan.txt", "K13\nU1\n");
    desk.types("shelf count scan.txt", 3, "K21");
    desk.types("card list --state missing", 0, "K21");
    desk.write("scan.txt", "K13\r\nK21\r\nK37\r\nU9\r\n");
    let counted = desk.types("shelf count scan.txt", 3, "no card of this number").out;
    assert!(counted.contains("no such item"), "{counted}");
    assert!(!desk.types("card list --state missing", 0, "").out.contains("K21"), "it is found");
    desk.write("scan.txt", "K13\nK21\n");
    assert!(!desk.types("shelf count scan.txt", 0, "").out.contains('K'), "everything is where it should be");
    desk.write("scan.txt", "K13\nK22\n");
    desk.types("shelf count scan.txt", 1, "line 2");
    desk.write("scan.txt", "\n");
    desk.types("shelf count scan.txt", 1, "everything would be missing");
    desk.types("shelf count no.txt", 1, "read the scanned list");
}

#[test]
fn a_request_is_entered_with_a_number_nobody_sees_decided_and_withdrawn() {
    let desk = Desk::with_shelf();
    let add = "request add --cpr --on 2025-05-05 --kind";
    let maria = "0607703666\n";
    desk.types_with(maria, &format!("{add} replacement --cause lost"), 0, "R1 is refused");
    desk.types_with(maria, &format!("{add} replacement --cause misspelt"), 1, "is no cause of it");
    desk.types_with("1706833987\n", &format!("{add} replacement --cause damaged"), 1, "nobody on file");
    desk.types_with("17068339\n", &format!("{add} replacement --cause damaged"), 1, "failed to");
    desk.types_with(maria, &format!("{add} replacement --cause damaged"), 0, "R2 is awaiting_payment");
    desk.types("request list --open", 0, "R2");
    desk.types("fee waive R2 --reason our~mistake", 0, "R2 is open, fee: free");
    desk.types("fee waive R2 --reason our~mistake", 1, "no fee is charged");
    desk.types("request withdraw R2 --reason found~it", 0, "R2 is withdrawn");
    desk.types("request withdraw R2 --reason found~it", 1, "withdrawn already");
    desk.types("request withdraw R9 --reason found~it", 1, "no request of this number");
    desk.types("request add --card K21 --on 2025-05-05 --kind replacement --cause damaged", 0, "R3 is");
    desk.types("fee decide R3 free --reason cracked", 0, "R3 is open, fee: free");
    desk.types("fee decide R9 free --reason cracked", 1, "no request of this number");
    desk.types("fee decide R3 some --reason cracked", 2, "possible values");
    desk.types("request add --kind replacement --cause damaged", 2, "--cpr");
    let listed = desk.says(&["request", "list"]);
    assert!(!listed.out.contains("0607703666") && !listed.out.contains("Kowalska"), "{}", listed.out);
}

#[test]
fn a_payment_is_found_by_what_the_citizen_has_in_hand() {
    let nights = ["2025-02-03", "2025-02-17", "2025-02-20", "2025-05-05", "2025-05-07"];
    let desk = Desk::after("payments-that-do-not-fit", &nights);
    for text in ["P-1", "R-1", "kowalska"] {
        desk.types(&format!("payment find {text}"), 0, "300.00");
    }
    desk.types("payment find P-404", 1, "none on file fits");
    assert_eq!(desk.looks(PersonId(1)).len(), 3, "every look is noted");
}

#[test]
fn people_are_found_and_their_cards_explained_with_those_of_their_children() {
    let nights = ["2025-02-03", "2025-02-17", "2025-02-20", "2025-03-10"];
    let desk = Desk::after("who-is-written-to-and-how", &nights);
    let found = desk.types_with("holm\n", "case find --name", 0, "Pia Holm").out;
    let mother = found.lines().find(|line| line.contains("Mor Holm")).expect("the mother is found");
    let mother = mother.split_whitespace().next().expect("her case");
    let hidden = desk.types_with("skjult\n", "case find --name", 0, "(protected)").out;
    assert!(!hidden.contains("Skjult") && !hidden.contains("Vestergade"), "{hidden}");
    desk.types_with("0401923994\n", "case find --cpr", 0, mother);
    desk.types_with("1706833987\n", "case find --cpr", 1, "nobody on file");
    desk.types_with("vestergade 10\n", "case find --address", 0, mother);
    desk.types_with("nobody\n", "case find --name", 1, "nobody on file fits");
    desk.types("case find --name", 1, "nothing is given");
    desk.types("case find --name holm", 2, "unexpected argument");
    desk.types("case find", 2, "required");
    desk.types("case find --reason curiosity", 2, "required");
    desk.types(&format!("case accesses {mother}"), 0, "case find  to serve the citizen");
    let explained = desk.types(&format!("case explain {mother}"), 0, "Per Holm").out;
    assert!(explained.contains("registrations-1.csv line"), "by which row: {explained}");
    assert!(explained.contains("next"), "what comes next: {explained}");
    desk.types("case explain P99", 1, "no such case");
    desk.types("case explain K14", 2, "check digit");
    desk.types("notice list --to-call", 0, "to_call");
    desk.types("notice list --all", 2, "unexpected argument");
    desk.types("case find --payment 0401923994", 2, "ten digits");
}

#[test]
fn no_access_row_no_look() {
    let desk = Desk::after("a-return-that-is-not-simply-ours", &["2025-02-03"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        use sqlx::Connection as _;
        let mut connection = sqlx::SqliteConnection::connect(&desk.address()).await.expect("the book opens");
        sqlx::query("DROP TABLE access").execute(&mut connection).await.expect("the table goes");
    });
    for line in ["card show K13", "case find --name", "case explain K13"] {
        let said = desk.types_with("maria\n", line, 69, "failed to");
        assert!(said.out.is_empty(), "{line}: {}", said.out);
    }
}
