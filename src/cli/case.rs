//! `case`: find a person's folder, say where every card is and what comes next, and who looked. Every look is noted.

mod explain;

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::{Session, card, desk, history::local, output};
use crate::{
    domain::{
        ids::{CardId, PersonId},
        person::{Address, Person},
    },
    exit::Exit,
    store::Book,
};

/// Matches shown at most: whoever finds more says more.
const MATCHES: usize = 50;

/// Arguments of `case`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Who looked at a person, when, at what and why.
    Accesses {
        /// A card as printed on it, or a case: P and a number.
        #[arg(value_name = "CARD|CASE", value_parser = subject)]
        subject: Subject,
    },
    /// Find people; every match is noted as looked at.
    Find(Find),
    /// Where every card of a person and of the children in their care is, by which row or operator, what comes next, and
    /// what is in the way. The look is noted.
    Explain {
        /// A card as printed on it, or a case: P and a number.
        #[arg(value_name = "CARD|CASE", value_parser = subject)]
        subject: Subject,
        /// Why it is looked at.
        #[arg(long, value_name = "TEXT", default_value = desk::TO_SERVE, value_parser = desk::reason)]
        reason: String,
    },
}

/// What to find people by; all that is given must fit.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(group = clap::ArgGroup::new("by").required(true).multiple(true))]
pub(super) struct Find {
    /// A card as printed on it.
    #[arg(group = "by", long, value_name = "CARD", value_parser = desk::id::<CardId>)]
    card: Option<CardId>,
    /// Ask for parts of the name, in any order, or read them from stdin.
    #[arg(group = "by", long)]
    name: bool,
    /// Ask for parts of the address, in any order, or read them from stdin.
    #[arg(group = "by", long)]
    address: bool,
    /// A `payment_id`.
    #[arg(group = "by", long, value_name = "PAYMENT", value_parser = desk::reason)]
    payment: Option<String>,
    /// Ask for a CPR number, or read it from stdin.
    #[arg(group = "by", long)]
    cpr: bool,
    /// Why it is looked at.
    #[arg(long, value_name = "TEXT", default_value = desk::TO_SERVE, value_parser = desk::reason)]
    reason: String,
}

/// Whose cards are explained.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    /// Those of the person this card is for.
    Card(CardId),
    /// Those of this person.
    Person(PersonId),
}

impl Subject {
    async fn person(self, book: &mut Book, verb: &str) -> Result<PersonId> {
        match self {
            Self::Card(card) => card::owner(book, card, verb).await,
            Self::Person(person) => Ok(person),
        }
    }
}

fn subject(text: &str) -> Result<Subject, String> {
    match (desk::id(text), desk::id(text)) {
        (Ok(card), _) => Ok(Subject::Card(card)),
        (_, Ok(person)) => Ok(Subject::Person(person)),
        (Err(flaw), _) if text.trim().starts_with(['K', 'k']) => Err(flaw),
        (_, Err(flaw)) => Err(flaw),
    }
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    session.operator()?;
    match args {
        Args::Accesses { subject } => accesses(subject, session).await,
        Args::Find(find) => self::find(&find, session).await,
        Args::Explain { subject, reason } => {
            let mut book = session.book().await?;
            let person = subject.person(&mut book, "explain").await?;
            explain::explain(&mut book, person, &reason, session).await
        }
    }
}

async fn accesses(subject: Subject, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let person = subject.person(&mut book, "list who looked at").await?;
    let rows: Vec<_> = book
        .accesses(person)
        .await?
        .into_iter()
        .map(|look| vec![local(look.looked_at), look.operator, look.what, look.why])
        .collect();
    output::rows(&["at", "operator", "what", "why"], &rows, session)?;
    Ok(Exit::Done)
}

