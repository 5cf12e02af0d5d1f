//! The declarations of the jobs: when each runs, in what portions, up to what limit, and the periods it counts with.

use std::{collections::BTreeMap, time::Duration};

use chrono::{Datelike, NaiveDate, NaiveTime};
use toml::Value;

use super::{days::Days, flaw::SettingsFlaw, given::Given, layers::Layers};
use crate::domain::{calendar::Calendar, hold::ReturnReason, periods::Periods};

/// The jobs in the order of the night (page 1.7), each with its declaration. An office overrides them key by key.
pub(super) const JOBS: [(&str, &str); 15] = [
    ("import-practitioners", include_str!("../../jobs/import-practitioners.toml")),
    ("import-register", include_str!("../../jobs/import-register.toml")),
    ("record-producer-answers", include_str!("../../jobs/record-producer-answers.toml")),
    ("record-returns", include_str!("../../jobs/record-returns.toml")),
    ("record-desk-events", include_str!("../../jobs/record-desk-events.toml")),
    ("record-notice-outcomes", include_str!("../../jobs/record-notice-outcomes.toml")),
    ("record-requests", include_str!("../../jobs/record-requests.toml")),
    ("record-payments", include_str!("../../jobs/record-payments.toml")),
    ("queue-corrections", include_str!("../../jobs/queue-corrections.toml")),
    ("queue-replacements", include_str!("../../jobs/queue-replacements.toml")),
    ("remove-held-cards", include_str!("../../jobs/remove-held-cards.toml")),
    ("issue-cards", include_str!("../../jobs/issue-cards.toml")),
    ("send-print-orders", include_str!("../../jobs/send-print-orders.toml")),
    ("send-notices", include_str!("../../jobs/send-notices.toml")),
    ("check-books", include_str!("../../jobs/check-books.toml")),
];

/// The feeds whose rhythm can be declared, by the beginning of their files' names (page 2.2).
pub const FEEDS: [&str; 10] = [
    "registrations",
    "civil-events",
    "practitioners",
    "producer-answers",
    "returns",
    "desk-events",
    "notice-outcomes",
    "requests",
    "payments",
    "refund-confirmations",
];

/// The reason codes to which a carrier's words are mapped (T8).
const REASONS: [ReturnReason; 7] = [
    ReturnReason::NoNameOnPostbox,
    ReturnReason::Moved,
    ReturnReason::Unknown,
    ReturnReason::BoxFull,
    ReturnReason::Refused,
    ReturnReason::Deceased,
    ReturnReason::Other,
];

/// When and how a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDeclaration {
    /// Its name, which is also the argument that starts it.
    pub name: &'static str,
    /// What it does, one sentence in the office's words.
    pub what: String,
    /// The time of day, in the office's time zone, from which its slot of a date is due.
    pub at: NaiveTime,
    /// The days that have a slot.
    pub days: Days,
    /// Whether it belongs to the night.
    pub enabled: bool,
    /// Rows or cases in one transaction; a chunk stays under a second, so that the desk passes between two.
    pub chunk: usize,
    /// The most keys (due cards, rows of a file) it may select; with more it changes nothing and opens a finding.
    pub limit: u64,
    /// After so long it stops between two chunks.
    pub time_limit: Duration,
}

/// When the files of a feed are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// The days on which one comes, where the office is open on them.
    pub expected: Days,
    /// Working days without one after which it is late.
    pub late_after_days: u32,
}

impl Rhythm {
    /// More expected working days passed since the last file than the setting allows (2.1). A feed that never came has
    /// no rhythm yet.
    #[must_use]
    pub fn is_late(&self, last: Option<NaiveDate>, today: NaiveDate, calendar: &Calendar) -> bool {
        let Some(last) = last else { return false };
        let expected = |day: &NaiveDate| self.expected.contain(day.weekday()) && calendar.is_open(*day);
        let missed = last.iter_days().skip(1).take_while(|day| *day < today).filter(expected);
        missed.take(1 + self.late_after_days as usize).count() > self.late_after_days as usize
    }
}

impl JobDeclaration {
    pub(super) fn read(name: &'static str, layers: &mut Layers) -> Result<Self, SettingsFlaw> {
        let mut value = |key: &str| layers.value(&format!("jobs.{name}.{key}"));
        Ok(Self {
            name,
            what: value("what")?.text()?.to_owned(),
            at: value("at")?.parsed("a time of day like 04:15", time_of_day)?,
            days: value("days")?.parsed("days of the week like Mon-Fri or Tue,Thu", |text| {
                text.parse().ok().filter(|days| *days != Days::NEVER)
            })?,
            enabled: value("enabled")?.yes()?,
            chunk: value("chunk")?.integer(1..=50_000, "a chunk stays under a second, for the desk waits for it")?,
            limit: value("limit")?.integer(1..=1_000_000_000, "a job without a limit is not run")?,
            time_limit: value("time_limit")?.parsed("a time like 30m or 2h, at most 24h", time_limit)?,
        })
    }
}

