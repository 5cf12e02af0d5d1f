//! The days on which the office is open.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The longest run of closed days that is looked through for an open one. An office that is closed for a year on end
/// is a mistake in the settings or the closures; nothing may search for ever because of it.
pub const LONGEST_CLOSURE_DAYS: u32 = 366;

/// The last year in which Great Prayer Day was a public holiday.
const LAST_GREAT_PRAYER_DAY: i32 = 2023;

/// The office's calendar (page 1.4): closed on weekends, on Danish public holidays, on configured days of each year and
/// on dated closures. `Default` is the office's practice: 5 June, 24 and 31 December, no dated closures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    yearly: BTreeSet<(u32, u32)>,
    closures: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// A calendar with days `(month, day)` that are closed each year. One that no year has closes nothing.
    pub fn new(yearly: impl IntoIterator<Item = (u32, u32)>) -> Self {
        Self { yearly: yearly.into_iter().collect(), closures: BTreeSet::new() }
    }

    /// Enters a dated closure, perhaps long after dates were computed without it.
    pub fn close(&mut self, on: NaiveDate) {
        self.closures.insert(on);
    }

    /// Whether the desk is open on this day.
    #[must_use]
    pub fn is_open(&self, on: NaiveDate) -> bool {
        !matches!(on.weekday(), Weekday::Sat | Weekday::Sun)
            && !self.yearly.contains(&(on.month(), on.day()))
            && !self.closures.contains(&on)
            && !is_public_holiday(on)
    }

    /// The date itself when the office is open, else the next day on which it is. After [`LONGEST_CLOSURE_DAYS`] closed
    /// days the day then reached, closed as it is: late, which is the citizen's side.
    #[must_use]
    pub fn next_open(&self, date: NaiveDate) -> NaiveDate {
        let mut day = date;
        for _ in 0..LONGEST_CLOSURE_DAYS {
            if self.is_open(day) {
                break;
            }
            day = day_after(day);
        }
        day
    }

    /// The `n`th working day after a date; the date itself for 0.
    #[must_use]
    pub fn working_days_after(&self, date: NaiveDate, n: u32) -> NaiveDate {
        (0..n).fold(date, |day, _| self.next_open(day_after(day)))
    }

    /// The closures that fall on weekdays from one day to another, both included, each with its first and last day.
    /// Looks no further than [`LONGEST_CLOSURE_DAYS`]: who plans a visit does not ask for more.
    #[must_use]
    pub fn closures_between(&self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let weekday = |day: NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let mut closures: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        let mut open_since = true;
        for day in from.iter_days().take_while(|day| *day <= to).take(LONGEST_CLOSURE_DAYS as usize) {
            if self.is_open(day) {
                open_since = true;
            } else if weekday(day) {
                match closures.last_mut().filter(|_| !open_since) {
                    Some((_, last)) => *last = day,
                    None => closures.push((day, day)),
                }
                open_since = false;
            }
        }
        closures
    }

    /// How many working days have passed: those after `from`, up to and including `to`; none when `to` is not later.
    #[must_use]
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> usize {
        from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| self.is_open(*day)).count()
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new([(6, 5), (12, 24), (12, 31)])
    }
}

/// The next day; the last day that chrono knows stays where it is.
fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// The public holidays of Denmark. Days of the office's own (Constitution Day, Christmas Eve) are settings.
fn is_public_holiday(on: NaiveDate) -> bool {
    match (on.month(), on.day()) {
        (1, 1) | (12, 25 | 26) => true,
        _ => easter_sunday(on.year()).is_some_and(|easter| is_moveable_feast(on, easter)),
    }
}

fn is_moveable_feast(on: NaiveDate, easter: NaiveDate) -> bool {
    match on.signed_duration_since(easter).num_days() {
        // Maundy Thursday, Good Friday, Easter Sunday and Monday; Ascension; Whit Sunday and Monday.
        -3 | -2 | 0 | 1 | 39 | 49 | 50 => true,
        26 => on.year() <= LAST_GREAT_PRAYER_DAY,
        _ => false,
    }
}

