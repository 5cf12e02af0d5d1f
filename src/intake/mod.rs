//! What comes in: feed files are read into values with their place, or rejections (page 2.1).
//!
//! This layer knows CSV and nothing of what a row means. A feed's reader says which columns it has,
//! which key its rows are taken in the order of, and how a [`Record`] becomes its value:
//!
//! ```no_run
//! # use std::path::Path;
//! # use sundhedskort::intake::{Key, Record, Sheet};
//! let key = |record: &Record<'_>| Some(Key::text(record.text("payment_id").ok()??));
//! let sheet = Sheet::open(Path::new("payments-1.csv"), &["payment_id", "paid_on"], key)?;
//! let rows = sheet.rows(None, |record| record.required("paid_on", Record::date));
//! for row in rows {
//!     let row = row?;
//!     match &row.value {
//!         Ok(paid_on) => println!("line {}: paid on {paid_on}", row.line),
//!         Err(rejection) => println!("line {}: {}, {} bytes kept", row.line, rejection.code, sheet.raw(&row)?.len()),
//!     }
//!     if let Some(mark) = row.mark {
//!         println!("a chunk may end here: {mark}");
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod feed;
mod header;
mod key;
mod record;
mod rows;
mod sheet;
mod stream;

pub use key::{Key, Mark, MarkFlaw};
pub use record::{Record, TEXT_MAX, WHOLE_ROW};
pub use rows::{Row, Rows};
pub use sheet::{ROWS_MAX, Sheet, SheetFlaw};
pub use stream::RECORD_MAX;
