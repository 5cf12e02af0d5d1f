//! `payment`: money that came in, found by what the citizen has in hand.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::{Session, desk, output};
use crate::{
    domain::{ids::PersonId, request::Payment},
    exit::Exit,
};

/// Arguments of `payment`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Find payments by `payment_id`, request or a part of the payer or the text. The look is noted.
    Find {
        /// What to look for.
        #[arg(value_name = "TEXT", value_parser = desk::reason)]
        text: String,
        /// Why it is looked at.
        #[arg(long, value_name = "TEXT", default_value = desk::TO_SERVE, value_parser = desk::reason)]
        reason: String,
    },
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let Args::Find { text, reason } = args;
    session.operator()?;
    let mut book = session.book().await?;
    let found: Vec<Payment> = book.payments().await?.into_iter().filter(|payment| fits(payment, &text)).collect();
    if found.is_empty() {
        bail!("find the payment: none on file fits (hint: a payment of the last days may still lie in the inbox)");
    }
    let persons: BTreeSet<PersonId> = found.iter().map(|payment| payment.person).collect();
    let who = (session.operator()?, session.clock.now());
    book.note_access(&persons.into_iter().collect::<Vec<_>>(), who, "payment find", &reason).await?;
    let header =
        ["payment", "payment_id", "case", "request", "request_id_read", "paid_on", "amount", "payer", "reference"];
    let rows: Vec<_> = found
        .iter()
        .map(|payment| {
            vec![
                payment.id.to_string(),
                payment.reference.clone(),
                payment.person.to_string(),
                payment.request.map(|request| request.to_string()).unwrap_or_default(),
                payment.remark.request_id.clone(),
                payment.paid_on.to_string(),
                payment.amount.to_string(),
                payment.remark.payer.clone(),
                payment.remark.reference.clone(),
            ]
        })
        .collect();
    output::rows(&header, &rows, session)?;
    Ok(Exit::Done)
}

/// By its ids as a whole, by what people write in any part.
fn fits(payment: &Payment, text: &str) -> bool {
    let ids = [payment.id.to_string(), payment.reference.clone(), payment.remark.request_id.clone()];
    let request = payment.request.map(|request| request.to_string());
    let wanted = text.to_lowercase();
    ids.iter().chain(&request).any(|id| id.eq_ignore_ascii_case(text))
        || [&payment.remark.payer, &payment.remark.reference].iter().any(|said| said.to_lowercase().contains(&wanted))
}
