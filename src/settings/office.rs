//! What the office says of itself.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use toml::Value;

use super::{flaw::SettingsFlaw, layers::Layers};
use crate::domain::person::Language;

/// What the office says of itself on lists and in messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// Its name, like `Borgerservice, Dokk1`.
    pub name: String,
    /// Where it and its shelf are.
    pub site: String,
    /// Its municipality's code, four digits.
    pub municipality: String,
    /// The number citizens are told to call.
    pub phone: String,
    /// The address citizens may write to.
    pub email: Option<String>,
    /// For people whose row in the register names no language.
    pub language: Language,
    /// Days `(month, day)` on which it is closed every year, besides weekends and public holidays.
    pub closed_days: BTreeSet<(u32, u32)>,
}

impl Office {
    pub(super) fn read(layers: &mut Layers) -> Result<Self, SettingsFlaw> {
        let mut text = |key: &str| layers.value(key)?.text().map(str::to_owned);
        let (name, site, phone) = (text("office.name")?, text("office.site")?, text("office.phone")?);
        Ok(Self {
            name,
            site,
            municipality: layers.value("office.municipality")?.parsed("a code of four digits in quotes", |code| {
                (code.len() == 4 && code.bytes().all(|sign| sign.is_ascii_digit())).then(|| code.to_owned())
            })?,
            phone,
            email: match layers.optional("office.email", &Value::String(String::new())) {
                Some(given) => Some(given.parsed("an e-mail address", |text| {
                    text.split_once('@')
                        .is_some_and(|(to, at)| !to.is_empty() && !at.is_empty())
                        .then(|| text.to_owned())
                })?),
                None => None,
            },
            language: layers.value("office.language")?.parsed("da or en", |code| {
                [Language::Da, Language::En].into_iter().find(|language| language.code() == code)
            })?,
            closed_days: layers
                .value("office.closed_days")?
                .list("a list of days of the year like \"12-24\"", |day| day.as_str().and_then(day_of_year))?,
        })
    }
}

/// Reads month and day; 29 February is a day of the year.
fn day_of_year(text: &str) -> Option<(u32, u32)> {
    let day = Some(text).filter(|text| text.len() == 5)?;
    let in_a_leap_year: NaiveDate = format!("2024-{day}").parse().ok()?;
    Some((in_a_leap_year.month(), in_a_leap_year.day()))
}
