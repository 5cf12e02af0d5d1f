//! `card`: what is known of one copy, and what the desk does with it.

mod show;
mod write;

pub(super) use show::decided;

use anyhow::{Result, bail};
use chrono::NaiveDate;

use super::{Session, desk, output};
use crate::{
    domain::{
        card::{Collector, Custody},
        ids::{CardId, PersonId},
        input::Locator,
    },
    exit::Exit,
    store::Book,
};

/// Arguments of `card`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Show a card with where it is, its times on the shelf and its requests. The look is noted.
    Show {
        /// As printed on it.
        #[arg(value_name = "CARD", value_parser = desk::id::<CardId>)]
        card: CardId,
        /// Why it is looked at.
        #[arg(long, value_name = "TEXT", default_value = desk::TO_SERVE, value_parser = desk::reason)]
        reason: String,
    },
    /// List cards, oldest first, without anything personal.
    List {
        /// In one state only, like `held`.
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
        /// Of one person only: P and a number.
        #[arg(long, value_name = "PERSON", value_parser = desk::id::<PersonId>)]
        person: Option<PersonId>,
    },
    /// Record that a card was handed out.
    Collect {
        #[command(flatten)]
        what: OnCard,
        /// Who came.
        #[arg(long, value_enum)]
        by: Came,
        /// Kind of document shown.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        identified_by: String,
        /// The postbox carries the name now.
        #[arg(long)]
        postbox_labelled: bool,
    },
    /// Put a held card in the post again.
    SendAgain {
        #[command(flatten)]
        what: OnCard,
        /// Ask for the name whose postbox it is to reach (care of), or read it from stdin.
        #[arg(long)]
        co_name: bool,
        /// The postbox carries the name now, or the citizen confirmed the address.
        #[arg(long)]
        postbox_labelled: bool,
    },
    /// Record that a card which was sent to the office has arrived.
    Arrived(OnCard),
    /// Record that a card was destroyed.
    Destroy(OnCard),
    /// Keep a held card until a later day.
    Extend {
        /// As printed on it.
        #[arg(value_name = "CARD", value_parser = desk::id::<CardId>)]
        card: CardId,
        /// The last day it can be collected; a closed one moves to the next open day.
        #[arg(long, value_name = "DATE")]
        to: NaiveDate,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
    /// Take a card off the worklist of those to be destroyed: it is held again.
    Restore {
        /// As printed on it.
        #[arg(value_name = "CARD", value_parser = desk::id::<CardId>)]
        card: CardId,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
    /// Record that a card is not on the shelf where it should be.
    Missing(OnCard),
    /// Record that a card is on the shelf after all.
    Found(OnCard),
    /// Record that the citizen lost a card: it stops counting at once.
    Lost(OnCard),
    /// Record that the citizen was told, by telephone or at the desk.
    Told(OnCard),
    /// Take back an entry of the desk or a return that was a mistake.
    Undo {
        /// E and a number, or the `event_id` it came with.
        #[arg(value_name = "EVENT")]
        event: String,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
}

/// What every report of one card takes.
#[derive(Debug, clap::Args)]
pub(super) struct OnCard {
    /// As printed on it.
    #[arg(value_name = "CARD", value_parser = desk::id::<CardId>)]
    card: CardId,
    /// The day it happened [default: today].
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// A note for colleagues.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

/// Who came for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Came {
    /// The person on the card.
    Holder,
    /// A child's guardian.
    Guardian,
    /// Somebody with an authorisation.
    Authorised,
}

impl Came {
    const fn collector(self) -> (Collector, &'static str) {
        match self {
            Self::Holder => (Collector::Holder, "holder"),
            Self::Guardian => (Collector::Guardian, "guardian"),
            Self::Authorised => (Collector::Authorised, "authorised"),
        }
    }
}

/// Where a card can be, as it is typed.
const STATES: [&str; 12] = [
    "planned",
    "queued",
    "in_print",
    "posted",
    "held",
    "collected",
    "removal_due",
    "removed",
    "cancelled",
    "spoiled",
    "lost",
    "missing",
];

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::Show { card, reason } => show::show(card, &reason, session).await,
        Args::List { state, person } => list(state.as_deref(), person, session).await,
        args => write::write(args, session).await,
    }
}

async fn list(state: Option<&str>, person: Option<PersonId>, session: &mut Session<'_>) -> Result<Exit> {
    let cards = session.book().await?.cards(state, person).await?;
    let header = ["card_id", "case", "state", "since", "cause", "batch", "replaces"];
    let rows: Vec<_> = cards
        .iter()
        .map(|card| {
            vec![
                card.id.to_string(),
                card.person.to_string(),
                card.custody.state().to_owned(),
                since(&card.custody).map(|on| on.to_string()).unwrap_or_default(),
                card.cause.code().to_owned(),
                card.batch.map(|batch| batch.to_string()).unwrap_or_default(),
                card.replaces.map(|card| card.to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    output::rows(&header, &rows, session)?;
    Ok(Exit::Done)
}

/// The day of the present state, where the state itself says it.
fn since(custody: &Custody) -> Option<NaiveDate> {
    match custody {
        Custody::Planned { .. } | Custody::Held { .. } => None,
        Custody::Queued { on, .. }
        | Custody::InPrint { on }
        | Custody::Posted { on, .. }
        | Custody::Collected { on, .. }
        | Custody::Removed { on, .. }
        | Custody::Cancelled { on }
        | Custody::Spoiled { on }
        | Custody::Lost { on, .. }
        | Custody::Missing { on, .. }
        | Custody::RemovalDue { since: on, .. } => Some(*on),
    }
}

/// Whose card that is.
///
/// # Errors
/// When no card of that number was issued.
pub(super) async fn owner(book: &mut Book, card: CardId, verb: &str) -> Result<PersonId> {
    let located = book.locate(&[Locator::Card(card)], &[]).await?;
    match located.folders(Locator::Card(card)).first() {
        Some(person) => Ok(*person),
        None => bail!("{verb} {card}: no card of this number was issued (hint: sundhedskort card list)"),
    }
}
