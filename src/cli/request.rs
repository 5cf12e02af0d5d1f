//! `request`: a wish for a new card, entered, listed or taken back at the desk.

use anyhow::{Result, bail};
use chrono::NaiveDate;

use super::{
    Session,
    card::{self, decided},
    desk, output,
};
use crate::{
    domain::{
        card::Cause,
        case::Case,
        casework::Casework,
        ids::{CardId, PersonId, RequestId},
        input::{Ask, RequestRow},
        person::Name,
        request::{Request, RequestKind, RequestState},
    },
    exit::Exit,
    store::Book,
};

/// Arguments of `request`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Enter a wish for a new card; the fee is decided at once.
    Add(Wish),
    /// List requests, oldest first, without anything personal.
    List {
        /// Only those that nothing has ended yet.
        #[arg(long)]
        open: bool,
    },
    /// Take a request back: possible until its new card is printed.
    Withdraw {
        /// R and a number.
        #[arg(value_name = "REQUEST", value_parser = desk::id::<RequestId>)]
        request: RequestId,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
}

/// A wish as it is entered.
#[derive(Debug, clap::Args)]
pub(super) struct Wish {
    /// Ask for the person's CPR number, or read it from stdin.
    #[arg(long, required_unless_present = "card")]
    cpr: bool,
    /// The card it is about [default: the newest].
    #[arg(long, value_name = "CARD", value_parser = desk::id::<CardId>)]
    card: Option<CardId>,
    /// A paid replacement or a free name correction.
    #[arg(long, value_enum)]
    kind: Kind,
    /// Why a new card is needed.
    #[arg(long, value_name = "CAUSE", value_parser = CAUSES)]
    cause: String,
    /// The day of the wish [default: today].
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Ask for the right given names and surname, when it is about the name, or read them from stdin, a line each.
    #[arg(long)]
    name: bool,
    /// The practitioner's six digits, when it is about the practitioner.
    #[arg(long, value_name = "NUMBER", value_parser = six_digits)]
    gp_number: Option<String>,
    /// 1 or 2, when it is about the insurance group.
    #[arg(long, value_name = "GROUP", value_parser = ["1", "2"])]
    insurance_group: Option<String>,
    /// The day of the marriage, when the name changes with it.
    #[arg(long, value_name = "DATE")]
    married_on: Option<NaiveDate>,
    /// A note for colleagues.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

/// What is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// A new copy, with a fee decision.
    Replacement,
    /// A right spelling, free.
    #[value(name = "name_correction", alias = "name-correction")]
    NameCorrection,
}

/// The causes of each kind, as in `requests` (2.2).
const REPLACEMENTS: [Cause; 7] = [
    Cause::Lost,
    Cause::Stolen,
    Cause::Damaged,
    Cause::NeverArrived,
    Cause::NoLongerHeld,
    Cause::OwnGpChoice,
    Cause::OwnNameChange,
];
const CORRECTIONS: [Cause; 2] = [Cause::Misspelt, Cause::Misprint];
const CAUSES: [&str; 9] = [
    "lost",
    "stolen",
    "damaged",
    "never_arrived",
    "no_longer_held",
    "own_gp_choice",
    "own_name_change",
    "misspelt",
    "misprint",
];

fn six_digits(text: &str) -> Result<String, String> {
    let fits = text.len() == 6 && text.bytes().all(|sign| sign.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("a practitioner's number has six digits".to_owned()) }
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::Add(wish) => add(wish, session).await,
        Args::List { open } => list(open, session).await,
        Args::Withdraw { request, reason } => withdraw(request, &reason, session).await,
    }
}

