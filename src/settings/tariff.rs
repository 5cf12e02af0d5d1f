//! The tariff as an office writes it: a year and its kroner.

use std::ops::RangeInclusive;

use toml::Value;

use super::{flaw::SettingsFlaw, given::Given, layers::Layers};
use crate::domain::money::{Ore, Tariff};

/// Years for which a tariff may be named: from the first central register to well after us. One outside them is a slip.
const TARIFF_YEARS: RangeInclusive<i32> = 1968..=2100;

/// Reads the tariff: years that are named are added to those compiled in.
pub(super) fn read(layers: &mut Layers) -> Result<Tariff, SettingsFlaw> {
    let mut fees = Vec::new();
    for year in TARIFF_YEARS {
        if let Some(given) = layers.tabled(&format!("tariff.{year}"), &Value::Integer(0)) {
            fees.push((year, fee(&given)?));
        }
    }
    Ok(fees.into_iter().collect())
}

/// Reads kroner: `225`, `225.00` or `"225,00"`.
fn fee(given: &Given) -> Result<Ore, SettingsFlaw> {
    let text = match &given.value {
        Value::Integer(kroner) => format!("{kroner}.00"),
        // The shortest text of a float is what stood in the file, but for zeros at its end.
        Value::Float(kroner) => {
            let text = kroner.to_string();
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            if decimals > 2 { text } else { format!("{kroner:.2}") }
        }
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    Ore::parse(&text).ok().filter(|fee| *fee > Ore(0)).ok_or_else(|| given.is_not("kroner like 225 or 225.00"))
}
