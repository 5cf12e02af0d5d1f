//! Days of the week as the declarations name them: `Mon-Fri`, `Tue,Thu`, `never`.

use std::{fmt, str::FromStr};

use chrono::{Weekday, WeekdaySet};

/// Days of the week on which something happens or is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(WeekdaySet);

impl Days {
    /// No day at all.
    pub const NEVER: Self = Self(WeekdaySet::EMPTY);

    /// Whether this is one of the days.
    #[must_use]
    pub fn contain(self, day: Weekday) -> bool {
        self.0.contains(day)
    }
}

/// A text that names no days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read the days of the week")]
pub struct NoDays;

impl FromStr for Days {
    type Err = NoDays;

    /// Reads English names, short or long, in any case, separated by commas; a span may go over the weekend.
    fn from_str(text: &str) -> Result<Self, NoDays> {
        if text == "never" {
            return Ok(Self::NEVER);
        }
        let mut days = WeekdaySet::EMPTY;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let first = first.trim().parse::<Weekday>().map_err(|_| NoDays)?;
            let last = last.trim().parse::<Weekday>().map_err(|_| NoDays)?;
            let span = usize::try_from(last.days_since(first)).map_err(|_| NoDays)? + 1;
            days = WeekdaySet::ALL.iter(first).take(span).fold(days, |days, day| days.union(WeekdaySet::single(day)));
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Days {
    /// Shows spans of neighbouring days, the week beginning on Monday.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut spans: Vec<(Weekday, Weekday)> = Vec::new();
        for day in self.0.iter(Weekday::Mon) {
            match spans.last_mut() {
                Some((_, last)) if last.succ() == day => *last = day,
                _ => spans.push((day, day)),
            }
        }
        if spans.is_empty() {
            return f.pad("never");
        }
        let shown = spans.into_iter().map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first}-{last}") }
            },
        );
        f.pad(&shown.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_and_single_days_are_read() {
        for (text, shown) in [
            ("Mon-Sun", "Mon-Sun"),
            ("mon-fri", "Mon-Fri"),
            ("Tue, Thu", "Tue,Thu"),
            ("Sunday", "Sun"),
            ("Sat-Mon", "Mon,Sat-Sun"),
            ("Mon-Tue,Wed", "Mon-Wed"),
            ("never", "never"),
        ] {
            assert_eq!(text.parse::<Days>().map(|days| days.to_string()), Ok(shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_days_between_belong_to_a_span_and_no_others() {
        let days: Days = "Fri-Mon".parse().unwrap();
        let within = [Weekday::Fri, Weekday::Sat, Weekday::Sun, Weekday::Mon];
        for day in WeekdaySet::ALL.iter(Weekday::Mon) {
            assert_eq!(days.contain(day), within.contains(&day), "{day}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "Mon-", "Man-Fre", "Mon,,Tue", "weekdays", "Never"] {
            assert_eq!(text.parse::<Days>(), Err(NoDays), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(which in proptest::collection::vec(0..7u8, 0..7)) {
            let days = which.iter().map(|n| Weekday::try_from(*n).unwrap()).collect::<WeekdaySet>();
            prop_assert_eq!(Days(days).to_string().parse(), Ok(Days(days)));
        }
    }
}