/// The periods that the rules count with, each declared with the job it belongs to.
pub(super) fn periods(layers: &mut Layers) -> Result<Periods, SettingsFlaw> {
    let mut setting = |job: &str, key: &str| layers.value(&format!("jobs.{job}.settings.{key}"));
    Ok(Periods {
        card_after_days: setting("import-register", "card_after_days")?
            .integer(1..=90, "citizens are told that the card comes about two weeks after registration")?,
        hold_months: setting("record-returns", "hold_months")?
            .integer(6..=120, "citizens are told that a card is kept for six months")?,
        told_days: setting("record-returns", "told_days")?.integer(1..=365, TIME_TO_ACT)?,
        held_again_days: setting("record-returns", "held_again_days")?.integer(1..=365, TIME_TO_ACT)?,
        told_before_removal_days: setting("remove-held-cards", "told_before_removal_days")?
            .integer(1..=365, TIME_TO_ACT)?,
        silence_days: setting("send-notices", "silence_days")?
            .integer(1..=60, "reports of failure need some days to come back")?,
        reminder_days: reminders(&setting("send-notices", "reminder_days")?)?,
        mailings: setting("record-desk-events", "mailings")?
            .integer(1..=10, "a card that keeps coming back is for pick-up")?,
        lapse_days: setting("record-requests", "lapse_days")?.integer(1..=365, TIME_TO_ACT)?,
        reopen_days: setting("record-requests", "reopen_days")?
            .integer(0..=365, "with 0 a payment after the lapse is always given back")?,
        never_arrived_days: setting("record-requests", "never_arrived_days")?.integer(1..=365, TIME_TO_ACT)?,
        marriage_months: setting("record-requests", "marriage_months")?
            .integer(0..=24, "with 0 a name taken in marriage is never free")?,
        cracked_years: setting("record-requests", "cracked_years")?
            .integer(1..=20, "a card wears out in some years")?,
        producer_silent_days: setting("check-books", "producer_silent_days")?
            .integer(1..=60, "the producer needs some days, and the citizen an end to them")?,
        guardian_below_age: setting("send-notices", "guardian_below_age")?
            .integer(1..=18, "grown-ups are written to themselves")?,
    })
}

/// Why a period in which somebody may act has a least and a most.
const TIME_TO_ACT: &str = "somebody must have time to act, and the office an end to waiting";

/// The carrier's words, as they stand on the returned letter, with our reason code.
pub(super) fn reasons(layers: &mut Layers) -> Result<BTreeMap<String, ReturnReason>, SettingsFlaw> {
    let prefix = "jobs.record-returns.settings.reasons.";
    let expected = format!("one of {}", REASONS.map(ReturnReason::code).join(", "));
    let reason = |given: Given| {
        let reason = given.parsed(&expected, |code| REASONS.into_iter().find(|reason| reason.code() == code))?;
        Ok((given.key_after(prefix), reason))
    };
    layers.table(prefix).into_iter().map(reason).collect()
}

/// The feeds that are expected at all.
pub(super) fn feeds(layers: &mut Layers) -> Result<BTreeMap<&'static str, Rhythm>, SettingsFlaw> {
    let mut feeds = BTreeMap::new();
    for feed in FEEDS {
        let mut setting =
            |key: &str, like: Value| layers.optional(&format!("jobs.check-books.settings.feeds.{feed}.{key}"), &like);
        let expected = match setting("expected", Value::String(String::new())) {
            Some(given) => {
                given.parsed("days of the week like Mon-Fri or Tue,Thu, or never", |text| text.parse().ok())?
            }
            None => Days::NEVER,
        };
        let late_after_days = match setting("late_after_days", Value::Integer(0)) {
            Some(given) => given.integer(0..=60, "working days after which somebody asks where the file is")?,
            None => LATE_AFTER_DAYS,
        };
        if expected != Days::NEVER {
            feeds.insert(feed, Rhythm { expected, late_after_days });
        }
    }
    Ok(feeds)
}

/// Working days after which a feed is late that declares its days only.
const LATE_AFTER_DAYS: u32 = 3;

fn reminders(given: &Given) -> Result<[u64; 2], SettingsFlaw> {
    let expected = "two numbers of days up to 180, the longer first";
    let days: Vec<u64> = given.list(expected, |days| days.as_integer().and_then(|days| u64::try_from(days).ok()))?;
    match days[..] {
        [first, second] if first <= 180 && first > second && second > 0 => Ok([first, second]),
        _ => Err(given.is_not(expected)),
    }
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(Some(text).filter(|text| text.len() == 5)?, "%H:%M").ok()
}

/// Reads `90s`, `30m` or `2h`: more than nothing, at most a day, for the next night is then due.
fn time_limit(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let limit = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=24 * 3600).contains(&limit).then(|| Duration::from_secs(limit))
}
