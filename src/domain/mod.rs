//! THE RULES of the office: no async, no I/O, no clock, no database. A folder ([`case::Case`]) is opened for writing
//! ([`casework::Casework`]), a rule looks at it and at the business date, and either changes it or refuses.

pub mod calendar;
pub mod card;
pub mod case;
pub mod casework;
pub mod cpr;
pub mod dates;
pub mod event;
pub mod evidence;
pub mod fee;
pub mod finding;
pub mod ground;
pub mod hold;
pub mod ids;
pub mod input;
pub mod invariants;
pub mod letter;
pub mod matter;
pub mod money;
pub mod notice;
pub mod outlook;
pub mod periods;
pub mod person;
pub mod practice;
pub mod record;
pub mod refusal;
pub mod region;
pub mod request;
pub mod rules;
