//! `rehearse`: a scenario, night by night on a virtual calendar, in a throw-away book, compared with what is expected.
//!
//! A scenario is a folder that a caseworker can read:
//!
//! ```text
//! scenario.toml            what it shows, which nights, which settings differ
//! nights/2026-01-05/       what lies in the inbox that night; desk.txt: what the desk types on that day,
//!                          with what it answers behind <<<
//! expected/2026-01-05/     what that night writes; night.txt: its summary; desk.txt: what the desk reads
//! expected/book.txt        where everything is at the end
//! ```

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ffi::OsString,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;

use super::{Session, ask::Answers, output, type_in};
use crate::{
    clock::Clock,
    domain::{case::Case, ids::PersonId},
    exit::Exit,
    night::{
        Stop, open,
        report::{JobReport, Report},
        run::{Order, run as run_jobs},
    },
    settings::{Overrides, Settings},
    store::{Book, head::Head},
};

/// Arguments of `rehearse`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario's folder.
    scenario: PathBuf,
    /// Rewrite what is expected.
    #[arg(long)]
    update: bool,
    /// Keep the book, and say where.
    #[arg(long)]
    keep: bool,
    /// Plan every night, run it as planned, and run it again: that changes nothing.
    #[arg(long)]
    twice: bool,
}

/// `scenario.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows, in one sentence.
    #[expect(dead_code, reason = "it is for the reader of the folder; its presence is checked")]
    about: String,
    /// Dates, or `first..last` for every day between.
    nights: Vec<String>,
    /// Settings that differ, by key.
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

/// How a rehearsal went.
#[derive(Debug, Default)]
pub struct Rehearsed {
    /// What differs from the expectation, a paragraph each.
    pub differences: Vec<String>,
    /// The head of the ledger at the end.
    pub head: Head,
    /// The digest of the book at the end.
    pub digest: String,
    /// Where everything is at the end.
    pub book: String,
    /// The summaries of the nights that had an effect.
    pub nights: String,
    /// Everything that verbs and logs may not contain is looked for in this: all texts shown.
    pub shown: String,
}

/// How to rehearse.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Another database than an embedded one; it must be empty.
    pub database: Option<String>,
    /// Plan every night, run it as planned, and run it again: that changes nothing.
    pub twice: bool,
    /// Rewrite what is expected.
    pub update: bool,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let place = tempfile::tempdir().context("make a place for the throw-away book")?;
    let how = How { database: None, twice: args.twice, update: args.update };
    let rehearsed = rehearse(&args.scenario, place.path(), &how).await?;
    let name = args.scenario.display();
    if session.format == output::Format::Table {
        write!(session.out, "{}", rehearsed.nights)?;
    }
    for difference in &rehearsed.differences {
        writeln!(session.out, "{difference}")?;
    }
    let (word, exit) = match (rehearsed.differences.is_empty(), args.update) {
        (_, true) => ("its expectation is rewritten", Exit::Done),
        (true, _) => ("everything is as expected", Exit::Done),
        (false, _) => ("it differs from what is expected (hint: --update rewrites the expectation)", Exit::Failed),
    };
    writeln!(session.out, "{name}: {word}")?;
    if args.keep {
        writeln!(session.out, "the book is kept in {}", place.keep().display())?;
    }
    Ok(exit)
}

/// Rehearses one scenario in a place of its own.
///
/// # Errors
/// When the scenario cannot be read, or the program fails where the scenario does not expect it.
pub async fn rehearse(folder: &Path, place: &Path, how: &How) -> Result<Rehearsed> {
    let text = std::fs::read_to_string(folder.join("scenario.toml"))
        .with_context(|| format!("read {}", folder.join("scenario.toml").display()))?;
    let scenario: Scenario = toml::from_str(&text).context("read scenario.toml")?;
    let mut stage = Stage::set(folder, place, &scenario, how).await?;
    let nights = nights(&scenario.nights)?;
    for night in &nights {
        stage.night(*night).await.with_context(|| format!("rehearse the night of {night}"))?;
    }
    stage.finish(nights.last().copied().unwrap_or_default()).await
}

