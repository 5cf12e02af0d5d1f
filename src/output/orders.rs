//! Lines of a print order: what is printed on a card, as the snapshot has it, and where the card goes.

use anyhow::{Context, Result};

use crate::domain::{card::Card, ids::BatchId};

/// The columns of `print-orders-*.csv` (2.3).
pub const HEADER: [&str; 23] = [
    "batch_id",
    "card_id",
    "cause",
    "delivery",
    "cpr",
    "given_names",
    "surname",
    "co_name",
    "street",
    "house_number",
    "floor",
    "door",
    "postal_code",
    "city",
    "gp_number",
    "gp_name",
    "gp_address",
    "gp_phone",
    "insurance_group",
    "municipality_code",
    "region",
    "valid_from",
    "cover_text",
];

/// The line of one card of a closed batch.
///
/// # Errors
/// When the card carries no snapshot: the book was changed by hand, or the snapshot was erased.
pub fn line(batch: BatchId, card: &Card) -> Result<Vec<String>> {
    let printed = card.printed.as_ref().with_context(|| format!("find what is printed on {}", card.id))?;
    let practice = printed.practice.clone().unwrap_or_default();
    let address = &printed.address;
    Ok(vec![
        batch.to_string(),
        card.id.to_string(),
        card.cause.code().to_owned(),
        printed.delivery.code().to_owned(),
        printed.cpr.clone(),
        printed.name.given.clone(),
        printed.name.surname.clone(),
        address.co_name.clone(),
        address.street.clone(),
        address.house_number.clone(),
        address.floor.clone(),
        address.door.clone(),
        address.postal_code.clone(),
        address.city.clone(),
        practice.gp_number,
        practice.name,
        practice.address,
        practice.phone,
        printed.group.clone(),
        printed.municipality.clone(),
        printed.region.clone(),
        printed.valid_from.to_string(),
        cover_text(card).to_owned(),
    ])
}

/// The code of the text that goes with the card: a first card is explained, a later one says that the old one stops.
fn cover_text(card: &Card) -> &'static str {
    match (card.cause.corrects_name(), card.replaces.is_some()) {
        (true, _) => "corrected",
        (false, true) => "replacement",
        (false, false) => "first",
    }
}
