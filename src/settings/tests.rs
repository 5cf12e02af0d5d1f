//! The settings put together from parts, as an office would write them.

use chrono::{NaiveTime, Weekday};

use super::*;
use crate::domain::{money::Ore, person::Language};

/// Files in memory.
#[derive(Default)]
struct Memory(BTreeMap<PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.0.get(path).cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let within = self.0.keys().filter(|path| path.parent() == Some(directory)).cloned().collect::<Vec<_>>();
        if within.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(within) }
    }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(
    flags: &[(&str, &str)],
    environment: &[(&str, &str)],
    files: &[(&str, &str)],
) -> Result<Settings, SettingsFlaw> {
    let flags = Overrides { config: None, values: texts(flags) };
    let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
    Settings::from_parts(&flags, &texts(environment), &Memory(files))
}

fn from_file(text: &str) -> Result<Settings, SettingsFlaw> {
    load(&[], &[], &[(FILE, text)])
}

/// An error as an operator sees it: what, where, and what next.
fn told(loaded: Result<Settings, SettingsFlaw>) -> String {
    let flaw = loaded.unwrap_err();
    format!("{flaw}; hint: {}", flaw.hint())
}

fn origin<'a>(settings: &'a Settings, key: &str) -> &'a Setting {
    settings.origins().find(|setting| setting.key == key).unwrap()
}

/// What a declaration in the overriding directory says about one job.
fn declared(job: &str, text: &str) -> Result<Settings, SettingsFlaw> {
    load(&[("jobs", "own")], &[], &[(&format!("own/{job}.toml"), text)])
}

#[test]
fn an_empty_directory_will_do() {
    let settings = load(&[], &[], &[]).unwrap();
    assert_eq!(settings.office.name, "Borgerservice, Dokk1");
    assert_eq!(settings.office.site, "Dokk1");
    assert_eq!(settings.office.municipality, "0751");
    assert_eq!(settings.office.phone, "+45 89 40 10 40");
    assert_eq!(settings.office.email, None);
    assert_eq!(settings.office.language, Language::En);
    assert_eq!(settings.database, Database::Sqlite("sundhedskort.db".into()));
    assert_eq!(settings.inbox, Path::new("inbox"));
    assert_eq!(settings.outbox, Path::new("outbox"));
    assert_eq!(settings.archive, Path::new("archive"));
    assert_eq!(settings.head_file, Path::new("sundhedskort.heads"));
    assert_eq!((settings.log, settings.salt_seed), (LogFormat::Text, None));
    assert!(settings.origins().all(|setting| setting.origin == Origin::Default));
}

#[test]
fn the_defaults_are_the_rules_own() {
    let settings = load(&[], &[], &[]).unwrap();
    assert_eq!(settings.periods, Periods::default());
    assert_eq!(settings.tariff, Tariff::default());
    assert_eq!(settings.calendar(), Calendar::default());
}

#[test]
fn the_installed_example_says_what_holds_without_it() {
    let (without, mut with) = (load(&[], &[], &[]).unwrap(), from_file(DEFAULTS).unwrap());
    assert_eq!(origin(&with, "inbox").origin, Origin::File(FILE.into()));
    with.origins.clone_from(&without.origins);
    assert_eq!(with, without);
}

#[test]
fn the_example_names_every_setting_of_the_file() {
    let setting_or_text = DEFAULTS.lines().map(|line| match line.strip_prefix("# ") {
        Some(off) if off.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => off,
        _ => line,
    });
    let all_on = setting_or_text.collect::<Vec<_>>().join("\n");
    let files = [(FILE, all_on.as_str()), ("/etc/sundhedskort/jobs/issue-cards.toml", "limit = 1")];
    let settings = load(&[], &[], &files).unwrap();
    for setting in settings.origins().filter(|setting| !setting.key.starts_with("jobs.")) {
        assert_ne!(setting.origin, Origin::Default, "{}", setting.key);
    }
}

