//! The command line, on top of everything: one file per verb.

pub mod operator;
