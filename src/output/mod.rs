//! What goes out: files made of rows that the book has fixed before (page 2.3). Every format, with the meaning of its
//! columns and an example, is described in `FORMATS.md`, which `tests/formats.rs` compares with the columns here.

pub mod file;
pub mod lists;
pub mod manifest;
pub mod notices;
pub mod orders;
mod phrases;
pub mod refunds;
pub mod sheet;