#[test]
fn flag_before_environment_before_file_before_default() {
    let flag = [("inbox", "by-flag")];
    let environment = [("SUNDHEDSKORT_INBOX", "by-environment")];
    let file = [(FILE, "inbox = 'by-file'")];
    for (settings, inbox, from) in [
        (load(&flag, &environment, &file), "by-flag", Origin::Flag),
        (load(&[], &environment, &file), "by-environment", Origin::Environment("SUNDHEDSKORT_INBOX".into())),
        (load(&[], &[], &file), "by-file", Origin::File(FILE.into())),
        (load(&[], &[], &[]), "inbox", Origin::Default),
    ] {
        let settings = settings.unwrap();
        assert_eq!(settings.inbox, Path::new(inbox));
        let shown = Some(format!("\"{inbox}\""));
        assert_eq!(origin(&settings, "inbox"), &Setting { key: "inbox".into(), value: shown, origin: from });
    }
}

#[test]
fn every_setting_has_its_variable_and_no_two_share_one() {
    let settings = load(&[], &[], &[]).unwrap();
    let mut variables = std::collections::BTreeSet::new();
    for setting in settings.origins() {
        assert!(variables.insert(variable(&setting.key)), "{}", setting.key);
    }
    assert!(variables.contains("SUNDHEDSKORT_OFFICE_CLOSED_DAYS"));
    assert!(variables.contains("SUNDHEDSKORT_JOBS_ISSUE_CARDS_TIME_LIMIT"));
}

