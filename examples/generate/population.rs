//! Who lives in the generated municipality: every fact about a person follows from the seed and the person's rank in
//! the order of CPR numbers, so a million people take no more memory than one.

use anyhow::ensure;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sundhedskort::domain::cpr::Cpr;

use crate::draws::{About, Order, draws, one_of, permille};
use crate::numbers::Numbers;
use crate::words::{MEN, PLACES, STREETS, SURNAMES, WOMEN};

/// Days from registration to the first card (T1).
const CARD_AFTER: u64 = 14;
/// Over how many days the registrations whose card is due are spread.
const REGISTERED_OVER: u64 = 60;
const ADULT: u32 = 18;
/// From this age on a person has digital post, and is written to and not the guardian (2.3).
const DIGITAL_POST: u32 = 15;

/// A number of people on the day of their first night.
pub(crate) struct Population {
    pub(crate) people: u64,
    pub(crate) seed: u64,
    pub(crate) today: NaiveDate,
    numbers: Numbers,
    standings: Order,
    in_file: Order,
}

/// What the first night does about a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// Registered at least two weeks ago: the card is due. Exactly 766 of 1000.
    Due,
    /// Registered within the last two weeks: a card is planned.
    Recent,
    /// Has an administrative number (status 20): no card. One of 100, as recent as the others, so that just those
    /// who were registered two weeks ago have a card that is due.
    Administrative,
}

/// What a registration says of a person.
pub(crate) struct Person {
    pub(crate) rank: u64,
    pub(crate) cpr: Cpr,
    pub(crate) status: &'static str,
    pub(crate) registered_on: NaiveDate,
    pub(crate) reported_at: DateTime<Utc>,
    pub(crate) given_names: String,
    pub(crate) digital_post: bool,
    pub(crate) guardian: Option<Cpr>,
    pub(crate) household: Household,
}

/// What those who live together share.
pub(crate) struct Household {
    pub(crate) surname: String,
    pub(crate) protected: bool,
    /// Registered at the municipality's own address: status 03.
    pub(crate) without_address: bool,
    pub(crate) language: &'static str,
    pub(crate) co_name: String,
    pub(crate) street: &'static str,
    pub(crate) house_number: String,
    pub(crate) floor: &'static str,
    pub(crate) door: &'static str,
    pub(crate) postal_code: &'static str,
    pub(crate) city: &'static str,
    /// Which practitioner of group 1; `None` in group 2.
    pub(crate) practitioner: Option<u64>,
}

impl Population {
    pub(crate) fn new(people: u64, seed: u64, today: NaiveDate) -> anyhow::Result<Self> {
        ensure!(people > 0, "there is nobody to generate");
        Ok(Self {
            people,
            seed,
            today,
            numbers: Numbers::new(people, seed, today - Days::new(CARD_AFTER + REGISTERED_OVER))?,
            standings: Order::new(people, seed),
            in_file: Order::new(people, !seed),
        })
    }

    /// Every rank once, in the order of the register's file: any but that of the numbers.
    pub(crate) fn in_file_order(&self) -> impl Iterator<Item = u64> {
        (0..self.people).map(|line| self.in_file.place(line))
    }

    pub(crate) fn standing(&self, rank: u64) -> Standing {
        let place = self.standings.place(rank);
        if place < self.people * 766 / 1000 {
            Standing::Due
        } else if place < self.people - self.people / 100 {
            Standing::Recent
        } else {
            Standing::Administrative
        }
    }

    pub(crate) fn person(&self, rank: u64) -> anyhow::Result<Person> {
        let cpr = self.numbers.cpr(rank)?;
        let standing = self.standing(rank);
        let guardian = if self.is_adult(cpr) { None } else { self.guardian(rank)? };
        let household = self.household(guardian.map_or(rank, |(rank, _)| rank));

        let mut rng = draws(self.seed, About::Person, rank);
        let days_ago = match standing {
            Standing::Due => CARD_AFTER + rng.u64(..REGISTERED_OVER),
            Standing::Recent | Standing::Administrative => rng.u64(..CARD_AFTER),
        };
        let registered_on = self.today - Days::new(days_ago);
        // The office's hours, in UTC: the civil date is the same in Copenhagen.
        let at = NaiveTime::from_num_seconds_from_midnight_opt(rng.u32(8 * 3600..15 * 3600), 0).unwrap_or_default();
        let names = if cpr.is_woman() { &WOMEN } else { &MEN };
        let mut given_names = one_of(&mut rng, names).to_owned();
        if permille(&mut rng, 400) {
            given_names = format!("{given_names} {}", one_of(&mut rng, names));
        }
        Ok(Person {
            rank,
            cpr,
            status: match standing {
                Standing::Administrative => "20",
                _ if household.without_address => "03",
                _ => "01",
            },
            registered_on,
            reported_at: registered_on.and_time(at).and_utc(),
            given_names,
            digital_post: cpr.age_on(self.today) >= DIGITAL_POST && permille(&mut rng, 990),
            guardian: guardian.map(|(_, cpr)| cpr),
            household,
        })
    }

    /// How many practitioners have list patients: one for 1600 people.
    pub(crate) fn practitioners(&self) -> u64 {
        (self.people / 1600).clamp(5, 20_000)
    }

