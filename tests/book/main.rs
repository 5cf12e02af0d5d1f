//! The book under everything that can happen to it, on both databases: every statement of the store, a kill at every
//! boundary of a commit, two processes at once, and a hand that changes what it should not.

#[path = "../databases/mod.rs"]
mod databases;
mod crash;
mod feeds;
mod office;
mod raw;
mod tamper;
