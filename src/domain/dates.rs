//! Due dates: each is a fact's date plus a period, defined here and nowhere else (page 1.4).
//!
//! Months clamp: 31 August and 6 months is the last of February. Subtracting is not the inverse of adding, so only
//! reminders count back. A date beyond the calendar is taken as its very last day: what cannot be dated never comes, and
//! no card is removed for it.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{calendar::Calendar, periods::Periods};

/// The facts and decisions from which the last day of a hold follows (page 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldClock {
    /// As [`hold_until`] gave it when the hold opened; never computed again.
    pub hold_until: NaiveDate,
    /// When the citizen was first told of this hold; for a notice that is just going out, the day of its export.
    pub first_told_on: Option<NaiveDate>,
    /// When the copy last became valid, found, restored or undone to held again.
    pub held_again_on: Option<NaiveDate>,
    /// An operator's extension (T14).
    pub extended_to: Option<NaiveDate>,
}

/// When the first card of a stay is due (T1).
#[must_use]
pub fn first_card_due(registered_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_days(registered_on, periods.card_after_days)
}

/// Until when a returned copy is kept, were there nothing else to wait for: computed once, stored in [`HoldClock`].
#[must_use]
pub fn hold_until(returned_on: NaiveDate, periods: &Periods, calendar: &Calendar) -> NaiveDate {
    calendar.next_open(plus_months(returned_on, periods.hold_months))
}

/// The last day on which the held copy can be collected: the latest of its parts, each moved to an open day of the
/// calendar as it now is. Whoever stores it keeps the later of it and a date already told.
#[must_use]
pub fn last_day(clock: &HoldClock, periods: &Periods, calendar: &Calendar) -> NaiveDate {
    let told = clock.first_told_on.map(|on| plus_days(on, periods.told_days));
    let held_again = clock.held_again_on.map(|on| plus_days(on, periods.held_again_days));
    // To move the latest part is to move each: a later date never has an earlier open day.
    let latest = [told, held_again, clock.extended_to].into_iter().flatten().fold(clock.hold_until, NaiveDate::max);
    calendar.next_open(latest)
}

/// The first day on which the citizen has been told long enough for a removal (T12).
#[must_use]
pub fn told_long_enough_on(told_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_days(told_on, periods.told_before_removal_days)
}

/// The first day on which an expired copy may be removed: after its last day, told long enough ago, office open (T12).
#[must_use]
pub fn removal_from(last_day: NaiveDate, told_on: NaiveDate, periods: &Periods, calendar: &Calendar) -> NaiveDate {
    calendar.next_open(plus_days(last_day, 1).max(told_long_enough_on(told_on, periods)))
}

/// The days on which reminders of a last day go, the longest notice first (page 2.3).
#[must_use]
pub fn reminders(last_day: NaiveDate, periods: &Periods) -> [NaiveDate; 2] {
    periods.reminder_days.map(|days| last_day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN))
}

/// The first day on which an export without a report of failure counts as told; told on is then the day of the export.
#[must_use]
pub fn told_by_silence_on(exported_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_days(exported_on, periods.silence_days)
}

/// The first day on which an unanswered batch is a finding (T7).
#[must_use]
pub fn producer_silent_on(closed_on: NaiveDate, periods: &Periods, calendar: &Calendar) -> NaiveDate {
    calendar.working_days_after(closed_on, periods.producer_silent_days)
}

/// The last day on which a fee can be paid in time; the request lapses in the first night after it (page 1.6).
#[must_use]
pub fn payable_until(decided_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_days(decided_on, periods.lapse_days)
}

/// The last day on which a payment reopens the lapsed request. Counted from [`payable_until`], not from the night that
/// let the request lapse: a missed night gives no other right.
#[must_use]
pub fn reopens_until(decided_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_days(payable_until(decided_on, periods), periods.reopen_days)
}

/// The last day on which a claim that the card never arrived is free (page 1.6).
#[must_use]
pub fn never_arrived_until(posted_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_days(posted_on, periods.never_arrived_days)
}

