//! Amounts, and the tariff of the fee.

use std::{collections::BTreeMap, fmt};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An amount of Danish kroner, in øre; stored as that integer. A difference may be negative, an amount read is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ore(pub i64);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AmountFlaw {
    /// Anything but digits, one `.` or `,` and two digits: no thousands, no signs for the currency.
    #[error("read the amount: it is not kroner with two decimals")]
    NotTwoDecimals,
    /// Money goes out by a refund, never by a negative payment.
    #[error("read the amount: it is negative")]
    Negative,
    /// More than the book can count.
    #[error("read the amount: it is too large")]
    TooLarge,
}

impl Ore {
    /// Reads kroner with exactly two decimals: `225.00`, or `225,00` as a Danish spreadsheet writes it. With two decimals
    /// and no thousands separator neither can be mistaken for the other.
    pub fn parse(text: &str) -> Result<Self, AmountFlaw> {
        let (kroner, decimals) = text.split_once(['.', ',']).ok_or(AmountFlaw::NotTwoDecimals)?;
        let unsigned = kroner.strip_prefix('-').unwrap_or(kroner);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_digit());
        if !digits(unsigned) || !digits(decimals) || decimals.len() != 2 {
            return Err(AmountFlaw::NotTwoDecimals);
        }
        if unsigned != kroner {
            return Err(AmountFlaw::Negative);
        }
        // Without its separator the amount is the number of øre.
        [kroner, decimals].concat().parse().map(Self).map_err(|_| AmountFlaw::TooLarge)
    }

    /// The sum, unless it is more than can be counted.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, negative where `other` is more, unless it is more than can be counted.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl fmt::Display for Ore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ore = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", ore / 100, ore % 100))
    }
}

impl AmountFlaw {
    /// The reason code of a reject.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotTwoDecimals => "amount-not-two-decimals",
            Self::Negative => "amount-negative",
            Self::TooLarge => "amount-too-large",
        }
    }
}

/// What a replacement costs, year by year (page 1.6). `Default` holds the published amounts; a year that is not in the
/// table has no fee that could be charged, never another year's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff(BTreeMap<i32, Ore>);

impl Tariff {
    /// The fee for a card ordered on this date, if its very year is in the table.
    #[must_use]
    pub fn on(&self, ordered_on: NaiveDate) -> Option<Ore> {
        self.0.get(&ordered_on.year()).copied()
    }
}

impl FromIterator<(i32, Ore)> for Tariff {
    fn from_iter<T: IntoIterator<Item = (i32, Ore)>>(years: T) -> Self {
        Self(years.into_iter().collect())
    }
}

impl Default for Tariff {
    fn default() -> Self {
        Self::from_iter([(2020, Ore(20_500)), (2022, Ore(21_500)), (2023, Ore(22_000)), (2024, Ore(22_500))])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kroner_have_two_decimals() {
        for (text, ore) in [("225.00", 22_500), ("225,00", 22_500), ("0.05", 5), ("007.10", 710)] {
            assert_eq!(Ore::parse(text), Ok(Ore(ore)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_their_reason() {
        for text in [
            "",
            "225",
            "225.",
            "225.0",
            "225.000",
            ".50",
            "1.225,00",
            "1,225.00",
            " 225.00",
            "+225.00",
            "kr 225.00",
            "-.50",
        ] {
            assert_eq!(Ore::parse(text).map_err(AmountFlaw::code), Err("amount-not-two-decimals"), "{text}");
        }
        assert_eq!(Ore::parse("-225.00").map_err(AmountFlaw::code), Err("amount-negative"));
        assert_eq!(Ore::parse("92233720368547758.08").map_err(AmountFlaw::code), Err("amount-too-large"));
    }

    #[test]
    fn amounts_are_shown_with_their_sign() {
        assert_eq!(Ore(22_500).to_string(), "225.00");
        assert_eq!(Ore(-5).to_string(), "-0.05");
        assert_eq!(format!("{:>9}", Ore(22_500)), "   225.00");
        assert_eq!(Ore(i64::MIN).to_string(), "-92233720368547758.08");
    }

    #[test]
    fn a_sum_never_wraps() {
        assert_eq!(Ore(20_000).checked_add(Ore(2_500)), Some(Ore(22_500)));
        assert_eq!(Ore(20_000).checked_sub(Ore(22_500)), Some(Ore(-2_500)));
        assert_eq!(Ore(i64::MAX).checked_add(Ore(1)), None);
        assert_eq!(Ore(i64::MIN).checked_sub(Ore(1)), None);
    }

    #[test]
    fn a_year_without_a_tariff_takes_no_other_years() {
        let tariff = Tariff::default();
        for (on, fee) in [
            ("2019-12-31", None),
            ("2020-01-01", Some(Ore(20_500))),
            ("2021-06-15", None),
            ("2022-12-31", Some(Ore(21_500))),
            ("2023-01-01", Some(Ore(22_000))),
            ("2024-02-29", Some(Ore(22_500))),
            ("2025-01-01", None),
        ] {
            assert_eq!(tariff.on(on.parse().unwrap()), fee, "{on}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(ore in 0..=i64::MAX) {
            let shown = Ore(ore).to_string();
            prop_assert_eq!(Ore::parse(&shown), Ok(Ore(ore)));
            prop_assert_eq!(Ore::parse(&shown.replace('.', ",")), Ok(Ore(ore)));
        }

        #[test]
        fn it_is_stored_as_an_integer(ore: i64) {
            let stored = serde_json::to_string(&Ore(ore)).unwrap();
            prop_assert_eq!(&stored, &ore.to_string());
            prop_assert_eq!(serde_json::from_str::<Ore>(&stored).unwrap(), Ore(ore));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "-?[0-9]{0,20}[.,]?[0-9]{0,3}|\\PC{0,12}") {
            if let Ok(Ore(ore)) = Ore::parse(&text) {
                prop_assert!(ore >= 0);
            }
        }
    }
}
