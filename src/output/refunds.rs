//! Lines for the cashier: money that goes back, each on the payment it came with.

use std::collections::BTreeMap;

use super::sheet;
use crate::domain::{case::Case, ids::RefundId};

/// The columns of `refunds-*.csv`.
pub const HEADER: [&str; 4] = ["refund_id", "payment_id", "amount", "why"];

/// What one file orders.
#[derive(Debug, Default)]
pub struct Refunds {
    lines: Vec<Vec<String>>,
    total: i64,
}

impl Refunds {
    /// Adds refunds of one folder. `payment_id` is the cashier's own.
    pub fn order(&mut self, case: &Case, ordered: &[RefundId]) {
        for refund in case.refunds.iter().filter(|refund| ordered.contains(&refund.id)) {
            let payment = case.payments.iter().find(|payment| payment.id == refund.payment);
            self.total = self.total.saturating_add(refund.amount.0);
            self.lines.push(vec![
                refund.id.to_string(),
                payment.map(|payment| payment.reference.clone()).unwrap_or_default(),
                refund.amount.to_string(),
                refund.why.clone(),
            ]);
        }
    }

    /// How many refunds it orders.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// Their sum, in øre, for the manifest.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<String, i64> {
        [("amount".to_owned(), self.total)].into()
    }

    /// The content of the file.
    #[must_use]
    pub fn sheet(&self) -> String {
        sheet::csv(&HEADER, &self.lines)
    }
}