/// The last day on which the new name of a marriage is free (page 1.6).
#[must_use]
pub fn marriage_until(married_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_months(married_on, periods.marriage_months)
}

/// The day after which a cracked card is old enough to be replaced free: over four years, so not the day itself (1.6).
#[must_use]
pub fn cracked_free_after(posted_on: NaiveDate, periods: &Periods) -> NaiveDate {
    plus_months(posted_on, periods.cracked_years.saturating_mul(12))
}

fn plus_days(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

fn plus_months(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn held_until(text: &str) -> HoldClock {
        HoldClock { hold_until: date(text), first_told_on: None, held_again_on: None, extended_to: None }
    }

    #[test]
    fn months_clamp() {
        assert_eq!(plus_months(date("2025-08-31"), 6), date("2026-02-28"));
        assert_eq!(plus_months(date("2027-08-31"), 6), date("2028-02-29"));
    }

    #[test]
    fn a_returned_card_is_kept_six_months_and_to_an_open_day() {
        for (returned_on, until) in [
            ("2025-08-31", "2026-03-02"),
            ("2025-10-02", "2026-04-07"),
            ("2025-06-24", "2025-12-29"),
            ("2022-11-05", "2023-05-08"),
            ("2027-08-31", "2028-02-29"),
            ("2025-05-21", "2025-11-21"),
        ] {
            let kept = hold_until(date(returned_on), &Periods::default(), &Calendar::default());
            assert_eq!(kept, date(until), "{returned_on}");
        }
    }

    #[test]
    fn the_last_day_is_the_latest_of_its_parts() {
        let (periods, calendar) = (Periods::default(), Calendar::default());
        let clock = held_until("2026-03-02");
        assert_eq!(last_day(&clock, &periods, &calendar), date("2026-03-02"));
        // 28 March 2026 is a Saturday.
        let told = HoldClock { first_told_on: Some(date("2026-02-26")), ..clock };
        assert_eq!(last_day(&told, &periods, &calendar), date("2026-03-30"));
        let early = HoldClock { first_told_on: Some(date("2025-09-01")), ..clock };
        assert_eq!(last_day(&early, &periods, &calendar), date("2026-03-02"));
        // 19 March is 14 days later; then Maundy Thursday.
        let again = HoldClock { held_again_on: Some(date("2026-03-05")), ..clock };
        assert_eq!(last_day(&again, &periods, &calendar), date("2026-03-19"));
        let extended = HoldClock { extended_to: Some(date("2026-04-02")), ..again };
        assert_eq!(last_day(&extended, &periods, &calendar), date("2026-04-07"));
    }

    #[test]
    fn a_closure_entered_afterwards_moves_the_last_day() {
        let mut calendar = Calendar::default();
        calendar.close(date("2026-03-02"));
        assert_eq!(last_day(&held_until("2026-03-02"), &Periods::default(), &calendar), date("2026-03-03"));
    }

    #[test]
    fn a_card_is_removed_after_its_last_day_when_told_long_enough_ago() {
        let (periods, calendar) = (Periods::default(), Calendar::default());
        let from = |told_on| removal_from(date("2026-03-06"), date(told_on), &periods, &calendar);
        assert_eq!(from("2025-09-01"), date("2026-03-09"));
        assert_eq!(from("2026-02-23"), date("2026-03-09"));
        assert_eq!(from("2026-02-24"), date("2026-03-10"));
    }

    #[test]
    fn reminders_count_back_from_the_last_day() {
        let days = reminders(date("2026-03-30"), &Periods::default());
        assert_eq!(days, [date("2026-02-28"), date("2026-03-23")]);
    }

    #[test]
    fn a_producer_has_five_working_days() {
        let silent = producer_silent_on(date("2026-03-30"), &Periods::default(), &Calendar::default());
        assert_eq!(silent, date("2026-04-09"));
    }

    #[test]
    fn periods_of_days_and_months_are_those_of_the_office() {
        let periods = Periods::default();
        assert_eq!(first_card_due(date("2024-02-16"), &periods), date("2024-03-01"));
        assert_eq!(told_by_silence_on(date("2026-02-26"), &periods), date("2026-03-05"));
        assert_eq!(told_long_enough_on(date("2026-02-26"), &periods), date("2026-03-12"));
        assert_eq!(payable_until(date("2026-01-01"), &periods), date("2026-03-02"));
        assert_eq!(reopens_until(date("2026-01-01"), &periods), date("2026-04-01"));
        assert_eq!(never_arrived_until(date("2026-01-01"), &periods), date("2026-03-02"));
        assert_eq!(marriage_until(date("2025-11-30"), &periods), date("2026-02-28"));
        assert_eq!(cracked_free_after(date("2024-02-29"), &periods), date("2028-02-29"));
    }

    #[test]
    fn what_cannot_be_dated_never_comes() {
        let endless = Periods { hold_months: u32::MAX, card_after_days: u64::MAX, ..Periods::default() };
        assert_eq!(first_card_due(date("2026-01-01"), &endless), NaiveDate::MAX);
        assert_eq!(hold_until(date("2026-01-01"), &endless, &Calendar::default()), NaiveDate::MAX);
        assert_eq!(reminders(NaiveDate::MIN, &endless), [NaiveDate::MIN; 2]);
    }

    proptest! {
        #[test]
        fn a_hold_ends_on_an_open_day_six_months_on_or_later(returned_on in a_date()) {
            let (periods, calendar) = (Periods::default(), Calendar::default());
            let until = hold_until(returned_on, &periods, &calendar);
            prop_assert!(calendar.is_open(until));
            prop_assert!(until >= plus_months(returned_on, 6));
        }

        #[test]
        fn who_returns_later_is_held_as_long_or_longer(returned_on in a_date(), later in 0..400u64) {
            let (periods, calendar) = (Periods::default(), Calendar::default());
            let until = hold_until(returned_on, &periods, &calendar);
            prop_assert!(hold_until(plus_days(returned_on, later), &periods, &calendar) >= until);
        }

        #[test]
        fn the_last_day_is_open_not_before_any_part_and_one_of_them(clock in a_clock(), closed in a_date()) {
            let periods = Periods::default();
            let mut calendar = Calendar::default();
            calendar.close(closed);
            let parts = [
                Some(clock.hold_until),
                clock.first_told_on.map(|on| on + Days::new(30)),
                clock.held_again_on.map(|on| on + Days::new(14)),
                clock.extended_to,
            ].map(|part| part.map(|on| calendar.next_open(on)));
            let last = last_day(&clock, &periods, &calendar);
            prop_assert!(calendar.is_open(last));
            prop_assert_eq!(Some(last), parts.into_iter().max().flatten());
        }

        #[test]
        fn removal_is_on_an_open_day_after_the_last_day_told_long_enough_ago(last in a_date(), told_on in a_date()) {
            let (periods, calendar) = (Periods::default(), Calendar::default());
            let from = removal_from(last, told_on, &periods, &calendar);
            let allowed = |today: NaiveDate| {
                today > last && today >= told_on + Days::new(14) && calendar.is_open(today)
            };
            prop_assert!(allowed(from));
            prop_assert!(last.iter_days().take_while(|day| *day < from).all(|day| !allowed(day)));
        }
    }

    fn a_date() -> impl Strategy<Value = NaiveDate> {
        (0..4_000u64).prop_map(|days| date("2020-01-01") + Days::new(days))
    }

    fn a_clock() -> impl Strategy<Value = HoldClock> {
        (a_date(), option::of(a_date()), option::of(a_date()), option::of(a_date())).prop_map(
            |(hold_until, first_told_on, held_again_on, extended_to)| HoldClock {
                hold_until,
                first_told_on,
                held_again_on,
                extended_to,
            },
        )
    }
}
