//! The tables of records are alike: what is said to each of them is written once.

use super::{
    Book,
    bulk::{Value, Wide},
    connection::{Failure, on},
};
use crate::domain::record::Kind;

/// The statements of one table of records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    /// Writes rows, over those that are there.
    pub(super) upsert: Wide,
    by_number: Wide,
    page: &'static str,
}

/// A row as it stands in its table.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Kept {
    pub(super) id: i64,
    pub(super) person_id: i64,
    pub(super) facts: String,
    pub(super) personal: Option<String>,
    pub(super) salt: Option<Vec<u8>>,
}

macro_rules! tables {
    ($($kind:ident $table:literal;)*) => {
        impl Table {
            /// The table of a kind of record.
            pub(super) const fn of(kind: Kind) -> Self {
                match kind {
                    $(Kind::$kind => Self {
                        upsert: Wide {
                            head: concat!("INSERT INTO ", $table, " (id, person_id, facts, personal, salt) VALUES "),
                            tail: " ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, personal = excluded.personal, \
                                   salt = excluded.salt",
                            bracketed: true,
                        },
                        by_number: Wide {
                            head: concat!("SELECT id, person_id, facts, personal, salt FROM ", $table, " WHERE id IN ("),
                            tail: ")",
                            bracketed: false,
                        },
                        page: concat!(
                            "SELECT id, person_id, facts, personal, salt FROM ",
                            $table,
                            " WHERE id > $1 ORDER BY id LIMIT $2"
                        ),
                    },)*
                }
            }
        }
    };
}

tables! {
    Person "person";
    Practitioner "practitioner";
    Closure "closure";
    Batch "batch";
    Card "card";
    Hold "hold";
    Item "item";
    Request "request";
    Payment "payment";
    Refund "refund";
    Notice "notice";
    Event "event";
    Finding "finding";
}

impl Book {
    /// The rows of these numbers, as far as they are there, in any order.
    pub(super) async fn kept(&mut self, kind: Kind, numbers: &[i64]) -> Result<Vec<Kept>, Failure> {
        let keys: Vec<_> = numbers.iter().map(|number| Value::Int(*number)).collect();
        self.read_rows(Table::of(kind).by_number, &keys).await
    }

    /// The rows of a table after a number, in order, a page at a time; every number is above -1.
    pub(super) async fn kept_after(&mut self, kind: Kind, after: i64, page: i64) -> Result<Vec<Kept>, Failure> {
        let statement = Table::of(kind).page;
        Ok(on!(self.connection(), |c| { sqlx::query_as(statement).bind(after).bind(page).fetch_all(&mut *c).await })?)
    }
}
