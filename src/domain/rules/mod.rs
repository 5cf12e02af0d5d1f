//! What a case may go through, one subject a file; each is a verb of [`Casework`](super::casework::Casework).

#![cfg_attr(
    test,
    expect(clippy::redundant_closure_for_method_calls, reason = "a verb of `Casework<'a>` is no closure for every 'a")
)]

mod answer;
pub mod charge;
mod collect;
mod come_back;
mod correct;
mod desk;
mod destroy;
#[cfg(test)]
pub(in crate::domain) mod example;
#[cfg(test)]
mod example_requests;
#[cfg(test)]
mod example_shelf;
mod fact;
mod items;
mod keep;
#[cfg(test)]
mod model;
mod order;
mod pay;
mod practice;
mod reach;
mod reconsider;
mod register;
mod replace;
mod request;
mod send_again;
mod shelf;
mod stock_take;
mod supersede;
mod tell;
mod undo;

pub use come_back::ComeBack;
pub use reach::{Reach, how_to_reach};
