//! What a small office is sent in two nights: most feeds, a few rows each.

use std::fmt::Write;

use sundhedskort::domain::{cpr::Cpr, ids::CardId};

/// The business dates of the two nights.
pub(crate) const NIGHTS: [&str; 2] = ["2026-01-05", "2026-01-12"];

/// A file by its name.
pub(crate) type Feed = (&'static str, String);

/// What comes in a night, the first or the second.
pub(crate) fn of_night(night: usize) -> Vec<Feed> {
    if night == 0 { first() } else { second() }
}

fn first() -> Vec<Feed> {
    let numbers = numbers(8);
    let mut rows: String = numbers[..5].iter().map(|cpr| registration(cpr, "2025-12-15", "Skovvejen")).collect();
    // One waits for its day, one is wrong.
    rows.push_str(&registration(&numbers[5], "2026-01-10", "Skovvejen"));
    rows.push_str(&registration("3102701234", "2025-12-15", "Skovvejen"));
    let practices = "gp_number,name,street,postal_code,city,phone,valid_from,valid_to\n\
                     012345,Lægerne ved Åen,Åboulevarden 12,8000,Aarhus C,,2015-01-01,\n"
        .to_owned();
    vec![("practitioners-1.csv", practices), ("registrations-1.csv", registrations(&rows))]
}

fn second() -> Vec<Feed> {
    let numbers = numbers(8);
    let card = |number: i64| CardId(number).to_string();
    let rows = [
        registration(&numbers[2], "2025-12-15", "Egevej"),
        registration(&numbers[6], "2025-12-20", "Skovvejen"),
        registration(&numbers[7], "2026-01-11", "Skovvejen"),
    ]
    .concat();
    let mut answers = "batch_id,card_id,outcome,on,reason\n".to_owned();
    for (number, batch, outcome) in
        [(1, 1, "posted"), (2, 1, "posted"), (3, 2, "posted"), (4, 2, "posted"), (5, 3, "spoiled")]
    {
        let _ = writeln!(answers, "B{batch},{},{outcome},2026-01-07,", card(number));
    }
    let returns = format!(
        "card_id,cpr,name,returned_on,carrier_reason,site,slot\n{},,,2026-01-10,Navn mangler på postkassen,Dokk1,A1\n\
         {},,,2026-01-10,Flyttet,Dokk1,A2\nK771,,,2026-01-10,Flyttet,Dokk1,U1\n",
        card(1),
        card(2)
    );
    let desk = format!(
        "event_id,card_id,event,on,by,identified_by,co_name,postbox_labelled,note\n\
         D-1,{},collected,2026-01-11,holder,passport,,no,\n",
        card(2)
    );
    let requests = format!(
        "request_id,cpr,card_id,kind,cause,requested_on,given_names,surname,gp_number,insurance_group,married_on,note\n\
         Q-1,{},{},replacement,lost,2026-01-09,,,,,,\nQ-2,{},{},name_correction,misspelt,2026-01-09,Maja,Lundt,,,,\n",
        numbers[2],
        card(3),
        numbers[3],
        card(4)
    );
    let payments =
        "payment_id,request_id,paid_on,amount,payer,reference\nI-1,Q-1,2026-01-12,225.00,Maja Lund,Q-1\n".to_owned();
    vec![
        ("registrations-2.csv", registrations(&rows)),
        ("producer-answers-1.csv", answers),
        ("returns-1.csv", returns),
        ("desk-events-1.csv", desk),
        ("requests-1.csv", requests),
        ("payments-1.csv", payments),
    ]
}

/// What leads to so many printed cards, the first of them number 1.
pub(crate) fn to_order(cards: i64) -> Vec<Feed> {
    let numbers = numbers(usize::try_from(cards).unwrap_or_default());
    let rows: String = numbers.iter().map(|cpr| registration(cpr, "2025-12-15", "Skovvejen")).collect();
    vec![first().swap_remove(0), ("registrations-1.csv", registrations(&rows))]
}

/// So many people more, who are registered long enough for a card.
pub(crate) fn more(people: usize) -> Vec<Feed> {
    let rows: String = numbers(people).iter().map(|cpr| registration(cpr, "2026-01-05", "Egevej")).collect();
    vec![("registrations-2.csv", registrations(&rows))]
}

/// What leads to all of these on the shelf: two were printed a batch.
pub(crate) fn to_shelve(cards: i64) -> Vec<Feed> {
    let mut answers = "batch_id,card_id,outcome,on,reason\n".to_owned();
    let mut returns = "card_id,cpr,name,returned_on,carrier_reason,site,slot\n".to_owned();
    for card in 1..=cards {
        let (batch, id) = ((card + 1) / 2, CardId(card));
        let _ = writeln!(answers, "B{batch},{id},posted,2026-01-07,");
        let _ = writeln!(returns, "{id},,,2026-01-10,Flyttet,Dokk1,A{card}");
    }
    vec![("producer-answers-1.csv", answers), ("returns-1.csv", returns)]
}

/// A file of registrations.
pub(crate) fn registrations(rows: &str) -> String {
    format!(
        "cpr,status,registered_on,reported_at,given_names,surname,protected,digital_post,language,co_name,street,\
         house_number,floor,door,postal_code,city,municipality_code,insurance_group,gp_number,guardian_cpr\n{rows}"
    )
}

/// Maja Lund of that number, registered on a day in a street.
pub(crate) fn registration(cpr: &str, on: &str, street: &str) -> String {
    format!("{cpr},01,{on},{on}T09:00:00Z,Maja,Lund,no,yes,en,,{street},7,,,8000,Aarhus C,0751,1,012345,\n")
}

/// So many CPR numbers in their order, none of which was ever issued: they fail modulus 11.
pub(crate) fn numbers(count: usize) -> Vec<String> {
    let births = (2..=28).flat_map(|day| (1..=12).map(move |month| (day, month)));
    let texts = births.flat_map(|(day, month)| (1000..1009).map(move |serial| format!("{day:02}{month:02}80{serial}")));
    let never_issued = |text: &String| Cpr::parse(text).is_ok_and(|cpr| !cpr.passes_modulus_11());
    let mut numbers: Vec<String> = texts.filter(never_issued).take(count).collect();
    numbers.sort();
    assert_eq!(numbers.len(), count, "there are so many");
    numbers
}