    fn is_adult(&self, cpr: Cpr) -> bool {
        cpr.age_on(self.today) >= ADULT
    }

    /// Some adult; none where so few people live that chance finds no one.
    fn guardian(&self, child: u64) -> anyhow::Result<Option<(u64, Cpr)>> {
        let mut rng = draws(self.seed, About::Guardian, child);
        for _ in 0..50 {
            let rank = rng.u64(..self.people);
            let cpr = self.numbers.cpr(rank)?;
            if self.is_adult(cpr) && self.standing(rank) != Standing::Administrative {
                return Ok(Some((rank, cpr)));
            }
        }
        Ok(None)
    }

    /// The household of an adult, by the adult's rank.
    fn household(&self, rank: u64) -> Household {
        let mut rng = draws(self.seed, About::Household, rank);
        let mut surname = one_of(&mut rng, &SURNAMES).to_owned();
        if permille(&mut rng, 50) {
            surname = format!("{surname}-{}", one_of(&mut rng, &SURNAMES));
        }
        let practitioner = permille(&mut rng, 980).then(|| rng.u64(..self.practitioners()));
        let protected = permille(&mut rng, 10);
        let language = one_of(&mut rng, &["da", "da", "da", "en", "en", "en", "en", "en", "en", ""]);
        if permille(&mut rng, 10) {
            return Household {
                surname,
                protected,
                without_address: true,
                language,
                co_name: String::new(),
                street: "Hack Kampmanns Plads",
                house_number: "2".to_owned(),
                floor: "",
                door: "",
                postal_code: "8000",
                city: "Aarhus C",
                practitioner,
            };
        }
        let (postal_code, city) = one_of(&mut rng, &PLACES);
        let flat = permille(&mut rng, 700);
        let co_name = if permille(&mut rng, 30) {
            format!("{} {}", one_of(&mut rng, &WOMEN), one_of(&mut rng, &SURNAMES))
        } else {
            String::new()
        };
        Household {
            surname,
            protected,
            without_address: false,
            language,
            co_name,
            street: one_of(&mut rng, &STREETS),
            house_number: format!("{}{}", rng.u32(1..240), one_of(&mut rng, &["", "", "", "", "", "", "A", "B", "C"])),
            floor: if flat { one_of(&mut rng, &["st", "1", "2", "3", "4", "5"]) } else { "" },
            door: if flat { one_of(&mut rng, &["tv", "th", "mf", "1", "2", ""]) } else { "" },
            postal_code,
            city,
            practitioner,
        }
    }
}

impl Person {
    /// As printed on the card.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_names, self.household.surname)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_people() -> (Population, Vec<Person>) {
        let population = Population::new(20_000, 1, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()).unwrap();
        let people = population.in_file_order().map(|rank| population.person(rank).unwrap()).collect();
        (population, people)
    }

    #[test]
    fn the_shares_are_those_of_a_real_register() {
        let (population, people) = some_people();
        let share = |told: &str, expected: f64, of: &dyn Fn(&Person) -> bool| {
            let found = people.iter().filter(|person| of(person)).count();
            let expected = expected * 20_000.0;
            let spread = 5.0 * expected.sqrt();
            let near = (expected - spread..expected + spread).contains(&f64::from(u32::try_from(found).unwrap()));
            assert!(near, "{told}: {found} of 20,000");
        };
        share("group 1", 0.98, &|person| person.household.practitioner.is_some());
        share("protected", 0.01, &|person| person.household.protected);
        share("without an address", 0.01, &|person| person.household.without_address);
        share("digital post", 0.9, &|person| person.digital_post);
        share("English", 0.6, &|person| person.household.language == "en");
        share("children", 0.11, &|person| person.guardian.is_some());

        let standings = |standing| people.iter().filter(|person| population.standing(person.rank) == standing).count();
        assert_eq!(standings(Standing::Due), 15_320);
        assert_eq!(standings(Standing::Recent), 4_480);
        assert_eq!(standings(Standing::Administrative), 200);
    }

    #[test]
    fn a_card_is_due_two_weeks_after_registration_and_nobody_is_registered_unborn_or_tomorrow() {
        let (population, people) = some_people();
        for person in &people {
            let due = person.registered_on + Days::new(14) <= population.today;
            assert_eq!(due, population.standing(person.rank) == Standing::Due);
            assert!(person.cpr.birth_date() < person.registered_on);
            assert!(person.registered_on <= population.today);
            assert_eq!(person.reported_at.date_naive(), person.registered_on);
        }
    }

    #[test]
    fn a_guardian_is_an_adult_of_the_register_with_the_childs_address() {
        let (population, people) = some_people();
        let adults: std::collections::HashMap<Cpr, &Person> = people
            .iter()
            .filter(|person| person.cpr.age_on(population.today) >= 18)
            .map(|person| (person.cpr, person))
            .collect();
        let mut children = 0;
        for child in &people {
            assert_eq!(child.guardian.is_some(), !adults.contains_key(&child.cpr));
            if let Some(guardian) = child.guardian {
                children += 1;
                let home = &adults[&guardian].household;
                assert_eq!(
                    (&home.street, &home.house_number),
                    (&child.household.street, &child.household.house_number)
                );
            }
        }
        assert!(children > 1000, "{children}");
    }
}
