//! `case explain`: what happened to every card, read off the ledger; where it is; what comes next.

use anyhow::{Result, bail};

use crate::{
    cli::{Session, output},
    domain::{
        card::Card,
        case::{Case, Validity},
        casework::Office,
        ids::{CardId, HoldId, PersonId},
        outlook::outlook,
        person::Person,
    },
    exit::Exit,
    night::run::office,
    output::lists,
    store::{Book, find::Told},
};

/// What stands in the column `when`.
const PAST: &str = "past";
const NOW: &str = "now";
const NEXT: &str = "next";

pub(super) async fn explain(
    book: &mut Book,
    person: PersonId,
    reason: &str,
    session: &mut Session<'_>,
) -> Result<Exit> {
    let Some(front) = book.cases(&[person]).await?.remove(&person).filter(|_| person != PersonId::OFFICE) else {
        bail!("explain {person}: there is no such case (hint: sundhedskort case find)");
    };
    let office = office(book, session.settings, session.clock.today()).await?;
    let mut persons = vec![person];
    persons.extend(in_care(book, &front.person, &office).await?);
    let who = (session.operator()?, session.clock.now());
    book.note_access(&persons, who, &format!("case explain {person}"), reason).await?;
    let cases = book.cases(&persons).await?;
    let mut rows = Vec::new();
    for person in persons {
        let Some(case) = cases.get(&person) else { continue };
        let told = book.told_of(person).await?;
        rows.extend(case.cards.iter().flat_map(|card| of_card(case, card, &told, &office)));
        if case.cards.is_empty() {
            rows.push(row(case, "", NOW, "", "has no card".to_owned(), "", ""));
        }
    }
    output::rows(&["case", "card_id", "when", "on", "what", "by", "in_the_way"], &rows, session)?;
    Ok(Exit::Done)
}

/// The children whose guardian this person is, whatever number the register named, as long as the guardian is written to.
async fn in_care(book: &mut Book, guardian: &Person, office: &Office) -> Result<Vec<PersonId>> {
    let mut children = Vec::new();
    for cpr in &guardian.data.cprs {
        let is_child = |person: &Person| {
            person.data.register.guardian == Some(*cpr)
                && person.cpr().is_some_and(|child| child.age_on(office.today) < office.periods.guardian_below_age)
        };
        children.extend(book.people(&cpr.reveal(), is_child).await?.into_iter().map(|person| person.id));
    }
    Ok(children)
}

fn of_card(case: &Case, card: &Card, told: &[Told], office: &Office) -> Vec<Vec<String>> {
    let id = card.id.to_string();
    let past = told.iter().filter(|told| card_of(told, case) == Some(card.id)).map(|told| {
        let what = match told.kind.as_str() {
            "card" if told.verb.replace(' ', "_") != state(told) => format!("{}: {}", told.verb, state(told)),
            "event" => format!("{}: {} on {}", told.verb, word(told, "what"), word(told, "on")),
            _ => told.verb.clone(),
        };
        row(case, &id, PAST, &told.on, what, &told.source, "")
    });
    let counts = if case.validity(card, office.today) == Validity::Valid { "counts" } else { "does not count" };
    let now = format!("is {}, {counts}, for {}", card.custody.state(), lists::holder(case));
    let now = row(case, &id, NOW, &office.today.to_string(), now, "", "");
    let next = outlook(case, card, office).into_iter().map(|step| {
        let on = step.on.map(|on| on.to_string()).unwrap_or_default();
        row(case, &id, NEXT, &on, step.what, "", &step.in_the_way.unwrap_or_default())
    });
    past.chain([now]).chain(next).collect()
}

/// The copy an entry is about; findings and notices are what followed from it, not what happened to it.
fn card_of(told: &Told, case: &Case) -> Option<CardId> {
    let number = |name: &str| told.after.get(name).and_then(serde_json::Value::as_i64).map(CardId);
    match told.kind.as_str() {
        "card" => Some(CardId(told.number)),
        "hold" => number("card").or_else(|| case.hold(HoldId(told.number)).map(|hold| hold.card)),
        "event" | "request" => number("card"),
        _ => None,
    }
}

fn state(told: &Told) -> &str {
    told.after.get("custody").and_then(|custody| custody.get("state")).and_then(serde_json::Value::as_str).unwrap_or("")
}

fn word<'t>(told: &'t Told, name: &str) -> &'t str {
    told.after.get(name).and_then(serde_json::Value::as_str).unwrap_or("")
}

fn row(case: &Case, card: &str, when: &str, on: &str, what: String, by: &str, in_the_way: &str) -> Vec<String> {
    vec![
        case.id().to_string(),
        card.to_owned(),
        when.to_owned(),
        on.to_owned(),
        what,
        by.to_owned(),
        in_the_way.to_owned(),
    ]
}
