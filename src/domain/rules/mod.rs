//! What a case may go through, one subject a file; each is a verb of [`Casework`](super::casework::Casework).

#![cfg_attr(
    test,
    expect(clippy::redundant_closure_for_method_calls, reason = "a verb of `Casework<'a>` is no closure for every 'a")
)]

mod answer;
pub mod charge;
mod correct;
#[cfg(test)]
pub(in crate::domain) mod example;
#[cfg(test)]
mod example_requests;
mod order;
mod pay;
mod practice;
mod register;
mod replace;
mod request;
mod supersede;
