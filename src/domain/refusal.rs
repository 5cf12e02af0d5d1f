//! Why the desk may not do something: a verb that only the program decides can be refused (page 1.1).

/// A refusal, naming what it is about, its state and the verb. Never holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} {subject} ({state}): {reason}")]
pub struct Refusal {
    /// The card, request or other thing, by its number.
    pub subject: String,
    /// Its state.
    pub state: &'static str,
    /// What was asked for.
    pub verb: &'static str,
    /// Reason code, kebab-case.
    pub code: &'static str,
    /// For the reader.
    pub reason: String,
}
