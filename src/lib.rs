//! The life of the Danish yellow health card in a Citizen Service office, night by night.

pub mod domain;
pub mod store;
