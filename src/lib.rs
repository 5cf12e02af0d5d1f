//! The life of the Danish yellow health card in a Citizen Service office, night by night.

pub mod cli;
pub mod clock;
pub mod domain;
pub mod exit;
pub mod failpoint;
pub mod intake;
pub mod jobs;
pub mod logging;
pub mod night;
pub mod output;
pub mod settings;
pub mod store;
