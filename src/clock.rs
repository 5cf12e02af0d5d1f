//! The only place that asks what time it is. Everything else is handed a date or an instant.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// The office's time zone: business dates and the hours of the jobs are civil time here.
pub const OFFICE_ZONE: Tz = chrono_tz::Europe::Copenhagen;

/// Where the time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine.
    System,
    /// It is always this instant: rehearsals and tests.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// This instant.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the entry point at which time becomes an argument")]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(instant) => instant,
        }
    }

    /// This instant on the office's wall.
    #[must_use]
    pub fn local(self) -> DateTime<Tz> {
        self.now().with_timezone(&OFFICE_ZONE)
    }

    /// The civil date in the office.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        self.local().date_naive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(instant: &str) -> Clock {
        Clock::Fixed(instant.parse().unwrap())
    }

    #[test]
    fn today_is_the_date_in_the_office() {
        for (instant, today) in [
            ("2025-11-21T22:59:59Z", "2025-11-21"),
            ("2025-11-21T23:00:00Z", "2025-11-22"),
            ("2025-07-01T21:59:59Z", "2025-07-01"),
            ("2025-07-01T22:00:00Z", "2025-07-02"),
            ("2025-12-31T23:30:00Z", "2026-01-01"),
        ] {
            assert_eq!(fixed(instant).today(), today.parse().unwrap(), "{instant}");
        }
    }

    #[test]
    fn the_wall_follows_summer_time() {
        for (instant, wall) in [
            ("2026-03-29T00:59:59Z", "2026-03-29 01:59:59"),
            ("2026-03-29T01:00:00Z", "2026-03-29 03:00:00"),
            ("2026-10-25T00:30:00Z", "2026-10-25 02:30:00"),
            ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00"),
        ] {
            assert_eq!(fixed(instant).local().naive_local().to_string(), wall, "{instant}");
        }
    }

    #[test]
    fn a_fixed_clock_stands_still_and_the_system_moves_on() {
        let instant = "2025-11-21T04:15:00Z".parse().unwrap();
        assert_eq!(Clock::Fixed(instant).now(), instant);
        let before = Clock::System.now();
        assert!(before <= Clock::System.now());
        assert!(before > instant);
    }
}