#[test]
fn variables_are_read_as_the_kind_of_value_they_set() {
    let environment = [
        ("SUNDHEDSKORT_OFFICE_CLOSED_DAYS", "06-05, 12-24"),
        ("SUNDHEDSKORT_SALT_SEED", "7"),
        ("SUNDHEDSKORT_TARIFF_2025", "230,00"),
        ("SUNDHEDSKORT_JOBS_ISSUE_CARDS_ENABLED", "false"),
        ("SUNDHEDSKORT_JOBS_ISSUE_CARDS_LIMIT", "800000"),
        ("SUNDHEDSKORT_JOBS_SEND_NOTICES_SETTINGS_REMINDER_DAYS", "28,5"),
        ("SUNDHEDSKORT_JOBS_CHECK_BOOKS_SETTINGS_FEEDS_RETURNS_EXPECTED", "Fri"),
        ("SUNDHEDSKORT_OUTBOX", ""),
        ("SUNDHEDSKORT_TEST_STOP_AFTER", "3"),
        ("PATH", "/bin"),
    ];
    let settings = load(&[], &environment, &[]).unwrap();
    assert_eq!(settings.office.closed_days, [(6, 5), (12, 24)].into());
    assert_eq!(settings.salt_seed, Some(7));
    assert_eq!(settings.tariff.on("2025-05-01".parse().unwrap()), Some(Ore(23_000)));
    let issue = settings.jobs.iter().find(|job| job.name == "issue-cards").unwrap();
    assert_eq!((issue.enabled, issue.limit), (false, 800_000));
    assert_eq!(settings.periods.reminder_days, [28, 5]);
    assert!(settings.feeds["returns"].expected.contain(Weekday::Fri));
    assert_eq!(settings.outbox, Path::new("outbox"));
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one() {
    for (loaded, answer) in [
        (
            from_file("[office]\nmuncipality = '0751'"),
            "office.muncipality (file sundhedskort.toml); hint: did you mean office.municipality?",
        ),
        (from_file("inbocks = 'in'"), "inbocks (file sundhedskort.toml); hint: did you mean inbox?"),
        (from_file("[tarif]\n2025 = 230"), "tarif.2025 (file sundhedskort.toml); hint: did you mean tariff.2025?"),
        (from_file("[jobs]\nat = '04:00'"), "jobs.at (file sundhedskort.toml); hint: did you mean jobs?"),
        (load(&[("log-level", "info")], &[], &[]), "log-level (flag); hint: did you mean log_level?"),
        (
            load(&[], &[("SUNDHEDSKORT_DATABSE", "sqlite:x")], &[]),
            "SUNDHEDSKORT_DATABSE (environment SUNDHEDSKORT_DATABSE); hint: did you mean SUNDHEDSKORT_DATABASE?",
        ),
        (
            declared("issue-cards", "limits = 5"),
            "jobs.issue-cards.limits (file own/issue-cards.toml); hint: did you mean jobs.issue-cards.limit?",
        ),
        (
            declared("issue-card", "limit = 5"),
            "jobs.issue-card.limit (file own/issue-card.toml); hint: did you mean jobs.issue-cards.limit?",
        ),
        (
            declared("record-returns", "[settings]\nhold_month = 6"),
            "jobs.record-returns.settings.hold_month (file own/record-returns.toml); \
             hint: did you mean jobs.record-returns.settings.hold_months?",
        ),
    ] {
        assert_eq!(told(loaded), format!("know the setting {answer}"));
    }
}

#[test]
fn a_setting_belongs_to_one_job_only() {
    assert!(declared("import-register", "[settings]\ncard_after_days = 10").is_ok());
    let flaw = declared("record-returns", "[settings]\ncard_after_days = 10").unwrap_err();
    assert!(matches!(flaw, SettingsFlaw::Unknown { .. }), "{flaw}");
}

#[test]
fn holding_below_six_months_is_refused() {
    assert_eq!(
        told(declared("record-returns", "[settings]\nhold_months = 5")),
        "use the setting jobs.record-returns.settings.hold_months (file own/record-returns.toml): \
         5 is not a whole number from 6 to 120; \
         hint: give a whole number from 6 to 120: citizens are told that a card is kept for six months"
    );
    assert_eq!(declared("record-returns", "[settings]\nhold_months = 7").unwrap().periods.hold_months, 7);
}

#[test]
fn values_of_the_wrong_kind_or_out_of_bounds_are_refused() {
    for text in [
        "inbox = ''",
        "inbox = 3",
        "log = 'xml'",
        "log_level = 'sundhedskort=loud'",
        "salt_seed = -1",
        "salt_seed = 'seed'",
        "office.municipality = '751'",
        "office.municipality = 751",
        "office.email = 'borgerservice'",
        "office.language = 'de'",
        "office.closed_days = ['24-12']",
        "office.closed_days = ['2-29']",
        "office.closed_days = '12-24'",
        "tariff.2025 = 0",
        "tariff.2025 = -230",
        "tariff.2025 = 229.999",
        "tariff.2025 = '230'",
        "tariff.2025 = true",
    ] {
        let flaw = from_file(text).unwrap_err();
        assert!(matches!(&flaw, SettingsFlaw::Unfit { origin: Origin::File(_), .. }), "{text}: {flaw}");
    }
    for text in [
        "what = ''",
        "at = '4:15'",
        "at = '24:00'",
        "days = 'never'",
        "days = 'Man-Fre'",
        "enabled = 'yes'",
        "chunk = 0",
        "chunk = 50_001",
        "limit = 0",
        "time_limit = '25h'",
        "time_limit = '0m'",
        "time_limit = '2'",
        "settings.reminder_days = [7, 30]",
        "settings.reminder_days = [30]",
        "settings.reminder_days = [30, 0]",
        "settings.guardian_below_age = 19",
    ] {
        let flaw = declared("send-notices", text).unwrap_err();
        assert!(matches!(&flaw, SettingsFlaw::Unfit { origin: Origin::File(_), .. }), "{text}: {flaw}");
    }
}

#[test]
fn a_tariff_adds_to_the_years_that_are_known() {
    let settings = from_file("[tariff]\n2024 = 226\n2025 = 230.50\n2026 = '235,00'\n2027 = 240.0").unwrap();
    for (on, fee) in [
        ("2023-06-01", Some(22_000)),
        ("2024-06-01", Some(22_600)),
        ("2025-06-01", Some(23_050)),
        ("2026-06-01", Some(23_500)),
        ("2027-06-01", Some(24_000)),
        ("2028-06-01", None),
        ("2021-06-01", None),
    ] {
        assert_eq!(settings.tariff.on(on.parse().unwrap()), fee.map(Ore), "{on}");
    }
    assert_eq!(origin(&settings, "tariff.2023").origin, Origin::Default);
    assert_eq!(origin(&settings, "tariff.2024").value.as_deref(), Some("226"));
}

#[test]
fn the_jobs_stand_in_the_order_of_the_night() {
    let settings = load(&[], &[], &[]).unwrap();
    let names = settings.jobs.iter().map(|job| job.name).collect::<Vec<_>>();
    assert_eq!(
        names,
        [
            "import-practitioners",
            "import-register",
            "record-producer-answers",
            "record-returns",
            "record-desk-events",
            "record-notice-outcomes",
            "record-requests",
            "record-payments",
            "queue-corrections",
            "queue-replacements",
            "remove-held-cards",
            "issue-cards",
            "send-print-orders",
            "send-notices",
            "check-books",
        ]
    );
    // One slot of the night, so that the order holds.
    let slot = NaiveTime::from_hms_opt(4, 15, 0).unwrap();
    for job in &settings.jobs {
        assert_eq!((job.at, job.days, job.enabled), (slot, "Mon-Sun".parse().unwrap(), true), "{}", job.name);
        assert!(job.what.ends_with('.'), "{}", job.name);
    }
}

#[test]
fn a_directory_of_declarations_overrides_key_by_key() {
    let files = [
        (FILE, "jobs = 'own'"),
        ("own/issue-cards.toml", "days = 'Mon-Fri'\ntime_limit = '90s'"),
        ("own/README", "no declaration"),
    ];
    let settings = load(&[], &[], &files).unwrap();
    let issue = settings.jobs.iter().find(|job| job.name == "issue-cards").unwrap();
    assert_eq!((issue.days.to_string().as_str(), issue.time_limit.as_secs()), ("Mon-Fri", 90));
    assert_eq!((issue.chunk, issue.limit), (10_000, 25_000));
    assert_eq!(origin(&settings, "jobs.issue-cards.days").origin, Origin::File("own/issue-cards.toml".into()));
    assert_eq!(origin(&settings, "jobs.issue-cards.chunk").origin, Origin::Default);
}

#[test]
fn a_carriers_new_words_are_added_to_those_known() {
    let settings =
        declared("record-returns", "[settings.reasons]\n'Adr. ukendt' = 'unknown'\nAndet = 'refused'").unwrap();
    assert_eq!(settings.reasons["Adr. ukendt"], ReturnReason::Unknown);
    assert_eq!(settings.reasons["Andet"], ReturnReason::Refused);
    assert_eq!(settings.reasons["Navn ikke på postkasse"], ReturnReason::NoNameOnPostbox);
    assert!(
        told(declared("record-returns", "[settings.reasons]\n'Brændt' = 'burnt'"))
            .contains("one of no_name_on_postbox")
    );
}

#[test]
fn only_the_register_is_expected_unless_more_is_said() {
    let settings = load(&[], &[], &[]).unwrap();
    let rhythm = Rhythm { expected: "Mon-Fri".parse().unwrap(), late_after_days: 3 };
    assert_eq!(settings.feeds, [("registrations", rhythm)].into());

    let text = "[settings.feeds]\nregistrations = { expected = 'never' }\npayments = { expected = 'Wed' }";
    let payments = Rhythm { expected: "Wed".parse().unwrap(), late_after_days: 3 };
    assert_eq!(declared("check-books", text).unwrap().feeds, [("payments", payments)].into());
    assert!(
        told(declared("check-books", "settings.feeds.return.expected = 'Wed'")).contains("feeds.returns.expected?")
    );
}

#[test]
fn the_file_is_the_one_that_is_named() {
    let files = [(FILE, "inbox = 'here'"), ("etc.toml", "inbox = 'there'"), ("flag.toml", "inbox = 'flag'")];
    let named = [("SUNDHEDSKORT_CONFIG", "etc.toml")];
    assert_eq!(load(&[], &named, &files).unwrap().inbox, Path::new("there"));

    let memory = Memory(files.iter().map(|(path, text)| (path.into(), (*text).to_owned())).collect());
    let flags = Overrides { config: Some("flag.toml".into()), ..Overrides::default() };
    assert_eq!(Settings::from_parts(&flags, &texts(&named), &memory).unwrap().inbox, Path::new("flag"));

    assert_eq!(told(load(&[], &named, &[])), "read etc.toml; hint: check that etc.toml is there and may be read");
    assert!(matches!(load(&[("jobs", "none")], &[], &[]), Err(SettingsFlaw::Unreadable { .. })));
}

#[test]
fn a_line_that_is_not_toml_is_named_and_not_repeated() {
    let flaw = told(from_file("# first\ninbox = 'in'\ndatabase = postgres://anna:secret@host/book\n"));
    assert!(flaw.starts_with("read sundhedskort.toml, line 3: "), "{flaw}");
    assert!(!flaw.contains("secret"), "{flaw}");
}

#[test]
fn a_password_comes_from_a_file_or_a_credential_and_is_never_shown() {
    let address = ("SUNDHEDSKORT_DATABASE", "postgres://anna@host/book");
    let credentials = ("CREDENTIALS_DIRECTORY", "/run/credentials");
    let files = [("/run/credentials/database-password", "secret-a\n"), ("secrets/book", "secret-b\r\n")];
    let named = ("SUNDHEDSKORT_DATABASE_PASSWORD_FILE", "secrets/book");
    for (environment, secret) in [
        (vec![address], None),
        (vec![address, credentials], Some("secret-a")),
        (vec![address, credentials, named], Some("secret-b")),
    ] {
        let settings = load(&[], &environment, &files).unwrap();
        assert_eq!(settings.database.address(), "postgres://anna@host/book");
        assert_eq!(settings.database.password().map(Secret::reveal), secret);
        let shown = secret.map_or("\"postgres://anna@host/book\"", |_| "\"postgres://anna:***@host/book\"");
        assert_eq!(origin(&settings, "database").value.as_deref(), Some(shown));
        assert!(!format!("{settings:?}").contains("secret-"));
    }
    assert!(load(&[], &[address, credentials], &[]).is_ok(), "a unit may have other credentials");
    assert!(matches!(load(&[], &[address, named], &[]), Err(SettingsFlaw::Unreadable { .. })));
}

#[test]
fn a_password_in_the_address_is_refused_without_repeating_it() {
    for address in [
        "postgres://anna:secret@host/book",
        "postgres://anna:se@cret@host/book",
        "postgres://anna:se?cret@host/book",
        "postgres://anna@host/book?sslmode=require&password=secret",
        "mysql://anna:secret@host/book",
    ] {
        let flaw = told(load(&[], &[("SUNDHEDSKORT_DATABASE", address)], &[]));
        assert!(flaw.contains("(environment SUNDHEDSKORT_DATABASE)"), "{flaw}");
        assert!(!flaw.contains("cret"), "{flaw}");
    }
}

#[test]
fn addresses_of_the_book() {
    for (address, path) in [
        ("sqlite:book.db", Some("book.db")),
        ("sqlite:/var/lib/sundhedskort/book.db", Some("/var/lib/sundhedskort/book.db")),
        ("sqlite:///var/lib/book.db", Some("/var/lib/book.db")),
        ("sqlite:", None),
        ("sqlite::memory:", None),
        ("sqlite:book.db?mode=ro", None),
        ("sqlite:books/", None),
        ("book.db", None),
        ("postgresql://host/book", None),
    ] {
        let database = load(&[("database", address)], &[], &[]).ok().map(|settings| settings.database);
        assert_eq!(database, path.map(|path| Database::Sqlite(path.into())), "{address}");
    }
    for address in ["postgres://host:5432/book", "postgres:///book?host=/run/postgresql"] {
        let settings = load(&[("database", address)], &[], &[]).unwrap();
        assert_eq!(settings.database.to_string(), address);
    }
}

#[test]
fn absent_settings_are_listed_too() {
    let settings = load(&[], &[], &[]).unwrap();
    for key in ["office.email", "jobs", "salt_seed", "database_password_file"] {
        assert_eq!(origin(&settings, key).value, None, "{key}");
    }
}
