//! `fee`: what a caseworker decides where no rule does, and a fee that is given up.

use anyhow::Result;

use super::{Session, desk, request};
use crate::{
    domain::{casework::Casework, ids::RequestId, refusal::Refusal, rules::charge::ByHand},
    exit::Exit,
};

/// Arguments of `fee`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Decide a request that is not paid or queued yet.
    Decide {
        /// R and a number.
        #[arg(value_name = "REQUEST", value_parser = desk::id::<RequestId>)]
        request: RequestId,
        /// What is decided; a fee is the tariff of the order date, never another amount.
        #[arg(value_enum)]
        verdict: Verdict,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
    /// Give a fee up, paid or not: what was paid goes back.
    Waive {
        /// R and a number.
        #[arg(value_name = "REQUEST", value_parser = desk::id::<RequestId>)]
        request: RequestId,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
}

/// What a caseworker can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Verdict {
    /// No fee.
    Free,
    /// The tariff of the order date.
    Fee,
    /// No new card.
    Refuse,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::Decide { request, verdict, reason } => {
            let verdict = match verdict {
                Verdict::Free => ByHand::Free,
                Verdict::Fee => ByHand::Fee,
                Verdict::Refuse => ByHand::Refuse,
            };
            let decide = |work: &mut Casework<'_>| work.decide_by_hand(request, verdict);
            decided(("fee decide", &reason), request, decide, session).await
        }
        Args::Waive { request, reason } => {
            decided(("fee waive", &reason), request, |work| work.waive(request), session).await
        }
    }
}

async fn decided(
    (verb, reason): (&'static str, &str),
    id: RequestId,
    rule: impl FnOnce(&mut Casework<'_>) -> Result<(), Refusal>,
    session: &mut Session<'_>,
) -> Result<Exit> {
    let mut book = session.book().await?;
    let person = request::owner(&mut book, id, verb).await?;
    let decide = |work: &mut Casework<'_>| rule(work).map(|()| request::said_of(&work.case, id));
    let done = desk::on_case(session, &mut book, person, (verb, Some(reason)), decide).await?;
    done.tell(&done.value, session)
}
