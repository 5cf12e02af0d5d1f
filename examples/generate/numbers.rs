//! The CPR numbers of generated people: such as were never issued, one for each rank, rising with the rank.

use anyhow::{Context as _, ensure};
use chrono::{Datelike as _, Months, NaiveDate};
use sundhedskort::domain::cpr::Cpr;

use crate::draws::{About, draws};

const OLDEST_YEARS: u32 = 90;

/// All numbers, as a table of birth days: rank 0 has the first number in the order of the text, which is the order in
/// which a fresh book numbers its cards.
pub(crate) struct Numbers {
    days: Vec<BirthDay>,
    people: u64,
    seed: u64,
}

struct BirthDay {
    born_on: NaiveDate,
    /// The rank of the first person born on this day; the next day's ends it.
    first_rank: u64,
}

impl Numbers {
    /// Spreads people over the birth days of ninety years up to `youngest`, most of them of the age at which people
    /// move to another country.
    pub(crate) fn new(people: u64, seed: u64, youngest: NaiveDate) -> anyhow::Result<Self> {
        let oldest = youngest.checked_sub_months(Months::new(OLDEST_YEARS * 12)).context("the date is too early")?;
        // Nobody is born on 1 January: such numbers were given out by the hundred where the day was not known.
        let mut born: Vec<NaiveDate> =
            oldest.iter_days().skip(1).take_while(|day| *day <= youngest).filter(|day| day.ordinal() > 1).collect();
        born.sort_by_key(|day| (day.day(), day.month(), day.year() % 100));

        let all: u64 = born.iter().map(|day| weight(*day, youngest)).sum();
        let mut before = 0;
        let mut days = Vec::with_capacity(born.len());
        for born_on in born {
            days.push(BirthDay { born_on, first_rank: people * before / all });
            before += weight(born_on, youngest);
        }
        let numbers = Self { days, people, seed };
        for at in 0..numbers.days.len() {
            let day = &numbers.days[at];
            let serials = 1000 * sevenths(day.born_on.year()).len() as u64;
            ensure!(
                serials >= 2 * (numbers.end(at) - day.first_rank),
                "there are not enough numbers for {people} people"
            );
        }
        Ok(numbers)
    }

    /// The number of one rank: each person of a birth day has a stretch of its serial numbers to draw from.
    pub(crate) fn cpr(&self, rank: u64) -> anyhow::Result<Cpr> {
        let at = self.days.partition_point(|day| day.first_rank <= rank) - 1;
        let BirthDay { born_on, first_rank } = self.days[at];
        let (place, born) = (rank - first_rank, self.end(at) - first_rank);
        let serials = 1000 * sevenths(born_on.year()).len() as u64;
        let (from, to) = (place * serials / born, (place + 1) * serials / born);
        let serial = draws(self.seed, About::Number, rank).u64(from..to - 1);
        let cpr = number(born_on, serial)?;
        // Of two neighbouring serial numbers at most one passes.
        if cpr.passes_modulus_11() { number(born_on, serial + 1) } else { Ok(cpr) }
    }

    fn end(&self, at: usize) -> u64 {
        self.days.get(at + 1).map_or(self.people, |next| next.first_rank)
    }
}

fn number(born_on: NaiveDate, serial: u64) -> anyhow::Result<Cpr> {
    let seventh = usize::try_from(serial / 1000)?;
    let seventh = sevenths(born_on.year()).get(seventh).context("a serial number beyond its year")?;
    Ok(Cpr::parse(&format!("{}{seventh}{:03}", born_on.format("%d%m%y"), serial % 1000))?)
}

/// The seventh digits that mean this year's century, rising (page 1.2).
fn sevenths(year: i32) -> &'static [u8] {
    match year {
        1900..=1936 => &[0, 1, 2, 3],
        1937..=1999 => &[0, 1, 2, 3, 4, 9],
        2000..=2036 => &[4, 5, 6, 7, 8, 9],
        2037..=2057 => &[5, 6, 7, 8],
        _ => &[],
    }
}

fn weight(born_on: NaiveDate, on: NaiveDate) -> u64 {
    match on.years_since(born_on) {
        None | Some(..18) => 4,
        Some(..36) => 18,
        Some(..61) => 7,
        Some(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_with_the_rank_and_were_never_issued() {
        let youngest = NaiveDate::from_ymd_opt(2026, 9, 9).unwrap();
        for people in [1, 500, 40_000] {
            let numbers = Numbers::new(people, 3, youngest).unwrap();
            let all: Vec<Cpr> = (0..people).map(|rank| numbers.cpr(rank).unwrap()).collect();
            assert!(all.is_sorted_by(|a, b| a.reveal() < b.reveal()));
            for cpr in all {
                assert!(!cpr.passes_modulus_11());
                assert_ne!(cpr.birth_date().ordinal(), 1);
                assert!(cpr.birth_date() <= youngest);
            }
        }
    }

    #[test]
    fn more_people_than_there_are_numbers_are_refused() {
        let youngest = NaiveDate::from_ymd_opt(2026, 9, 9).unwrap();
        assert!(Numbers::new(10_000_000, 1, youngest).is_ok());
        assert!(Numbers::new(200_000_000, 1, youngest).is_err());
    }
}
