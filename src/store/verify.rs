//! Verifying the book: the chain of the ledger from its last entry to its first, every row against its last entry, the
//! heads noted outside, and the invariants of page 1.8 in every folder, print order and file. A page at a time, in one
//! view of the book, whoever writes meanwhile.

mod chain;
mod folders;
mod rows;

use chrono::NaiveDate;

use super::{Book, connection::Failure, heads::Heads};
use crate::domain::invariants::Breach;

/// Breaches that are named; the others are counted.
const NAMED: usize = 200;

/// What was looked at, and what does not hold.
#[derive(Debug, Default)]
pub struct Verified {
    /// How many of what were proven, in the order of the proof.
    pub proven: Vec<(&'static str, u64)>,
    /// What is broken; the first two hundred.
    pub breaches: Vec<Breach>,
    /// Breaches besides those named.
    pub more: u64,
}

impl Verified {
    /// Nothing is broken.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.breaches.is_empty()
    }

    fn proved(&mut self, what: &'static str, count: u64) {
        self.proven.push((what, count));
    }

    fn breach(&mut self, breach: Breach) {
        if self.breaches.len() < NAMED {
            self.breaches.push(breach);
        } else {
            self.more += 1;
        }
    }

    fn breaches(&mut self, breaches: Vec<Breach>) {
        for breach in breaches {
            self.breach(breach);
        }
    }

    /// A row that is not what it claims to be is a breach, and ends the part of the proof that met it.
    fn unless_claim(&mut self, met: Result<(), Failure>) -> Result<(), Failure> {
        match met {
            Err(Failure::Claim { table, id, reason }) => {
                self.breach(Breach::new(7, format!("{table} row {id}"), reason));
                Ok(())
            }
            other => other,
        }
    }
}

impl Book {
    /// Verifies the book as it stands now; cards are looked at as on this day.
    ///
    /// # Errors
    /// When the book or the heads outside it cannot be read. What is broken is no error.
    pub async fn verify(&mut self, today: NaiveDate) -> Result<Verified, Failure> {
        // Read before the view begins: whatever is noted by then is in it.
        let heads = self.heads.as_deref().map(Heads::read).transpose()?;
        self.begin_reading().await?;
        let mut verified = Verified::default();
        let done = self.verify_all(heads, today, &mut verified).await;
        self.end_reading().await?;
        done.map(|()| verified)
    }

    async fn verify_all(
        &mut self,
        heads: Option<Heads>,
        today: NaiveDate,
        verified: &mut Verified,
    ) -> Result<(), Failure> {
        let refused = self.verify_ledger(heads, verified).await?;
        let folders = self.verify_folders(today, verified).await;
        verified.unless_claim(folders)?;
        let batches = self.verify_batches(&refused, verified).await;
        verified.unless_claim(batches)?;
        self.verify_files(verified).await
    }
}