fn nights(list: &[String]) -> Result<Vec<NaiveDate>> {
    let day = |text: &str| text.trim().parse::<NaiveDate>().with_context(|| format!("read the night {text:?}"));
    let mut all = Vec::new();
    for text in list {
        match text.split_once("..") {
            Some((from, to)) => {
                let to = day(to)?;
                all.extend(day(from)?.iter_days().take_while(|day| *day <= to));
            }
            None => all.push(day(text)?),
        }
    }
    Ok(all)
}

/// A rehearsal under way.
struct Stage {
    folder: PathBuf,
    place: PathBuf,
    settings: Settings,
    book: Book,
    twice: bool,
    update: bool,
    /// What is there, by path below `expected/`.
    actual: BTreeMap<String, String>,
    known: BTreeSet<String>,
    rehearsed: Rehearsed,
}

impl Stage {
    async fn set(folder: &Path, place: &Path, scenario: &Scenario, how: &How) -> Result<Self> {
        // A scenario sends what it needs; a feed that stays away is the subject of those that say so.
        let quiet = ("jobs.check-books.settings.feeds.registrations.expected".to_owned(), "never".to_owned());
        let mut values: BTreeMap<String, String> = BTreeMap::from([quiet]);
        values.extend(scenario.settings.clone());
        let at = |name: &str| place.join(name).display().to_string();
        for name in ["inbox", "outbox", "archive"] {
            values.insert(name.to_owned(), at(name));
        }
        values.insert("head_file".to_owned(), at("heads"));
        values.insert("salt_seed".to_owned(), "1".to_owned());
        values
            .insert("database".to_owned(), how.database.clone().unwrap_or_else(|| format!("sqlite:{}", at("book.db"))));
        std::fs::create_dir_all(place.join("inbox")).context("make the inbox")?;
        let settings =
            Settings::from_parts(&Overrides { config: None, values }, &BTreeMap::new(), &crate::settings::NoFiles)?;
        let book = open(&settings).await?;
        Ok(Self {
            folder: folder.to_owned(),
            place: place.to_owned(),
            settings,
            book,
            twice: how.twice,
            update: how.update,
            actual: BTreeMap::new(),
            known: BTreeSet::new(),
            rehearsed: Rehearsed::default(),
        })
    }

    async fn night(&mut self, night: NaiveDate) -> Result<()> {
        let came = self.folder.join("nights").join(night.to_string());
        for file in listing(&came)? {
            let name = file.file_name().unwrap_or_default();
            if file.extension().is_some_and(|extension| extension == "csv") {
                std::fs::copy(&file, self.place.join("inbox").join(name)).context("fill the inbox")?;
            }
        }
        let planned = if self.twice { Some(self.plan(night).await?) } else { None };
        let (text, effect, report) = self.run(night).await?;
        if planned.is_some_and(|planned| planned != plan_of(report)) {
            self.rehearsed
                .differences
                .push(format!("the night of {night} did something else than was planned:\n{text}"));
        }
        if effect {
            let _ = writeln!(self.rehearsed.nights, "{text}");
            self.actual.insert(format!("{night}/night.txt"), text);
        }
        if self.twice {
            let head = self.book.head().await?;
            let (again, effect, _) = self.run(night).await?;
            if effect || self.book.head().await? != head {
                self.rehearsed.differences.push(format!("the night of {night} run twice changed something:\n{again}"));
            }
        }
        self.collect(night)?;
        self.desk(night, &came).await
    }

    /// What a dry run of a night would do. It leaves the book as it is.
    async fn plan(&mut self, night: NaiveDate) -> Result<Report> {
        let order = Order { dry: true, ..order() };
        let before = self.book.head().await?;
        let planned = run_jobs(&mut self.book, &self.settings, at(night, 4), &order, Stop::default()).await?;
        if self.book.head().await? != before {
            self.rehearsed.differences.push(format!("the plan for the night of {night} changed the book"));
        }
        Ok(plan_of(planned))
    }

    /// Runs a night; gives its summary, whether it had an effect, and its report.
    async fn run(&mut self, night: NaiveDate) -> Result<(String, bool, Report)> {
        let order = order();
        let clock = at(night, 4);
        let report = run_jobs(&mut self.book, &self.settings, clock, &order, Stop::default()).await?;
        let mut text = Vec::new();
        let mut session = session(&self.settings, clock, &mut text);
        output::report(&report, &mut session)?;
        let _ = writeln!(self.rehearsed.shown, "{}", serde_json::to_string(&report)?);
        Ok((String::from_utf8(text)?, report.had_effect(), report))
    }

