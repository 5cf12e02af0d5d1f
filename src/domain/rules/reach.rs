//! 2.3: how a notice reaches somebody. A pure choice over what the register says of the person and the guardian; whose
//! name stands on it, a [`Recipient`](crate::domain::letter::Recipient) knows.

use chrono::NaiveDate;

use crate::domain::{notice::Channel, periods::Periods, person::Person};

/// How a notice reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// In a file for the letter tool.
    Write(Channel),
    /// Not in writing: on the call list, with why as a code.
    Call(&'static str),
}

/// Chooses the channel on a day. Under [`Periods::guardian_below_age`] the guardian is written to; one who is not in the
/// book as the child's own row says. Digital post; without it a letter, but never to a protected address, nor to one
/// whose postbox does not carry the name.
#[must_use]
pub fn how_to_reach(person: &Person, guardian: Option<&Person>, today: NaiveDate, periods: &Periods) -> Reach {
    let Some(own) = person.cpr() else { return Reach::Call("no-number") };
    let front = if own.age_on(today) >= periods.guardian_below_age {
        person
    } else if person.data.register.guardian.is_some() {
        guardian.unwrap_or(person)
    } else {
        return Reach::Call("no-guardian");
    };
    let register = &front.data.register;
    let same_door = register.address == person.data.register.address;
    if register.digital_post {
        Reach::Write(Channel::Digital)
    } else if register.protected || person.data.register.protected {
        Reach::Call("protected")
    } else if !register.address.is_present() {
        Reach::Call("no-address")
    } else if front.unlabelled_since.is_some() || (same_door && person.unlabelled_since.is_some()) {
        Reach::Call("postbox-unlabelled")
    } else {
        Reach::Write(Channel::Letter)
    }
}
