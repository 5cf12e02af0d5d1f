//! The fourth night: what happened at the desk, what citizens asked for and what they paid.

use std::path::Path;

use fastrand::Rng;

use crate::draws::{About, by_share, draws, one_of, permille};
use crate::fates::{DESK_AFTER, Fate, Printed, RETURNS_AFTER};
use crate::feed::{Feed, yes_no};
use crate::population::Population;
use crate::words::{STAFF, SURNAMES, WOMEN};

/// What happens to a returned copy, in shares of a hundred; nothing: it is still on the shelf.
const SHELVED: [(&str, u32); 5] = [("collected", 60), ("sent_again", 10), ("told", 3), ("missing", 2), ("", 25)];

/// What citizens ask for, in shares of a hundred.
const CAUSES: [(&str, u32); 5] =
    [("lost", 40), ("stolen", 10), ("damaged", 15), ("never_arrived", 15), ("misspelt", 20)];

/// Copies that reached the office are collected or sent again; some are being looked for.
pub(crate) fn events(population: &Population, batch: u64, night: &Path) -> anyhow::Result<()> {
    let header = "event_id,card_id,event,on,by,identified_by,co_name,postbox_labelled,note";
    let mut feed = Feed::begin(night, "desk-events-1.csv", header)?;
    for printed in population.printed(batch) {
        let printed = printed?;
        let mut rng = draws(population.seed, About::Desk, printed.person.rank);
        match printed.fate {
            Fate::ToOffice => {
                let arrived = population.days_later(rng.u64(4..=6)).to_string();
                let staff = one_of(&mut rng, &STAFF);
                event(&mut feed, &printed, "arrived", &arrived, [staff, "", "", "", ""])?;
                if permille(&mut rng, 900) {
                    collected(&mut feed, population, &printed, &mut rng)?;
                }
            }
            Fate::Returned => shelved(&mut feed, population, &printed, &mut rng)?,
            Fate::Refused | Fate::Spoiled | Fate::Replaced | Fate::Kept => {}
        }
    }
    feed.deliver()
}

/// What the desk does with a returned copy.
fn shelved(feed: &mut Feed, population: &Population, printed: &Printed, rng: &mut Rng) -> anyhow::Result<()> {
    let staff = one_of(rng, &STAFF);
    let on = population.days_later(rng.u64(RETURNS_AFTER + 1..DESK_AFTER - 1));
    match by_share(rng, &SHELVED) {
        "collected" => collected(feed, population, printed, rng),
        "sent_again" => {
            let co_name = if permille(rng, 300) {
                format!("{} {}", one_of(rng, &WOMEN), one_of(rng, &SURNAMES))
            } else {
                String::new()
            };
            let labelled = yes_no(co_name.is_empty());
            event(feed, printed, "sent_again", &on.to_string(), [staff, "", &co_name, labelled, ""])
        }
        "told" => event(feed, printed, "told", &on.to_string(), [staff, "", "", "", "telefon"]),
        "missing" => {
            event(feed, printed, "missing", &on.to_string(), [staff, "", "", "", "optælling"])?;
            let found = on + chrono::Days::new(1);
            event(feed, printed, "found", &found.to_string(), [staff, "", "", "", ""])
        }
        _ => Ok(()),
    }
}

/// Handed out; one entry in 200 was a slip and is undone.
fn collected(feed: &mut Feed, population: &Population, printed: &Printed, rng: &mut Rng) -> anyhow::Result<()> {
    let on = population.days_later(rng.u64(RETURNS_AFTER + 1..=DESK_AFTER)).to_string();
    let by = match printed.person.guardian {
        Some(_) => "guardian",
        None if permille(rng, 950) => "holder",
        None => "authorised",
    };
    let papers = one_of(rng, &["pas", "kørekort", "opholdskort", "id-kort"]);
    let labelled = if printed.fate == Fate::Returned { yes_no(permille(rng, 800)) } else { "" };
    event(feed, printed, "collected", &on, [by, papers, "", labelled, ""])?;
    if permille(rng, 5) {
        let slip = event_id(feed.rows());
        event(feed, printed, "undone", &on, [one_of(rng, &STAFF), "", "", "", &slip])?;
    }
    Ok(())
}

