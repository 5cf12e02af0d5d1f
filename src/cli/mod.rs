//! The command line, one file a verb. Data goes to stdout, logs and progress to stderr.

pub mod ask;
mod backup;
mod card;
mod case;
mod check;
mod config;
mod desk;
mod fee;
mod findings;
mod history;
mod jobs;
mod notice;
mod office;
pub mod operator;
pub mod output;
mod pages;
mod payment;
mod plan;
mod progress;
pub mod rehearse;
mod rejects;
mod request;
mod returns;
mod run;
mod serve;
mod shelf;
mod standing;
mod status;
mod store;
mod verify;

use std::{collections::BTreeMap, ffi::OsString, io::Write};

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

use self::ask::Answers;
use crate::{
    clock::Clock,
    exit::Exit,
    night::{Stop, open, run::exit_of},
    settings::{NoFiles, Overrides, Settings, SettingsFlaw},
    store::{Book, connection::Failure},
};

/// The life of the yellow health card, night by night.
#[derive(Debug, Parser)]
#[command(name = "sundhedskort", version, about, max_term_width = 100, propagate_version = true)]
#[command(after_long_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// What follows the help of the program and of its verbs.
const EXIT_CODES: &str = "\
Exit codes:
  0   done, or nothing was due
  1   a job failed, a verb was refused, no such id, `rehearse` differs, `check` is not clean
  2   wrong arguments, or nobody can be named as operator
  3   done, with new rejects or findings
  4   a job stopped at its limit, or the date was refused
  65  a file was refused whole; the night went on
  69  the database cannot be reached
  70  an invariant is broken
  75  another run holds the lock
  78  the settings cannot be used

Where several apply, the first of 70, 69, 1, 4, 65, 3, 0. Any other code is a failure.

`sundhedskort config show --origin` lists every setting, its value and where it comes from.";

/// What every verb takes.
#[derive(Debug, clap::Args)]
struct Global {
    /// Settings file [default: sundhedskort.toml, where there is one].
    #[arg(long, global = true, help_heading = "With every verb", value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    /// Where the book is: sqlite:PATH or postgres://...
    #[arg(long, global = true, help_heading = "With every verb", value_name = "ADDRESS")]
    database: Option<String>,
    /// Tables for people, or data for programs.
    #[arg(long, global = true, help_heading = "With every verb", value_enum, default_value_t = output::Format::Table)]
    format: output::Format,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the jobs named, in the order of the night; without a name the whole night.
    Run(run::Args),
    /// Show what a run would change, case by case, and change nothing.
    Plan(plan::Args),
    /// Run the jobs at their hours, until told to stop.
    Serve,
    /// One card: what is on file of it, and what the desk does with it.
    #[command(subcommand)]
    Card(card::Args),
    /// Find a person, and say where every card is and what comes next. The look is noted.
    #[command(subcommand)]
    Case(case::Args),
    /// What came back and fits no card.
    #[command(subcommand)]
    Return(returns::Args),
    /// A wish for a new card.
    #[command(subcommand)]
    Request(request::Args),
    /// What a caseworker decides of a fee.
    #[command(subcommand)]
    Fee(fee::Args),
    /// Money that came in.
    #[command(subcommand)]
    Payment(payment::Args),
    /// What has not been told yet.
    #[command(subcommand)]
    Notice(notice::Args),
    /// What lies on the shelf, with whom it is for; or a stock-take. The look is noted.
    Shelf(shelf::Args),
    /// One page: how the last night went, what stands badly, what is open, who is to be called.
    Status(status::Args),
    /// The same as an exit code: 0 when nothing stands badly, else 1.
    Check(check::Args),
    /// When each job runs, and how it ended last.
    Jobs(jobs::Args),
    /// What ran, newest first; or one run with everything it did.
    History(history::Args),
    /// What a person must look at.
    #[command(subcommand)]
    Findings(findings::Args),
    /// Rows that were not applied.
    #[command(subcommand)]
    Rejects(rejects::Args),
    /// What the office decides of itself.
    #[command(subcommand)]
    Office(office::Args),
    /// Prove the ledger, every row and the invariants; exit 70 names what is broken.
    Verify(verify::Args),
    /// Copy the book as it is now to a new file, while runs and desk go on.
    Backup(backup::Args),
    /// The database under the book.
    #[command(subcommand)]
    Store(store::Args),
    /// The settings.
    #[command(subcommand)]
    Config(config::Args),
    /// Print the completions for a shell.
    Completions(pages::Completions),
    /// Write the man pages to a directory, one a verb.
    Man(pages::Man),
    /// Play a scenario night by night in a throw-away book, and compare it with what is expected.
    Rehearse(rehearse::Args),
}

