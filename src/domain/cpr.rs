//! The number that every registered person has in the Civil Registration System, and what can be read from it.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use thiserror::Error;

/// One CPR number (page 1.2). It never prints itself: [`fmt::Debug`] and [`fmt::Display`] are masked, the birth date
/// too; [`Cpr::reveal`] and the serialized form, which is for the book's personal data only, show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpr {
    number: u64,
    born_on: NaiveDate,
}

/// Why a text is no CPR number. The messages never repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CprFlaw {
    /// Too short (a spreadsheet drops a leading zero), too long, or other signs than digits and the one hyphen.
    #[error("read the CPR number: it has not exactly ten digits")]
    NotTenDigits,
    /// Letters, as in numbers that hospitals make up.
    #[error("read the CPR number: it has letters in it")]
    Letters,
    /// A day of 61 to 91: a replacement number, which is valid only where it was given.
    #[error("read the CPR number: it is a local replacement number")]
    ReplacementNumber,
    /// The first seven digits are no date of the calendar.
    #[error("read the CPR number: its first six digits are no date")]
    ImpossibleDate,
    /// The date is in the calendar, but still to come.
    #[error("read the CPR number: its birth date is after today")]
    BornAfterToday,
}

impl Cpr {
    /// Reads ten digits, with or without a hyphen after the sixth. Modulus 11 is no ground for rejection: numbers
    /// without it have been issued since 1 October 2007.
    pub fn parse(text: &str) -> Result<Self, CprFlaw> {
        if text.chars().any(char::is_alphabetic) {
            return Err(CprFlaw::Letters);
        }
        let digits = ten_digits(text).ok_or(CprFlaw::NotTenDigits)?;
        let two = |at: usize| u32::from(digits[at]) * 10 + u32::from(digits[at + 1]);
        let (day, month, year) = (two(0), two(2), two(4));
        if (61..=91).contains(&day) {
            return Err(CprFlaw::ReplacementNumber);
        }
        let year = century(digits[6], year) + year;
        let born_on = NaiveDate::from_ymd_opt(year.cast_signed(), month, day).ok_or(CprFlaw::ImpossibleDate)?;
        let number = digits.iter().fold(0, |number, digit| number * 10 + u64::from(*digit));
        Ok(Self { number, born_on })
    }

    /// As [`Cpr::parse`]; a birth date after `today` is impossible as well.
    pub fn parse_on(text: &str, today: NaiveDate) -> Result<Self, CprFlaw> {
        let cpr = Self::parse(text)?;
        if cpr.born_on > today { Err(CprFlaw::BornAfterToday) } else { Ok(cpr) }
    }

    /// The birth date that the first seven digits give. It is as personal as the number.
    #[must_use]
    pub fn birth_date(self) -> NaiveDate {
        self.born_on
    }

    /// Age in whole years on a date, 0 before birth. Who is born on 29 February turns a year older on 1 March in
    /// years without that day.
    #[must_use]
    pub fn age_on(self, on: NaiveDate) -> u32 {
        on.years_since(self.born_on).unwrap_or(0)
    }

    /// Whether the last digit is even.
    #[must_use]
    pub fn is_woman(self) -> bool {
        self.number.is_multiple_of(2)
    }

    /// Whether the control digit of numbers issued before October 2007 is right: a note, never a ground for rejection.
    #[must_use]
    pub fn passes_modulus_11(self) -> bool {
        const WEIGHTS_FROM_THE_RIGHT: [u64; 10] = [1, 2, 3, 4, 5, 6, 7, 2, 3, 4];
        let mut rest = self.number;
        let mut sum = 0;
        for weight in WEIGHTS_FROM_THE_RIGHT {
            sum += weight * (rest % 10);
            rest /= 10;
        }
        sum.is_multiple_of(11)
    }

    /// The ten digits, for print, for letters and for the book; never for a log, an error or a file name.
    #[must_use]
    pub fn reveal(self) -> String {
        format!("{:010}", self.number)
    }
}

/// The values of the ten digits, if the text has just these and at most the one hyphen in its place.
fn ten_digits(text: &str) -> Option<[u8; 10]> {
    let (birth, serial) = text.split_once('-').or_else(|| text.split_at_checked(6))?;
    if birth.len() != 6 || serial.len() != 4 {
        return None;
    }
    let mut digits = [0; 10];
    for (digit, sign) in digits.iter_mut().zip(birth.bytes().chain(serial.bytes())) {
        if !sign.is_ascii_digit() {
            return None;
        }
        *digit = sign - b'0';
    }
    Some(digits)
}

/// The first year of the century that the seventh digit and the two-digit year mean (page 1.2).
fn century(seventh: u8, year: u32) -> u32 {
    match (seventh, year) {
        (4 | 9, ..=36) | (5..=8, ..=57) => 2000,
        (5..=8, _) => 1800,
        _ => 1900,
    }
}

impl fmt::Debug for Cpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Cpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("******-****")
    }
}

impl Serialize for Cpr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.reveal())
    }
}

