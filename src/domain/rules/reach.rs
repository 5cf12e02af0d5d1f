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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{cpr::Cpr, ids::PersonId, person::Address};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 3, 10).unwrap()
    }

    /// Somebody with an address and no digital post. The numbers fail modulus 11.
    fn person(cpr: &str) -> Person {
        let mut person = Person::new(PersonId(1), Some(Cpr::parse(cpr).unwrap()));
        person.data.register.address = Address {
            street: "Skovvejen".to_owned(),
            house_number: "7".to_owned(),
            postal_code: "8000".to_owned(),
            city: "Aarhus C".to_owned(),
            ..Address::default()
        };
        person
    }

    fn adult() -> Person {
        person("0202901234")
    }

    /// Born on 11 March 2010: fifteen tomorrow.
    fn child() -> Person {
        let mut child = person("1103104235");
        child.data.register.guardian = adult().cpr();
        child
    }

    fn reach(person: &Person, guardian: Option<&Person>, on: NaiveDate) -> Reach {
        how_to_reach(person, guardian, on, &Periods::default())
    }

    #[test]
    fn digital_post_goes_before_a_letter() {
        let mut person = adult();
        assert_eq!(reach(&person, None, today()), Reach::Write(Channel::Letter));
        person.data.register.digital_post = true;
        person.unlabelled_since = Some(today());
        person.data.register.protected = true;
        assert_eq!(reach(&person, None, today()), Reach::Write(Channel::Digital));
    }

    #[test]
    fn no_letter_goes_to_a_flagged_a_protected_or_no_address() {
        let mut flagged = adult();
        flagged.unlabelled_since = Some(today());
        let mut protected = adult();
        protected.data.register.protected = true;
        let mut nowhere = adult();
        nowhere.data.register.address = Address::default();
        assert_eq!(reach(&flagged, None, today()), Reach::Call("postbox-unlabelled"));
        assert_eq!(reach(&protected, None, today()), Reach::Call("protected"));
        assert_eq!(reach(&nowhere, None, today()), Reach::Call("no-address"));
    }

    #[test]
    fn until_fifteen_the_guardian_is_written_to() {
        let mut guardian = adult();
        guardian.data.register.digital_post = true;
        let birthday = today().succ_opt().unwrap();
        assert_eq!(reach(&child(), Some(&guardian), today()), Reach::Write(Channel::Digital));
        assert_eq!(reach(&child(), Some(&guardian), birthday), Reach::Write(Channel::Letter));
        assert_eq!(reach(&child(), None, today()), Reach::Write(Channel::Letter));
        let mut alone = child();
        alone.data.register.guardian = None;
        assert_eq!(reach(&alone, None, today()), Reach::Call("no-guardian"));
    }

    #[test]
    fn the_flag_of_a_child_is_that_of_the_door_it_shares() {
        let mut flagged = child();
        flagged.unlabelled_since = Some(today());
        let mut elsewhere = adult();
        elsewhere.data.register.address.house_number = "9".to_owned();
        assert_eq!(reach(&flagged, Some(&adult()), today()), Reach::Call("postbox-unlabelled"));
        assert_eq!(reach(&flagged, Some(&elsewhere), today()), Reach::Write(Channel::Letter));
    }
}