/// One row; `rest` are the columns from `by` on.
fn event(feed: &mut Feed, printed: &Printed, event: &str, on: &str, rest: [&str; 5]) -> anyhow::Result<()> {
    let id = event_id(feed.rows() + 1);
    let [by, identified_by, co_name, labelled, note] = rest;
    feed.row([&id, &printed.card.to_string(), event, on, by, identified_by, co_name, labelled, note])
}

fn event_id(number: u64) -> String {
    format!("D{number:06}")
}

/// Three in a hundred ask for another card; who lost or damaged the first pays, most of them.
pub(crate) fn requests(population: &Population, batch: u64, night: &Path) -> anyhow::Result<()> {
    let header = "request_id,cpr,card_id,kind,cause,requested_on,given_names,surname,gp_number,insurance_group,\
                  married_on,note";
    let mut requests = Feed::begin(night, "requests-1.csv", header)?;
    let header = "payment_id,request_id,paid_on,amount,payer,reference";
    let mut payments = Feed::begin(night, "payments-1.csv", header)?;
    for printed in population.printed(batch) {
        let printed = printed?;
        if printed.fate != Fate::Replaced {
            continue;
        }
        let mut rng = draws(population.seed, About::Request, printed.person.rank);
        let cause = by_share(&mut rng, &CAUSES);
        let (kind, given_names, surname) = if cause == "misspelt" {
            let surname = respelt(&printed.person.household.surname);
            ("name_correction", printed.person.given_names.as_str(), surname)
        } else {
            ("replacement", "", String::new())
        };
        let asked_after = rng.u64(12..DESK_AFTER - 10);
        let requested_on = population.days_later(asked_after).to_string();
        let card_id = if permille(&mut rng, 700) { printed.card.to_string() } else { String::new() };
        let request_id = format!("A{:06}", requests.rows() + 1);
        let cpr = printed.person.cpr.reveal();
        requests.row([
            &request_id,
            &cpr,
            &card_id,
            kind,
            cause,
            &requested_on,
            given_names,
            &surname,
            "",
            "",
            "",
            "",
        ])?;
        if matches!(cause, "lost" | "stolen" | "damaged") {
            pay(&mut payments, population, &printed, &request_id, asked_after)?;
        }
    }
    requests.deliver()?;
    payments.deliver()
}

/// The price of 2024 within ten days; some pay short, twice or not at all.
fn pay(
    payments: &mut Feed,
    population: &Population,
    printed: &Printed,
    request_id: &str,
    asked_after: u64,
) -> anyhow::Result<()> {
    let mut rng = draws(population.seed, About::Payment, printed.person.rank);
    let once: &[&str] = &["225.00"];
    let amounts = by_share(&mut rng, &[(once, 83), (&["225.00", "225.00"], 1), (&["200.00"], 1), (&[], 15)]);
    for amount in amounts {
        let payment_id = format!("B{:06}", payments.rows() + 1);
        let paid_on = population.days_later(asked_after + rng.u64(0..10)).to_string();
        let reference = format!("{:012}", rng.u64(..1_000_000_000_000));
        payments.row([&payment_id, request_id, &paid_on, amount, &printed.person.name(), &reference])?;
    }
    Ok(())
}

/// The surname as its bearer spells it: one letter otherwise.
fn respelt(surname: &str) -> String {
    for (ours, theirs) in [("s", "z"), ("k", "c"), ("i", "y"), ("a", "á"), ("e", "é")] {
        if surname.contains(ours) {
            return surname.replacen(ours, theirs, 1);
        }
    }
    format!("{surname}h")
}
