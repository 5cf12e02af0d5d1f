//! The first night: the practitioners, and a register extract in any order.

use std::path::Path;

use chrono::SecondsFormat;
use sundhedskort::domain::cpr::Cpr;

use crate::draws::{About, draws, one_of, permille};
use crate::feed::{Feed, yes_no};
use crate::population::Population;
use crate::words::{MEN, PLACES, STREETS, SURNAMES, WOMEN};

/// Practitioners who have list patients, and some who have retired and have none.
pub(crate) fn practitioners(population: &Population, night: &Path) -> anyhow::Result<()> {
    let header = "gp_number,name,street,postal_code,city,phone,valid_from,valid_to";
    let mut feed = Feed::begin(night, "practitioners-1.csv", header)?;
    let practising = population.practitioners();
    for practitioner in 0..=practising + practising / 50 {
        let mut rng = draws(population.seed, About::Practitioner, practitioner);
        let street = one_of(&mut rng, &STREETS);
        let name = if permille(&mut rng, 600) {
            format!("Lægehuset {street}")
        } else {
            let given = if rng.bool() { one_of(&mut rng, &WOMEN) } else { one_of(&mut rng, &MEN) };
            format!("Læge {given} {}", one_of(&mut rng, &SURNAMES))
        };
        let (postal_code, city) = one_of(&mut rng, &PLACES);
        let phone = if permille(&mut rng, 950) { format!("86{:06}", rng.u32(..1_000_000)) } else { String::new() };
        let retired = practitioner >= practising;
        feed.row([
            &gp_number(practitioner),
            &name,
            &format!("{street} {}", rng.u32(1..200)),
            postal_code,
            city,
            &phone,
            &format!("{}-{:02}-01", rng.u32(2004..2023), rng.u32(1..=12)),
            if retired { "2024-12-31" } else { "" },
        ])?;
    }
    feed.deliver()
}

/// One registration of every person, in the columns of page 2.2.
pub(crate) fn registrations(population: &Population, night: &Path) -> anyhow::Result<()> {
    let header = "cpr,status,registered_on,reported_at,given_names,surname,protected,digital_post,language,co_name,\
                  street,house_number,floor,door,postal_code,city,municipality_code,insurance_group,gp_number,guardian_cpr";
    let mut feed = Feed::begin(night, "registrations-1.csv", header)?;
    for rank in population.in_file_order() {
        let person = population.person(rank)?;
        let home = &person.household;
        let (group, gp_number) = match home.practitioner {
            Some(_) if person.status == "20" => ("1", String::new()),
            Some(practitioner) => ("1", gp_number(practitioner)),
            None => ("2", String::new()),
        };
        feed.row([
            &person.cpr.reveal(),
            person.status,
            &person.registered_on.to_string(),
            &person.reported_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            &person.given_names,
            &home.surname,
            yes_no(home.protected),
            yes_no(person.digital_post),
            home.language,
            &home.co_name,
            home.street,
            &home.house_number,
            home.floor,
            home.door,
            home.postal_code,
            home.city,
            "0751",
            group,
            &gp_number,
            &person.guardian.map_or_else(String::new, Cpr::reveal),
        ])?;
    }
    feed.deliver()
}

/// Six digits, some with a zero in front.
fn gp_number(practitioner: u64) -> String {
    format!("{:06}", 10_007 + practitioner * 37)
}