async fn find(wanted: &Find, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let found = matches(&mut book, wanted, session).await?;
    if found.is_empty() {
        bail!("find the case: nobody on file fits (hint: fewer words, or another spelling)");
    }
    if found.len() > MATCHES {
        bail!("find the case: {} people fit (hint: give more of the name or the address)", found.len());
    }
    let persons: Vec<PersonId> = found.iter().map(|person| person.id).collect();
    let who = (session.operator()?, session.clock.now());
    book.note_access(&persons, who, "case find", &wanted.reason).await?;
    let cases = book.cases(&persons).await?;
    let rows: Vec<_> = cases
        .values()
        .map(|case| {
            let register = &case.person.data.register;
            let masked = register.protected;
            let shown = |text: String| if masked { "(protected)".to_owned() } else { text };
            let cards: Vec<_> = case.cards.iter().map(|card| format!("{} {}", card.id, card.custody.state())).collect();
            vec![
                case.id().to_string(),
                shown(case.person.name().reveal()),
                shown(address(&register.address)),
                cards.join(", "),
            ]
        })
        .collect();
    output::rows(&["case", "name", "address", "cards"], &rows, session)?;
    Ok(Exit::Done)
}

/// Who fits: by what names one person first, by a look at everybody only when there is nothing else.
async fn matches(book: &mut Book, wanted: &Find, session: &mut Session<'_>) -> Result<Vec<Person>> {
    let mut named: Vec<BTreeSet<PersonId>> = Vec::new();
    let cpr = if wanted.cpr { Some(session.answers.cpr(session.clock.today())?) } else { None };
    let name = if wanted.name { Some(session.answers.to("name")?) } else { None };
    let address_like = if wanted.address { Some(session.answers.to("address")?) } else { None };
    if let Some(cpr) = cpr {
        named.push(BTreeSet::from([desk::person_of(book, cpr).await?]));
    }
    if let Some(card) = wanted.card {
        named.push(BTreeSet::from([card::owner(book, card, "find").await?]));
    }
    if let Some(payment) = &wanted.payment {
        let payments = book.payments().await?;
        let of = payments.iter().filter(|known| known.reference == *payment && known.person != PersonId::OFFICE);
        named.push(of.map(|known| known.person).collect());
    }
    let fits = |person: &Person| {
        name.as_ref().is_none_or(|name| holds(&person.name().reveal(), name))
            && address_like.as_ref().is_none_or(|text| holds(&address(&person.data.register.address), text))
    };
    match named.into_iter().reduce(|all, more| all.intersection(&more).copied().collect()) {
        Some(persons) => {
            let cases = book.cases(&persons.into_iter().collect::<Vec<_>>()).await?;
            Ok(cases.into_values().map(|case| case.person).filter(fits).collect())
        }
        None => Ok(book.people("", fits).await?),
    }
}

/// Every word of what is looked for begins a word of the text.
fn holds(text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<_> = text.split([' ', ',', '-']).collect();
    wanted.to_lowercase().split_whitespace().all(|part| words.iter().any(|word| word.starts_with(part)))
}

/// An address on one line.
pub(super) fn address(address: &Address) -> String {
    let line = |parts: &[&String]| {
        parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect::<Vec<_>>().join(" ")
    };
    let street = line(&[&address.street, &address.house_number, &address.floor, &address.door]);
    let city = line(&[&address.postal_code, &address.city]);
    [street, city].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_looked_for_begins_a_word() {
        assert!(holds("Anne-Marie Ærø Lund", "lund anne"));
        assert!(holds("Anne-Marie Ærø Lund", "ærø mar"));
        assert!(!holds("Anne-Marie Ærø Lund", "nne"));
        assert!(!holds("Anne-Marie Ærø Lund", "anne holm"));
    }

    #[test]
    fn a_card_or_a_case_is_explained() {
        assert!(matches!(subject("K13"), Ok(Subject::Card(CardId(1)))));
        assert!(matches!(subject("P5"), Ok(Subject::Person(PersonId(5)))));
        assert!(subject("K14").is_err_and(|flaw| flaw.contains("check digit")));
        assert!(subject("x").is_err());
    }
}
