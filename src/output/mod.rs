//! What goes out: files made of rows that the book has fixed before (page 2.3).

pub mod file;
pub mod manifest;
pub mod orders;
pub mod sheet;
