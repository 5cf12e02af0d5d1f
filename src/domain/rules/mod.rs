//! What a case may go through, one subject a file; each is a verb of [`Casework`](super::casework::Casework).

mod answer;
#[cfg(test)]
pub(in crate::domain) mod example;
mod order;
mod practice;
mod register;
mod supersede;