/// Everything a verb works with besides its arguments; a rehearsal brings its own.
pub struct Session<'a> {
    /// The office's settings.
    pub settings: &'a Settings,
    /// What time it is.
    pub clock: Clock,
    /// Who is at the desk.
    pub operator: Result<String, operator::NoOperator>,
    /// What the desk answers when it is asked.
    pub answers: Answers,
    /// Where data goes.
    pub out: &'a mut dyn Write,
    /// Tables for people, or data for programs.
    pub format: output::Format,
    /// Asked to stop between two chunks.
    pub stop: Stop,
}

impl Session<'_> {
    /// Opens the book of the settings.
    ///
    /// # Errors
    /// When it cannot be used.
    pub async fn book(&self) -> Result<Book, Failure> {
        open(self.settings).await
    }

    /// Who is at the desk; a desk write without one is refused.
    ///
    /// # Errors
    /// [`NoOperator`](operator::NoOperator).
    pub fn operator(&self) -> Result<&str, operator::NoOperator> {
        self.operator.as_deref().map_err(|error| *error)
    }
}

/// Runs one command line of this process.
pub async fn main(arguments: Vec<OsString>, stop: Stop) -> Exit {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    // What a package installs beside the program is made where no office is.
    let known = match cli.verb {
        Verb::Completions(_) | Verb::Man(_) => Settings::from_parts(&Overrides::default(), &BTreeMap::new(), &NoFiles),
        _ => self::settings(&cli.global),
    };
    let settings = match known {
        Ok(settings) => settings,
        Err(flaw) => {
            complain(&flaw.to_string(), &flaw.hint());
            return Exit::Configuration;
        }
    };
    if let Err(flaw) = crate::logging::start(settings.log, &settings.log_level) {
        complain(&flaw.to_string(), "");
        return Exit::Configuration;
    }
    if matches!(cli.verb, Verb::Serve) {
        let served = serve::run(settings, || self::settings(&cli.global), Clock::System, stop).await;
        return served.unwrap_or_else(|error| fail(&error));
    }
    let mut stdout = std::io::stdout().lock();
    let mut session = Session {
        settings: &settings,
        clock: Clock::System,
        operator: operator::operator(),
        answers: Answers::Operator,
        out: &mut stdout,
        format: cli.global.format,
        stop,
    };
    match dispatch(cli.verb, &mut session).await {
        Ok(exit) => exit,
        Err(error) => fail(&error),
    }
}

/// Reads a command line. No argument is a CPR number: it would stay in shell histories and in the log of sudo.
fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    if arguments.iter().skip(1).any(|argument| holds_cpr(&argument.to_string_lossy())) {
        return Err(clap::Error::raw(
            clap::error::ErrorKind::InvalidValue,
            "failed to read the arguments: ten digits look like a CPR number, and arguments stay in shell histories\n\
             hint: verbs that need one ask for it, or read it from stdin\n",
        ));
    }
    Cli::try_parse_from(arguments)
}