/// The Sunday after the paschal full moon of the Gregorian calendar. None only in the first and last year of chrono.
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    let epact = (century - century.div_euclid(4) - (8 * century + 13).div_euclid(25) + 19 * golden + 15).rem_euclid(30);
    let full_moon_after_21_march = match epact {
        29 => 28,
        28 if golden > 10 => 27,
        days => days,
    };
    let full_moon = NaiveDate::from_ymd_opt(year, 3, 21)?
        .checked_add_days(Days::new(u64::from(full_moon_after_21_march.unsigned_abs())))?;
    let to_sunday = 7 - full_moon.weekday().num_days_from_sunday();
    full_moon.checked_add_days(Days::new(u64::from(to_sunday)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn closures_are_runs_of_weekdays_with_their_first_and_last_day() {
        let mut calendar = Calendar::default();
        for day in ["2026-11-30", "2026-12-01", "2026-12-04", "2026-12-07"] {
            calendar.close(date(day));
        }
        let closures = calendar.closures_between(date("2026-11-25"), date("2027-01-04"));
        let expected = [
            ("2026-11-30", "2026-12-01"),
            ("2026-12-04", "2026-12-07"),
            ("2026-12-24", "2026-12-25"),
            ("2026-12-31", "2027-01-01"),
        ];
        assert_eq!(closures, expected.map(|(first, last)| (date(first), date(last))));
        assert_eq!(calendar.closures_between(date("2026-12-05"), date("2026-12-06")), []);
        assert_eq!(calendar.closures_between(date("2026-12-06"), date("2026-12-05")), []);
    }

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for easter in [
            "1818-03-22",
            "1943-04-25",
            "1954-04-18",
            "1981-04-19",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2023-04-09",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2038-04-25",
            "2049-04-18",
            "2076-04-19",
        ] {
            let easter = date(easter);
            assert_eq!(easter_sunday(easter.year()), Some(easter));
        }
    }

    #[test]
    fn the_office_is_closed_on_holidays_weekends_and_its_own_days() {
        let calendar = Calendar::default();
        for closed in [
            "2025-01-01",
            "2025-04-17",
            "2025-04-18",
            "2025-04-20",
            "2025-04-21",
            "2025-05-29",
            "2025-06-08",
            "2025-06-09",
            "2025-06-05",
            "2025-12-24",
            "2025-12-25",
            "2025-12-26",
            "2025-12-31",
            "2025-11-22",
            "2025-11-23",
            "2023-05-05",
        ] {
            assert!(!calendar.is_open(date(closed)), "{closed}");
        }
        for open in [
            "2025-01-02",
            "2025-04-16",
            "2025-04-22",
            "2025-05-16",
            "2025-05-28",
            "2025-05-30",
            "2025-06-10",
            "2025-12-23",
            "2025-12-29",
            "2024-04-26",
        ] {
            assert!(calendar.is_open(date(open)), "{open}");
        }
    }

    #[test]
    fn a_dated_closure_closes_that_day_only() {
        let mut calendar = Calendar::default();
        calendar.close(date("2026-03-02"));
        assert_eq!(calendar.next_open(date("2026-02-28")), date("2026-03-03"));
        assert!(calendar.is_open(date("2027-03-02")));
    }

    #[test]
    fn the_day_itself_counts_when_open() {
        let calendar = Calendar::default();
        assert_eq!(calendar.next_open(date("2025-11-21")), date("2025-11-21"));
        assert_eq!(calendar.next_open(date("2025-12-24")), date("2025-12-29"));
    }

    #[test]
    fn working_days_skip_what_is_closed() {
        let calendar = Calendar::default();
        assert_eq!(calendar.working_days_after(date("2025-12-22"), 0), date("2025-12-22"));
        assert_eq!(calendar.working_days_after(date("2025-12-22"), 5), date("2026-01-05"));
        assert_eq!(calendar.working_days_between(date("2025-12-22"), date("2026-01-04")), 4);
        assert_eq!(calendar.working_days_between(date("2026-01-05"), date("2025-12-22")), 0);
    }

    #[test]
    fn a_calendar_without_an_open_day_gives_the_day_at_the_limit() {
        let every_day = (1..=12).flat_map(|month| (1..=31).map(move |day| (month, day)));
        let calendar = Calendar::new(every_day);
        assert_eq!(calendar.next_open(date("2025-01-01")), date("2026-01-02"));
        assert_eq!(calendar.next_open(NaiveDate::MAX), NaiveDate::MAX);
    }

    proptest! {
        #[test]
        fn the_next_open_day_is_open_and_none_before_it_is(offset in 0..40_000u64, closed in 0..60u64) {
            let day = date("1990-01-01") + Days::new(offset);
            let mut calendar = Calendar::default();
            for later in 0..closed {
                calendar.close(day + Days::new(later));
            }
            let open = calendar.next_open(day);
            prop_assert!(calendar.is_open(open));
            prop_assert!(day.iter_days().take_while(|before| *before < open).all(|before| !calendar.is_open(before)));
        }

        #[test]
        fn counting_back_what_was_counted_on_gives_the_same(offset in 0..40_000u64, n in 0..60u32) {
            let calendar = Calendar::default();
            let day = date("1990-01-01") + Days::new(offset);
            let later = calendar.working_days_after(day, n);
            prop_assert_eq!(calendar.working_days_between(day, later), n as usize);
        }
    }
}