    /// What the desk types on the day after the night, and what it reads. A line that starts with `!` must be refused.
    async fn desk(&mut self, day: NaiveDate, came: &Path) -> Result<()> {
        let Ok(script) = std::fs::read_to_string(came.join("desk.txt")) else { return Ok(()) };
        let mut read = String::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = words(line.trim_start_matches('!'))?;
            let asked = words.iter().position(|word| word == "<<<").unwrap_or(words.len());
            let answers = words.split_off(asked).into_iter().skip(1).collect();
            let arguments: Vec<OsString> =
                std::iter::once("sundhedskort".into()).chain(words.into_iter().map(Into::into)).collect();
            let mut shown = Vec::new();
            let mut session = session(&self.settings, at(day, 10), &mut shown);
            session.answers = Answers::Script(answers);
            let outcome = type_in(&arguments, &mut session).await;
            let (said, refused) = match outcome {
                Ok(exit) => (format!("exit {}", exit.code()), exit != Exit::Done && exit != Exit::DoneWithFindings),
                Err(error) => (format!("failed to {error:#}\nexit {}", super::exit_code(&error).code()), true),
            };
            if refused != line.starts_with('!') {
                self.rehearsed.differences.push(format!("on {day} the desk typed {line:?} and got: {said}"));
            }
            let _ = write!(read, "$ {line}\n{}{said}\n\n", String::from_utf8(shown)?);
        }
        self.actual.insert(format!("{day}/desk.txt"), read);
        self.collect(day)
    }

    /// New files in the outbox are what was written on that day.
    fn collect(&mut self, day: NaiveDate) -> Result<()> {
        for file in listing(&self.place.join("outbox"))? {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if file.extension().is_some_and(|extension| extension == "csv") && self.known.insert(name.clone()) {
                let text = std::fs::read_to_string(&file).with_context(|| format!("read {name}"))?;
                self.actual.insert(format!("{day}/{name}"), text);
            }
        }
        Ok(())
    }

    /// Compares the nights with what is expected, and proves the book they lead to.
    async fn finish(mut self, last: NaiveDate) -> Result<Rehearsed> {
        let broken = self.book.verify(last).await?.breaches;
        self.rehearsed
            .differences
            .extend(broken.iter().map(|breach| format!("what must always hold is broken: {breach}")));
        let book = everything(&mut self.book).await?;
        self.actual.insert("book.txt".to_owned(), book.clone());
        self.rehearsed.book = book;
        self.rehearsed.head = self.book.head().await?;
        self.rehearsed.digest = self.book.digest().await?;
        let expected = self.folder.join("expected");
        if self.update {
            rewrite(&expected, &self.actual)?;
        } else {
            self.rehearsed.differences.extend(compare(&expected, &self.actual)?);
        }
        Ok(self.rehearsed)
    }
}

fn order() -> Order {
    Order { started_by: "rehearsal".to_owned(), ..Order::default() }
}

/// What a plan and its run must have in common: all but the run's number, the files it wrote and the cases a plan names.
fn plan_of(report: Report) -> Report {
    let jobs = report.jobs.into_iter().map(|job| JobReport { cases: Vec::new(), ..job });
    Report { run: 0, dry_run: true, outputs: Vec::new(), jobs: jobs.collect(), ..report }
}

fn session<'s>(settings: &'s Settings, clock: Clock, out: &'s mut Vec<u8>) -> Session<'s> {
    Session {
        settings,
        clock,
        operator: Ok("desk".to_owned()),
        answers: Answers::Script(VecDeque::new()),
        out,
        format: output::Format::Table,
        stop: Stop::default(),
    }
}

/// A fixed hour of a civil day; the exact instant stands nowhere in the book's seals.
fn at(day: NaiveDate, hour: u32) -> Clock {
    Clock::Fixed(day.and_time(NaiveTime::from_hms_opt(hour, 15, 0).unwrap_or_default()).and_utc())
}