async fn add(wish: Wish, session: &mut Session<'_>) -> Result<Exit> {
    session.operator()?;
    let today = session.clock.today();
    let requested_on = wish.on.unwrap_or(today);
    if requested_on > today {
        bail!("enter a request of {requested_on}: that day is still to come (hint: without --on it is today)");
    }
    let (kind, causes) = match wish.kind {
        Kind::Replacement => (RequestKind::Replacement, &REPLACEMENTS[..]),
        Kind::NameCorrection => (RequestKind::NameCorrection, &CORRECTIONS[..]),
    };
    let Some(cause) = causes.iter().copied().find(|cause| cause.code() == wish.cause) else {
        let known: Vec<_> = causes.iter().map(|cause| cause.code()).collect();
        bail!("enter a {}: {} is no cause of it (hint: one of {})", kind.code(), wish.cause, known.join(", "));
    };
    let cpr = if wish.cpr { Some(session.answers.cpr(today)?) } else { None };
    let name = if wish.name {
        Name { given: session.answers.to("given names")?, surname: session.answers.to("surname")? }
    } else {
        Name { given: String::new(), surname: String::new() }
    };
    let mut book = session.book().await?;
    let person = match (cpr, wish.card) {
        (Some(cpr), _) => desk::person_of(&mut book, cpr).await?,
        (None, Some(card)) => card::owner(&mut book, card, "enter a request for").await?,
        (None, None) => bail!("enter a request: nobody is named (hint: --cpr or --card)"),
    };
    let row = RequestRow {
        reference: String::new(),
        cpr,
        card: wish.card,
        ask: Ask::Card(kind, cause),
        requested_on,
        name,
        gp_number: wish.gp_number.unwrap_or_default(),
        insurance_group: wish.insurance_group.unwrap_or_default(),
        married_on: wish.married_on,
        note: wish.note,
    };
    let ask = |work: &mut Casework<'_>| -> Result<String> {
        work.requested(&row)?;
        Ok(work.case.requests.last().map(said).unwrap_or_default())
    };
    let done = desk::on_case(session, &mut book, person, ("request add", None), ask).await?;
    done.tell(&done.value, session)
}

async fn list(open: bool, session: &mut Session<'_>) -> Result<Exit> {
    let requests = session.book().await?.requests(open).await?;
    let header =
        ["request", "request_id", "case", "requested_on", "kind", "cause", "card_id", "state", "fee", "payable_until"];
    let rows: Vec<_> = requests
        .iter()
        .map(|request| {
            let payable_until = match request.state {
                RequestState::AwaitingPayment { lapse_on, .. } => lapse_on.to_string(),
                _ => String::new(),
            };
            vec![
                request.id.to_string(),
                request.reference.clone(),
                request.person.to_string(),
                request.requested_on.to_string(),
                request.kind.code().to_owned(),
                request.cause.code().to_owned(),
                request.card.map(|card| card.to_string()).unwrap_or_default(),
                request.state.code().to_owned(),
                request.charge.as_ref().map(|charge| decided(&charge.decision)).unwrap_or_default(),
                payable_until,
            ]
        })
        .collect();
    output::rows(&header, &rows, session)?;
    Ok(Exit::Done)
}

async fn withdraw(id: RequestId, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let person = owner(&mut book, id, "withdraw").await?;
    let withdraw = |work: &mut Casework<'_>| work.withdraw(id, work.today()).map(|()| said_of(&work.case, id));
    let done = desk::on_case(session, &mut book, person, ("request withdraw", Some(reason)), withdraw).await?;
    done.tell(&done.value, session)
}

/// Whose request that is.
///
/// # Errors
/// When no request of that number is on file.
pub(super) async fn owner(book: &mut Book, id: RequestId, verb: &str) -> Result<PersonId> {
    match book.owner_of_request(id).await? {
        Some(person) => Ok(person),
        None => bail!("{verb} {id}: no request of this number is on file (hint: sundhedskort request list)"),
    }
}

/// How a request stands, in one line.
pub(super) fn said_of(case: &Case, id: RequestId) -> String {
    case.request(id).map(said).unwrap_or_default()
}

fn said(request: &Request) -> String {
    let fee = request.charge.as_ref().map(|charge| format!(", fee: {}", decided(&charge.decision)));
    let more = match request.state {
        RequestState::AwaitingPayment { lapse_on, .. } => format!(", payable until {lapse_on}"),
        RequestState::Refused { why, .. } => format!(", {}", why.code()),
        _ => String::new(),
    };
    format!("{} is {}{}{more}", request.id, request.state.code(), fee.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_typed_as_files_have_it() {
        let known: Vec<_> = REPLACEMENTS.iter().chain(&CORRECTIONS).map(|cause| cause.code()).collect();
        assert_eq!(known, CAUSES);
    }

    #[test]
    fn a_practitioner_has_six_digits() {
        assert_eq!(six_digits("012345"), Ok("012345".to_owned()));
        assert!(six_digits("12345").is_err());
        assert!(six_digits("12345a").is_err());
    }
}
