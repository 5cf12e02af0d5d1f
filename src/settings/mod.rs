//! The settings: what an office decides once, and where each decision stands.
//!
//! A flag wins over the environment (`SUNDHEDSKORT_*`), the environment over the file `sundhedskort.toml`, the file over
//! what is compiled in. Everything has a value that works in an empty directory.

mod database;
mod days;
mod declarations;
mod flaw;
mod given;
mod layers;
mod office;
mod tariff;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use toml::Value;
use tracing_subscriber::EnvFilter;

use self::layers::Layers;
pub use self::{
    database::{Database, Secret},
    days::{Days, NoDays},
    declarations::{FEEDS, JobDeclaration, Rhythm},
    flaw::SettingsFlaw,
    given::Origin,
    layers::{Setting, variable},
    office::Office,
};
use crate::domain::{calendar::Calendar, hold::ReturnReason, money::Tariff, periods::Periods};

/// The file that is read when none is named; it may be absent.
const FILE: &str = "sundhedskort.toml";

/// The default of every setting that has one. It is also the example that is installed.
const DEFAULTS: &str = include_str!("../../systemd/sundhedskort.toml");

/// Everything an office has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What the office says of itself.
    pub office: Office,
    /// Where the book is.
    pub database: Database,
    /// Where files come in.
    pub inbox: PathBuf,
    /// Where files go out.
    pub outbox: PathBuf,
    /// Where files rest that were read.
    pub archive: PathBuf,
    /// Where the ledger's head is appended outside the book.
    pub head_file: PathBuf,
    /// How logs are written.
    pub log: LogFormat,
    /// What is logged, in the words of [`EnvFilter`].
    pub log_level: String,
    /// Makes the salts of the seals reproducible: for rehearsals and tests only, for they can then be guessed.
    pub salt_seed: Option<u64>,
    /// What a replacement costs, year by year (page 1.6).
    pub tariff: Tariff,
    /// Every period a rule counts with.
    pub periods: Periods,
    /// The jobs in the order of the night (page 1.7), those that are off as well.
    pub jobs: Vec<JobDeclaration>,
    /// The carrier's words and our reason code for each (T8).
    pub reasons: BTreeMap<String, ReturnReason>,
    /// The feeds that are expected, and when.
    pub feeds: BTreeMap<&'static str, Rhythm>,
    origins: Vec<Setting>,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A line of JSON for programs.
    Json,
}

/// What the command line says; it wins over everything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The file to read instead of `sundhedskort.toml`; it must be there.
    pub config: Option<PathBuf>,
    /// Values by key, like `database` or `jobs.issue-cards.limit`, written as in a variable.
    pub values: BTreeMap<String, String>,
}

/// How files are read: from disk, or in a test from memory.
pub trait Files {
    /// The text of a file.
    fn read(&self, path: &Path) -> io::Result<String>;
    /// The files of a directory, in any order.
    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>>;
}

/// No files: a rehearsal depends on nothing of the machine it runs on.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<String> {
        Err(ErrorKind::NotFound.into())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }
}

impl Settings {
    /// Loads the settings of this process.
    pub fn load(flags: &Overrides) -> Result<Self, SettingsFlaw> {
        let mut environment = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            // A name that is no text is none of ours.
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => {
                    environment.insert(name, value);
                }
                Err(_) if name.starts_with("SUNDHEDSKORT_") => {
                    return Err(SettingsFlaw::Unfit {
                        key: name.clone(),
                        origin: Origin::Environment(name),
                        why: "it is not UTF-8".to_owned(),
                        hint: "give a text in UTF-8".to_owned(),
                    });
                }
                Err(_) => {}
            }
        }
        Self::from_parts(flags, &environment, &Disk)
    }

    /// Puts the settings together from what the command line, the environment and the files say.
    pub fn from_parts(
        flags: &Overrides,
        environment: &BTreeMap<String, String>,
        files: &dyn Files,
    ) -> Result<Self, SettingsFlaw> {
        let mut layers = layers(flags, environment, files)?;
        let database = database(&mut layers, environment, files)?;
        let mut path = |key: &str| layers.value(key)?.text().map(PathBuf::from);
        Ok(Self {
            database,
            inbox: path("inbox")?,
            outbox: path("outbox")?,
            archive: path("archive")?,
            head_file: path("head_file")?,
            log: layers.value("log")?.parsed("text or json; the level is log_level", LogFormat::read)?,
            log_level: layers
                .value("log_level")?
                .parsed("a level like info, or parts with levels like warn,sundhedskort=debug", |filter| {
                    EnvFilter::try_new(filter).is_ok().then(|| filter.to_owned())
                })?,
            salt_seed: match layers.optional("salt_seed", &Value::Integer(0)) {
                Some(given) => Some(given.integer(0..=i64::MAX, "any number will do")?),
                None => None,
            },
            office: Office::read(&mut layers)?,
            tariff: tariff::read(&mut layers)?,
            periods: declarations::periods(&mut layers)?,
            reasons: declarations::reasons(&mut layers)?,
            feeds: declarations::feeds(&mut layers)?,
            jobs: declarations::JOBS
                .iter()
                .map(|(name, _)| JobDeclaration::read(name, &mut layers))
                .collect::<Result<_, _>>()?,
            origins: layers.finish()?,
        })
    }

    /// The office's calendar, without the closures that the book knows.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::new(self.office.closed_days.iter().copied())
    }

    /// Every setting with its value and where it comes from, for `config show --origin`. No secret is among them.
    pub fn origins(&self) -> impl Iterator<Item = &Setting> {
        self.origins.iter()
    }
}