/// A command line's words, with double quotes around those that hold spaces.
fn words(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for (n, part) in line.split('"').enumerate() {
        if n % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    if line.matches('"').count() % 2 == 1 {
        bail!("read the line {line:?}: a quote is not closed");
    }
    Ok(words)
}

fn listing(folder: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort_unstable();
    Ok(files)
}

fn rewrite(expected: &Path, actual: &BTreeMap<String, String>) -> Result<()> {
    if expected.exists() {
        std::fs::remove_dir_all(expected).context("clear the expectation")?;
    }
    for (name, text) in actual {
        let path = expected.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(expected)).context("make a folder of the expectation")?;
        std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

fn compare(expected: &Path, actual: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    let mut wanted = BTreeSet::new();
    for path in listing(expected)? {
        let below = if path.is_dir() { listing(&path)? } else { vec![path] };
        for file in below {
            wanted.insert(file.strip_prefix(expected)?.display().to_string());
        }
    }
    for name in wanted.union(&actual.keys().cloned().collect()) {
        let was = std::fs::read_to_string(expected.join(name)).unwrap_or_default();
        let is = actual.get(name).map(String::as_str).unwrap_or_default();
        if was != is || !wanted.contains(name) || !actual.contains_key(name) {
            differences.push(format!("{name} differs (- expected, + now)\n{}", lines_that_differ(&was, is)));
        }
    }
    Ok(differences)
}

/// The lines of which only one side has as many: enough to see where to look.
fn lines_that_differ(was: &str, is: &str) -> String {
    let mut count: BTreeMap<&str, i32> = BTreeMap::new();
    was.lines().for_each(|line| *count.entry(line).or_default() -= 1);
    is.lines().for_each(|line| *count.entry(line).or_default() += 1);
    let minus = was.lines().filter(|line| count[line] < 0).map(|line| format!("- {line}"));
    let plus = is.lines().filter(|line| count[line] > 0).map(|line| format!("+ {line}"));
    minus.chain(plus).collect::<Vec<_>>().join("\n")
}

/// Where everything is: a paragraph a folder, without personal data.
async fn everything(book: &mut Book) -> Result<String> {
    let (mut text, mut after) = (String::new(), None);
    loop {
        let persons = book.persons(after, 500).await?;
        let Some(last) = persons.last().copied() else { return Ok(text) };
        after = Some(last);
        for case in book.cases(&persons).await?.values() {
            folder(case, &mut text);
        }
    }
}

fn folder(case: &Case, text: &mut String) {
    if case.id() == PersonId::OFFICE {
        text.push_str("The office's own folder\n");
    } else {
        let flag =
            case.person.unlabelled_since.map(|since| format!(", postbox unlabelled since {since}")).unwrap_or_default();
        let _ = writeln!(text, "{}{flag}", case.id());
    }
    for stay in case.person.stays() {
        let _ = writeln!(text, "  stay {} registered on {}", stay.no, stay.registered_on);
    }
    let json = |value: serde_json::Result<String>| value.unwrap_or_default();
    for card in &case.cards {
        let _ =
            writeln!(text, "  card {} {} {}", card.id, card.cause.code(), json(serde_json::to_string(&card.custody)));
    }
    for hold in &case.holds {
        let _ = writeln!(
            text,
            "    hold {} of {} {} until {} last day {}{}",
            hold.id,
            hold.card,
            hold.reason.code(),
            hold.hold_until,
            hold.last_day,
            hold.outcome.map(|outcome| format!(" {:?} on {}", outcome.how, outcome.on)).unwrap_or_default()
        );
    }
    for request in &case.requests {
        let _ = writeln!(
            text,
            "  request {} {} {} {}",
            request.id,
            request.kind.code(),
            request.cause.code(),
            json(serde_json::to_string(&request.state))
        );
    }
    for payment in &case.payments {
        let _ = writeln!(text, "  payment {} {} on {}", payment.id, payment.amount, payment.paid_on);
    }
    for refund in &case.refunds {
        let _ = writeln!(
            text,
            "  refund {} {} {} {}",
            refund.id,
            refund.amount,
            refund.why,
            json(serde_json::to_string(&refund.state))
        );
    }
    for item in &case.items {
        let _ = writeln!(text, "  item {} returned on {} {}", item.id, item.returned_on, item.reason.code());
    }
    for notice in &case.notices {
        let _ = writeln!(
            text,
            "  notice {} {} {}",
            notice.id,
            notice.kind.code(),
            json(serde_json::to_string(&notice.state))
        );
    }
    for finding in case.findings.iter().filter(|finding| finding.closed.is_none()) {
        let _ = writeln!(text, "  finding {} {} {}", finding.id, finding.kind.code(), finding.subject);
    }
}
