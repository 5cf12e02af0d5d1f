//! The rules of the office, pure: no I/O, no clock, no database.

pub mod calendar;
pub mod cpr;
pub mod dates;
pub mod money;
pub mod periods;