impl LogFormat {
    fn read(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Reads every place where a setting may stand.
fn layers(
    flags: &Overrides,
    environment: &BTreeMap<String, String>,
    files: &dyn Files,
) -> Result<Layers, SettingsFlaw> {
    let mut layers = Layers::default();
    layers.defaults("the compiled-in settings", "", DEFAULTS)?;
    for (job, declaration) in declarations::JOBS {
        layers.defaults(&format!("the compiled-in declaration of {job}"), &format!("jobs.{job}."), declaration)?;
    }
    let named = flags.config.clone().or_else(|| filled(environment, "SUNDHEDSKORT_CONFIG").map(PathBuf::from));
    match (named, files.read(Path::new(FILE))) {
        (Some(path), _) => layers.file(&path, "", &read(files, &path)?)?,
        (None, Ok(text)) => layers.file(Path::new(FILE), "", &text)?,
        (None, Err(source)) if source.kind() == ErrorKind::NotFound => {}
        (None, Err(source)) => return Err(SettingsFlaw::Unreadable { path: FILE.into(), source }),
    }
    layers.environment(environment);
    for (key, value) in &flags.values {
        layers.flag(key, value);
    }
    if let Some(directory) = layers.optional("jobs", &Value::String(String::new())) {
        let directory = Path::new(directory.text()?);
        let declarations =
            files.list(directory).map_err(|source| SettingsFlaw::Unreadable { path: directory.to_owned(), source })?;
        for path in declarations.iter().filter(|path| path.extension().is_some_and(|kind| kind == "toml")) {
            let job = path.file_stem().unwrap_or_default().to_string_lossy();
            layers.file(path, &format!("jobs.{job}."), &read(files, path)?)?;
        }
    }
    Ok(layers)
}

/// Reads the book's address and its password: from the file a setting names, else from the systemd credential.
fn database(
    layers: &mut Layers,
    environment: &BTreeMap<String, String>,
    files: &dyn Files,
) -> Result<Database, SettingsFlaw> {
    let mut database = Database::read(&layers.value("database")?)?;
    let named = layers.optional("database_password_file", &Value::String(String::new()));
    if let Database::Postgres { password, .. } = &mut database {
        *password = match (named, filled(environment, "CREDENTIALS_DIRECTORY")) {
            (Some(given), _) => Some(Secret::from_file(&read(files, Path::new(given.text()?))?)),
            (None, Some(directory)) => {
                let path = Path::new(directory).join("database-password");
                match files.read(&path) {
                    Ok(text) => Some(Secret::from_file(&text)),
                    Err(source) if source.kind() == ErrorKind::NotFound => None,
                    Err(source) => return Err(SettingsFlaw::Unreadable { path, source }),
                }
            }
            (None, None) => None,
        };
    }
    layers.show("database", &database.to_string());
    Ok(database)
}

fn read(files: &dyn Files, path: &Path) -> Result<String, SettingsFlaw> {
    files.read(path).map_err(|source| SettingsFlaw::Unreadable { path: path.to_owned(), source })
}

/// A variable with something in it.
fn filled<'a>(environment: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect()
    }
}
