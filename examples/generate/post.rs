//! The second and the third night: what the producer answers and what the carrier brings back.

use std::path::Path;

use crate::draws::{About, by_share, draws, one_of, permille};
use crate::fates::{ANSWERS_AFTER, Fate, RETURNS_AFTER};
use crate::feed::Feed;
use crate::population::Population;

/// What carriers write on the envelope, in their share of a hundred.
const CARRIER_REASONS: [(&str, u32); 7] = [
    ("Navn mangler på postkassen", 55),
    ("Modtager ubekendt på adressen", 18),
    ("Flyttet", 12),
    ("Postkassen er fuld", 6),
    ("Ufuldstændig adresse", 5),
    ("Modtagelse nægtet", 3),
    ("Afdød", 1),
];

/// One answer for every line that was ordered.
pub(crate) fn answers(population: &Population, batch: u64, night: &Path) -> anyhow::Result<()> {
    let mut feed = Feed::begin(night, "producer-answers-1.csv", "batch_id,card_id,outcome,on,reason")?;
    for printed in population.printed(batch) {
        let printed = printed?;
        let mut rng = draws(population.seed, About::Answer, printed.person.rank);
        let (outcome, reason) = match printed.fate {
            Fate::Refused => ("refused", one_of(&mut rng, &["adressen er for lang", "navnet kan ikke trykkes"])),
            Fate::Spoiled => ("spoiled", "fejl i lamineringen"),
            Fate::ToOffice | Fate::Returned | Fate::Replaced | Fate::Kept => ("posted", ""),
        };
        let on = population.days_later(rng.u64(2..=ANSWERS_AFTER)).to_string();
        feed.row([&printed.batch.to_string(), &printed.card.to_string(), outcome, &on, reason])?;
    }
    feed.deliver()
}

/// One in fifty letters comes back and is put on the shelf at Dokk1.
pub(crate) fn returns(population: &Population, batch: u64, night: &Path) -> anyhow::Result<()> {
    let mut feed = Feed::begin(night, "returns-1.csv", "card_id,cpr,name,returned_on,carrier_reason,site,slot")?;
    for printed in population.printed(batch) {
        let printed = printed?;
        if printed.fate != Fate::Returned {
            continue;
        }
        let mut rng = draws(population.seed, About::Return, printed.person.rank);
        // Where the number of the card cannot be read through the window, the desk writes down the person.
        let (card_id, cpr, name) = if permille(&mut rng, 920) {
            (printed.card.to_string(), String::new(), String::new())
        } else {
            (String::new(), printed.person.cpr.reveal(), printed.person.name())
        };
        let returned_on = population.days_later(rng.u64(7..RETURNS_AFTER)).to_string();
        let reason = by_share(&mut rng, &CARRIER_REASONS);
        let slot = format!("{:02}-{:03}", feed.rows() / 1000 + 1, feed.rows() % 1000 + 1);
        feed.row([&card_id, &cpr, &name, &returned_on, reason, "Dokk1", &slot])?;
    }
    feed.deliver()
}
