//! What the desk does with a copy: the same facts as the rows of `desk-events`, and what only the program decides.

use anyhow::{Result, bail};

use super::{Args, OnCard, owner};
use crate::{
    cli::{Session, desk},
    domain::{
        casework::Casework,
        ids::CardId,
        input::{DeskEvent, DeskFact, Taken},
    },
    exit::Exit,
};

pub(super) async fn write(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::Collect { what, by, identified_by, postbox_labelled } => {
            let (collector, came) = by.collector();
            let fact = DeskFact::Collected { collector, identified_by, postbox_labelled };
            report("card collect", what, fact, Some(came), session).await
        }
        Args::SendAgain { what, co_name, postbox_labelled } => {
            let co_name = if co_name { session.answers.to("care-of name")? } else { String::new() };
            report("card send-again", what, DeskFact::SentAgain { co_name, postbox_labelled }, None, session).await
        }
        Args::Arrived(what) => report("card arrived", what, DeskFact::Arrived, None, session).await,
        Args::Destroy(what) => report("card destroy", what, DeskFact::Destroyed, None, session).await,
        Args::Missing(what) => report("card missing", what, DeskFact::Missing, None, session).await,
        Args::Found(what) => report("card found", what, DeskFact::Found, None, session).await,
        Args::Lost(what) => report("card lost", what, DeskFact::ReportedLost, None, session).await,
        Args::Told(what) => report("card told", what, DeskFact::Told, None, session).await,
        Args::Extend { card, to, reason } => {
            let operator = session.operator()?.to_owned();
            let extend = |work: &mut Casework<'_>| work.extend(card, to, &operator, &reason);
            decide(("card extend", &reason), card, extend, session).await
        }
        Args::Restore { card, reason } => {
            let operator = session.operator()?.to_owned();
            decide(("card restore", &reason), card, |work| work.restore(card, &operator, &reason), session).await
        }
        Args::Undo { event, reason } => undo(&event, &reason, session).await,
        Args::Show { .. } | Args::List { .. } => Ok(Exit::Done),
    }
}

/// Records what happened. Only what the program decides can be refused: sending again, and what counts as lost.
async fn report(
    verb: &'static str,
    what: OnCard,
    fact: DeskFact,
    came: Option<&str>,
    session: &mut Session<'_>,
) -> Result<Exit> {
    let OnCard { card, on, note } = what;
    let today = session.clock.today();
    let on = on.unwrap_or(today);
    if on > today {
        bail!("record {card} on {on}: that day is still to come (hint: without --on it is today)");
    }
    let operator = session.operator()?.to_owned();
    let by = came.map_or(operator, str::to_owned);
    let mut book = session.book().await?;
    let person = owner(&mut book, card, verb).await?;
    let row = DeskEvent { reference: String::new(), card, on, what: fact, by, note };
    let record = |work: &mut Casework<'_>| -> Result<(Taken, String)> {
        let taken = match row.what {
            DeskFact::SentAgain { .. } => work.send_again(&row)?,
            DeskFact::ReportedLost => work.lost(&row)?,
            _ => work.desk_event(&row)?,
        };
        Ok((taken, state(work, card)))
    };
    let done = desk::on_case(session, &mut book, person, (verb, None), record).await?;
    let (taken, state) = &done.value;
    done.tell(&said(card, *taken, state), session)
}

/// Does what an operator decides with a reason.
async fn decide<E: Into<anyhow::Error>>(
    (verb, reason): (&'static str, &str),
    card: CardId,
    rule: impl FnOnce(&mut Casework<'_>) -> Result<Taken, E>,
    session: &mut Session<'_>,
) -> Result<Exit> {
    let mut book = session.book().await?;
    let person = owner(&mut book, card, verb).await?;
    let decide = |work: &mut Casework<'_>| rule(work).map(|taken| (taken, state(work, card)));
    let done = desk::on_case(session, &mut book, person, (verb, Some(reason)), decide).await?;
    let (taken, state) = &done.value;
    done.tell(&said(card, *taken, state), session)
}

async fn undo(event: &str, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    let operator = session.operator()?.to_owned();
    let mut book = session.book().await?;
    let Some(person) = book.owner_of_event(event).await? else {
        bail!("undo {event}: no such entry is on file (hint: sundhedskort card show names the entries of a card)");
    };
    let undo = |work: &mut Casework<'_>| -> Result<(CardId, Taken, String)> {
        let Some(id) = work.event_named(event) else { bail!("undo {event}: no such entry is on file") };
        let taken = work.undo(id, &operator, reason)?;
        let card = work.case.events.iter().find(|known| known.id == id).map_or(CardId(0), |known| known.card);
        Ok((card, taken, state(work, card)))
    };
    let done = desk::on_case(session, &mut book, person, ("card undo", Some(reason)), undo).await?;
    let (card, taken, state) = &done.value;
    done.tell(&said(*card, *taken, state), session)
}

/// Where the copy is now, and until when it can be collected.
fn state(work: &Casework<'_>, card: CardId) -> String {
    let Some(card) = work.case.card(card) else { return String::new() };
    let state = card.custody.state();
    match card.custody.hold().and_then(|hold| work.case.hold(hold)).filter(|_| card.custody.on_shelf()) {
        Some(hold) => format!("{state}, last day {}", hold.last_day),
        None => state.to_owned(),
    }
}

fn said(card: CardId, taken: Taken, state: &str) -> String {
    match taken {
        Taken::Applied => format!("{card} is {state}"),
        Taken::Duplicate | Taken::Overtaken => format!("{card} is {state}; that was on file already"),
    }
}