/// Ten digits as an argument, or as a word of one: a reason is free text. A name of a file is not looked into.
fn holds_cpr(argument: &str) -> bool {
    let value = argument.rsplit('=').next().unwrap_or_default();
    let digits: String = value.chars().filter(|sign| !matches!(sign, '-' | ' ')).collect();
    let ten = |word: &str| word.len() == 10 && word.bytes().all(|sign| sign.is_ascii_digit());
    let words = value.split(|sign: char| !sign.is_ascii_digit() && sign != '-').map(|word| word.replace('-', ""));
    ten(&digits) || value.contains(' ') && words.into_iter().any(|word| ten(&word))
}

fn settings(global: &Global) -> Result<Settings, SettingsFlaw> {
    let mut flags = Overrides { config: global.config.clone(), ..Overrides::default() };
    if let Some(database) = &global.database {
        flags.values.insert("database".to_owned(), database.clone());
    }
    Settings::load(&flags)
}

/// Runs one verb.
///
/// # Errors
/// What ended it; [`exit_of`] gives its code.
async fn dispatch(verb: Verb, session: &mut Session<'_>) -> Result<Exit> {
    match verb {
        Verb::Run(args) => run::run(args, session).await,
        Verb::Plan(args) => plan::run(args, session).await,
        Verb::Serve => bail!("serve from here: it is for a process of its own"),
        Verb::Card(args) => card::run(args, session).await,
        Verb::Case(args) => case::run(args, session).await,
        Verb::Return(args) => returns::run(args, session).await,
        Verb::Request(args) => request::run(args, session).await,
        Verb::Fee(args) => fee::run(args, session).await,
        Verb::Payment(args) => payment::run(args, session).await,
        Verb::Notice(args) => notice::run(args, session).await,
        Verb::Shelf(args) => shelf::run(args, session).await,
        Verb::Status(args) => status::run(args, session).await,
        Verb::Check(args) => check::run(args, session).await,
        Verb::Jobs(args) => jobs::run(args, session).await,
        Verb::History(args) => history::run(args, session).await,
        Verb::Findings(args) => findings::run(args, session).await,
        Verb::Rejects(args) => rejects::run(args, session).await,
        Verb::Office(args) => office::run(args, session).await,
        Verb::Verify(args) => verify::run(args, session).await,
        Verb::Backup(args) => backup::run(args, session).await,
        Verb::Store(args) => store::run(args, session).await,
        Verb::Config(args) => config::run(&args, session),
        Verb::Completions(args) => pages::completions(&args, session),
        Verb::Man(args) => pages::man(&args, session),
        Verb::Rehearse(args) => Box::pin(rehearse::run(args, session)).await,
    }
}

/// Runs a command line as typed in a scenario's `desk.txt`, on the scenario's own session.
///
/// # Errors
/// When it cannot be read, or ends with an error.
pub async fn type_in(line: &[OsString], session: &mut Session<'_>) -> Result<Exit> {
    let cli = parse(line.to_vec())?;
    session.format = cli.global.format;
    dispatch(cli.verb, session).await
}

fn fail(error: &anyhow::Error) -> Exit {
    // Whoever closes a pipe has read enough.
    let is_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_pipe) {
        return Exit::Done;
    }
    let text = format!("{error:#}");
    let with_hint = text.strip_suffix(')').and_then(|text| text.rsplit_once(" (hint: "));
    let (what, hint) = with_hint.unwrap_or((&text, ""));
    complain(what, hint);
    exit_code(error)
}

/// The exit code of a verb that ended with an error.
fn exit_code(error: &anyhow::Error) -> Exit {
    if error.is::<operator::NoOperator>() || error.is::<clap::Error>() { Exit::Usage } else { exit_of(error) }
}

/// The name that a misspelt one most likely meant.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known.min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or_default()
}

/// Whoever no longer reads stderr does not change how a command ends.
fn complain(error: &str, hint: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "failed to {}", output::plain(error));
    if !hint.is_empty() {
        let _ = writeln!(stderr, "hint: {hint}");
    }
}
