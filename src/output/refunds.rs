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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::{PaymentId, PersonId, RequestId},
        money::Ore,
        person::Person,
        request::{Payment, Refund, RefundState, Remark},
    };

    #[test]
    fn a_file_has_the_refunds_just_ordered_and_their_sum() {
        let on = chrono::NaiveDate::from_ymd_opt(2026, 3, 20).unwrap();
        let mut case = Case::new(Person::new(PersonId(1), None));
        case.payments.push(Payment {
            id: PaymentId(1),
            reference: "I-3001".to_owned(),
            person: case.id(),
            request: Some(RequestId(1)),
            paid_on: on,
            amount: Ore(30_000),
            remark: Remark::default(),
        });
        for (id, amount) in [(1, 22_500), (2, 7_500), (3, 1)] {
            let (state, why) = (RefundState::Ordered { on }, "no-fee".to_owned());
            let (id, amount) = (RefundId(id), Ore(amount));
            case.refunds.push(Refund { id, person: case.id(), payment: PaymentId(1), amount, why, state });
        }
        let mut refunds = Refunds::default();
        refunds.order(&case, &[RefundId(1), RefundId(2)]);
        assert_eq!(
            refunds.sheet(),
            "refund_id,payment_id,amount,why\nT1,I-3001,225.00,no-fee\nT2,I-3001,75.00,no-fee\n"
        );
        assert_eq!((refunds.count(), refunds.totals()["amount"]), (2, 30_000));
    }
}
