//! What a field of a letter says in words, in the letter's language. Everything else stands in the templates.

use chrono::NaiveDate;

use crate::domain::{
    hold::ReturnReason,
    matter::{Verdict, Withdrawal},
    person::Language,
};

/// Why a card came to us.
pub(super) fn returned(reason: ReturnReason, language: Language) -> &'static str {
    let (da, en) = match reason {
        ReturnReason::NoNameOnPostbox => ("Navnet stod ikke på postkassen.", "The name was not on the postbox."),
        ReturnReason::Moved => {
            ("Posten oplyser, at modtageren er flyttet.", "The carrier says that the recipient has moved.")
        }
        ReturnReason::Unknown => (
            "Posten oplyser, at modtageren er ukendt på adressen.",
            "The carrier says that the recipient is not known at the address.",
        ),
        ReturnReason::BoxFull => ("Der var ikke plads i postkassen.", "There was no room in the postbox."),
        ReturnReason::Refused => {
            ("Posten oplyser, at brevet ikke blev modtaget.", "The carrier says that the letter was not accepted.")
        }
        // A carrier who takes a living person for dead is not quoted.
        ReturnReason::Deceased | ReturnReason::Other => {
            ("Posten kunne ikke aflevere det.", "The carrier could not deliver it.")
        }
        ReturnReason::OfficeDelivery => {
            ("Det er sendt til os, for at du kan hente det her.", "It was sent here for you to collect.")
        }
        ReturnReason::FoundItem => ("Det er fundet og afleveret til os.", "It was found and handed in to us."),
    };
    in_language(da, en, language)
}

/// Why a card can no longer be collected.
pub(super) fn withdrawn(why: Withdrawal, language: Language) -> &'static str {
    let (da, en) = match why {
        Withdrawal::Newer => ("Et nyere kort er trådt i stedet for det.", "A newer card has replaced it."),
        Withdrawal::WrongName => (
            "Navnet på det er ikke rigtigt, og vi har bestilt et nyt kort med det rigtige navn.",
            "The name on it is not right, and we have ordered a new card with the right name.",
        ),
        Withdrawal::NotResident => (
            "Ifølge folkeregisteret er der ikke længere bopæl i Danmark.",
            "According to the Civil Registration System there is no residence in Denmark any more.",
        ),
        Withdrawal::Other => ("Det kan ikke bruges længere.", "It can no longer be used."),
    };
    in_language(da, en, language)
}

/// Why a card was destroyed, and what that means for a new one (1.6).
pub(super) fn destroyed(early: bool, language: Language) -> &'static str {
    let (da, en) = if early {
        (
            "Det skete ved en fejl, før den sidste dag. Derfor skal du ikke betale for et nyt kort.",
            "This happened by mistake, before the last day. So you do not have to pay for a new card.",
        )
    } else {
        (
            "Det blev ikke hentet inden den sidste dag. Derfor skal du som regel betale for et nyt kort.",
            "It was not collected by the last day. So you will usually have to pay for a new card.",
        )
    };
    in_language(da, en, language)
}

/// What was decided on a request.
pub(super) fn decided(verdict: Verdict, language: Language) -> &'static str {
    let (da, en) = match verdict {
        Verdict::Free => (
            "Du får et nyt sundhedskort. Du skal ikke betale for det.",
            "You get a new health card. You do not have to pay for it.",
        ),
        Verdict::Fee(_) => (
            "Du skal betale for et nyt sundhedskort. Vi laver kortet, når beløbet er betalt. Er det ikke betalt til \
             fristen, bortfalder din anmodning.",
            "You have to pay for a new health card. We make the card when the amount is paid. If it is not paid in time, \
             your request lapses.",
        ),
        Verdict::Refused => ("Vi laver ikke et nyt sundhedskort.", "We do not make a new health card."),
        Verdict::Undecided => (
            "En sagsbehandler ser på din anmodning. Du skal ikke betale noget nu.",
            "A caseworker is looking at your request. You do not have to pay anything now.",
        ),
    };
    in_language(da, en, language)
}

/// Why money went back, from the code of the refund.
pub(super) fn refunded(why: &str, language: Language) -> &'static str {
    let (da, en) = match why {
        "request-withdrawn" => ("Du har trukket din anmodning tilbage.", "You withdrew your request."),
        "request-refused" => ("Vi laver ikke et nyt kort.", "We do not make a new card."),
        "request-lapsed" => ("Gebyret var ikke betalt til fristen.", "The fee was not paid in time."),
        "no-fee" => ("Kortet er gratis.", "The card is free."),
        "paid-too-much" => ("Der er betalt mere end gebyret.", "More than the fee was paid."),
        _ => ("Beløbet skulle ikke betales.", "The amount was not due."),
    };
    in_language(da, en, language)
}

/// When the office is open until a card's last day: hours change, closed days are known.
pub(super) fn opening(closed: &[(NaiveDate, NaiveDate)], language: Language) -> String {
    let mut opening = in_language("mandag til fredag", "Monday to Friday", language).to_owned();
    for (nth, (first, last)) in closed.iter().enumerate() {
        opening += if nth == 0 { in_language(", undtagen ", ", except ", language) } else { ", " };
        opening += &first.to_string();
        if last != first {
            opening += in_language(" til ", " to ", language);
            opening += &last.to_string();
        }
    }
    opening
}

const fn in_language(da: &'static str, en: &'static str, language: Language) -> &'static str {
    match language {
        Language::Da => da,
        Language::En => en,
    }
}