impl<'de> Deserialize<'de> for Cpr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The format's own error would repeat what it found where it wanted a text: perhaps the number.
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom(CprFlaw::NotTenDigits))?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl CprFlaw {
    /// The reason code of a reject.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotTenDigits => "cpr-not-ten-digits",
            Self::Letters => "cpr-letters",
            Self::ReplacementNumber => "cpr-replacement-number",
            Self::ImpossibleDate => "cpr-impossible-date",
            Self::BornAfterToday => "cpr-born-after-today",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_seventh_digit_tells_the_century() {
        for (number, born_on) in [
            ("0707610011", "1961-07-07"),
            ("0707993011", "1999-07-07"),
            ("1506364011", "2036-06-15"),
            ("1506374011", "1937-06-15"),
            ("1506369011", "2036-06-15"),
            ("1506379011", "1937-06-15"),
            ("1203575011", "2057-03-12"),
            ("1203585011", "1858-03-12"),
            ("1203578011", "2057-03-12"),
            ("3112998012", "1899-12-31"),
            ("2902044012", "2004-02-29"),
            ("2902007011", "2000-02-29"),
        ] {
            let cpr = Cpr::parse(number).unwrap();
            assert_eq!(cpr.birth_date(), date(born_on), "{number}");
            assert!(!cpr.passes_modulus_11(), "{number} may have been issued");
        }
    }

    #[test]
    fn a_hyphen_is_accepted_after_the_sixth_digit_only() {
        assert_eq!(Cpr::parse("070761-0011"), Cpr::parse("0707610011"));
        for text in ["", "-", "07076-10011", "0707610-011", "070761--011", "070761-0011-", "070761 0011", "707610011"] {
            assert_eq!(Cpr::parse(text), Err(CprFlaw::NotTenDigits), "{text}");
        }
    }

    #[test]
    fn each_flaw_has_its_own_reason() {
        for (text, code) in [
            ("070761001", "cpr-not-ten-digits"),
            ("07076100112", "cpr-not-ten-digits"),
            ("07076\u{0661}001", "cpr-not-ten-digits"),
            ("070761AB11", "cpr-letters"),
            ("070761Å011", "cpr-letters"),
            ("6107891012", "cpr-replacement-number"),
            ("9107891011", "cpr-replacement-number"),
            ("6007891011", "cpr-impossible-date"),
            ("9207891011", "cpr-impossible-date"),
            ("0007891011", "cpr-impossible-date"),
            ("3104044011", "cpr-impossible-date"),
            ("2902000012", "cpr-impossible-date"),
            ("1506364011", "cpr-born-after-today"),
        ] {
            let flaw = Cpr::parse_on(text, date("2026-11-22")).unwrap_err();
            assert_eq!(flaw.code(), code, "{text}");
            assert!(!flaw.to_string().contains(text), "{flaw}");
        }
    }

    #[test]
    fn a_child_is_registered_on_the_day_it_is_born() {
        let born_on = date("2004-02-29");
        assert!(Cpr::parse_on("2902044012", born_on).is_ok());
        assert_eq!(Cpr::parse_on("2902044012", date("2004-02-28")), Err(CprFlaw::BornAfterToday));
    }

    #[test]
    fn age_is_counted_in_whole_years() {
        let cpr = Cpr::parse("2902044012").unwrap();
        for (on, age) in [
            ("2004-02-28", 0),
            ("2004-02-29", 0),
            ("2019-02-28", 14),
            ("2019-03-01", 15),
            ("2024-02-28", 19),
            ("2024-02-29", 20),
        ] {
            assert_eq!(cpr.age_on(date(on)), age, "{on}");
        }
    }

    #[test]
    fn the_last_digit_tells_the_sex() {
        assert!(Cpr::parse("0707610012").unwrap().is_woman());
        assert!(!Cpr::parse("0707610011").unwrap().is_woman());
    }

    #[test]
    fn it_prints_masked() {
        let cpr = Cpr::parse("0707610011").unwrap();
        assert_eq!(cpr.to_string(), "******-****");
        assert_eq!(format!("{cpr:?}"), "******-****");
        assert_eq!(format!("{:#?}", Some(cpr)), "Some(\n    ******-****,\n)");
    }

    #[test]
    fn a_stored_number_that_is_none_is_not_repeated_in_the_error() {
        for json in ["707610011", "\"9907610011\"", "[707610011]"] {
            let error = serde_json::from_str::<Cpr>(json).unwrap_err().to_string();
            assert!(!error.contains("07610011"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9A-Å -]{0,12}|\\PC{0,12}") {
            if let Ok(cpr) = Cpr::parse(&text) {
                prop_assert_eq!(cpr.reveal(), text.replace('-', ""));
            }
        }

        #[test]
        fn what_is_revealed_or_stored_is_the_same_number(number in a_number()) {
            let cpr = Cpr::parse(&number).unwrap();
            prop_assert_eq!(&cpr.reveal(), &number);
            let stored = serde_json::to_string(&cpr).unwrap();
            prop_assert_eq!(&stored, &format!("\"{number}\""));
            prop_assert_eq!(serde_json::from_str::<Cpr>(&stored).unwrap(), cpr);
        }

        #[test]
        fn the_order_is_that_of_the_digits(one in a_number(), other in a_number()) {
            prop_assert_eq!(Cpr::parse(&one).unwrap().cmp(&Cpr::parse(&other).unwrap()), one.cmp(&other));
        }

        /// Weights 4 3 2 7 6 5 4 3 2 1, as published; no number that passes is written down here.
        #[test]
        fn modulus_11_weighs_the_digits(number in a_number()) {
            let sum: u32 = number.chars().zip("4327654321".chars())
                .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight.to_digit(10).unwrap())
                .sum();
            prop_assert_eq!(Cpr::parse(&number).unwrap().passes_modulus_11(), sum.is_multiple_of(11));
        }
    }

    fn a_number() -> impl Strategy<Value = String> {
        (2..=28u32, 1..=12u32, 0..100u32, 0..10_000u32)
            .prop_map(|(day, month, year, serial)| format!("{day:02}{month:02}{year:02}{serial:04}"))
    }
}
