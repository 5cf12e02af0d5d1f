//! Why a request was decided as it was: a code for files and tables, and a sentence for the citizen's letter.

use serde::{Deserialize, Serialize};

use super::person::Language;

macro_rules! grounds {
    ($($(#[$doc:meta])* $name:ident $code:literal $da:literal $en:literal;)*) => {
        /// The ground of a fee decision or of a refusal (1.6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Ground {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Ground {
            /// Every ground.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As in files and tables.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means, in a sentence to the citizen.
            #[must_use]
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::Da) => $da, (Self::$name, Language::En) => $en,)*
                }
            }
        }
    };
}

grounds! {
    // Free.
    /// The first card of a stay.
    FirstCard "first-card"
        "Det første kort efter din tilflytning er gratis."
        "The first card after you moved here is free.";
    /// The authority misspelt the name.
    MisspeltByUs "misspelt-by-us"
        "Navnet på kortet var stavet forkert af os."
        "We misspelt the name on the card.";
    /// Printed otherwise than ordered.
    Misprint "misprint"
        "Kortet blev trykt forkert."
        "The card was printed wrongly.";
    /// The copy was lost on our shelf (T15).
    OurLoss "our-loss"
        "Kortet blev væk hos os."
        "We lost the card.";
    /// Over four years old and cracked.
    WornOut "worn-out"
        "Kortet er mere end fire år gammelt og slidt op."
        "The card is more than four years old and worn out.";
    /// A new name by marriage, within three months of it.
    Marriage "marriage"
        "Dit nye navn følger af et ægteskab, og du bad om kortet inden for tre måneder."
        "Your new name comes from a marriage, and you asked for the card within three months of it.";
    /// Destroyed, but nobody was told that it could be collected.
    NeverTold "never-told"
        "Vi kan ikke vise, at du fik besked om at hente kortet, før det blev destrueret."
        "We cannot show that you were told to collect the card before it was destroyed.";
    /// Destroyed before its last day, or the destruction is not confirmed.
    DestroyedEarly "destroyed-early"
        "Vi kan ikke vise, at kortet blev gemt til den sidste dag, du kunne hente det."
        "We cannot show that the card was kept until the last day on which you could collect it.";
    /// No posting date on file that is evidence.
    PostingUnknown "posting-unknown"
        "Vi kan ikke vise, hvornår kortet blev sendt."
        "We cannot show when the card was posted.";
    /// Claimed within 60 days of posting.
    NeverArrived "never-arrived"
        "Kortet kom aldrig frem, og du sagde det i tide."
        "The card never arrived, and you told us in time.";
    /// Destroyed because of a departure that was later cancelled.
    DepartureCancelled "departure-cancelled"
        "Kortet blev destrueret på grund af en udrejse, som siden blev annulleret."
        "The card was destroyed because of a departure that was later cancelled.";
    /// Nothing printed yet: the card that is under way is made as wished.
    NotPrintedYet "not-printed-yet"
        "Kortet var ikke trykt endnu, og det laves, som du ønsker."
        "The card was not printed yet, and is made as you wish.";
    /// A caseworker gave the fee up.
    Waived "waived"
        "Vi har valgt ikke at opkræve gebyret."
        "We have decided not to charge the fee.";
    // A fee.
    /// Lost by the citizen.
    Lost "lost"
        "Du har mistet kortet."
        "You lost the card.";
    /// Stolen from the citizen.
    Stolen "stolen"
        "Kortet er blevet stjålet."
        "The card was stolen.";
    /// Damaged and not old enough to be worn out.
    Damaged "damaged"
        "Kortet er beskadiget og højst fire år gammelt."
        "The card is damaged and not more than four years old.";
    /// Another practitioner or group by own choice.
    OwnGpChoice "own-gp-choice"
        "Du har selv valgt en anden læge eller sikringsgruppe."
        "You chose another doctor or insurance group yourself.";
    /// Another name by own choice.
    OwnNameChange "own-name-change"
        "Du har selv valgt et andet navn."
        "You chose another name yourself.";
    /// Told, last day over, destroyed: the full chain is on file.
    NotCollected "not-collected"
        "Kortet kom retur, du fik besked, og det blev destrueret, da fristen for at hente det var udløbet."
        "The card came back, you were told, and it was destroyed when the time to collect it was over.";
    // Free, a fee or a refusal, by a person.
    /// Decided by a caseworker, whose reason stands in the ledger.
    ByCaseworker "by-caseworker"
        "En sagsbehandler har afgjort din anmodning."
        "A caseworker decided your request.";
    // For a caseworker to decide.
    /// No tariff is configured for the year of the request.
    TariffMissing "tariff-missing"
        "Gebyret for det år er ikke fastsat endnu."
        "The fee of that year is not set yet.";
    /// The producer has not said what became of the copy (T7).
    StillInPrint "still-in-print"
        "Kortet er hos trykkeriet."
        "The card is with the printer.";
    /// The copy is planned and not printed yet: there is nothing to replace.
    StillPlanned "still-planned"
        "Kortet er ikke trykt endnu."
        "The card is not printed yet.";
    /// Never arrived, claimed too late.
    ClaimedLate "claimed-late"
        "Der gik mere end 60 dage, fra kortet blev sendt, til du sagde, at det ikke kom frem."
        "More than 60 days passed between the posting of the card and your telling us that it never arrived.";
    /// Damaged, and its age cannot be shown.
    AgeUnknown "age-unknown"
        "Vi kan ikke vise, hvor gammelt kortet er."
        "We cannot show how old the card is.";
    /// A newer copy is on its way or was sent.
    NewerCopy "newer-copy"
        "Et nyere kort er på vej eller sendt."
        "A newer card is on its way or was sent.";
    /// No registered residence covers the day.
    NotEntitled "not-entitled"
        "Du er ikke registreret med bopæl i Danmark."
        "You are not registered as resident in Denmark.";
    /// No row of the table fits.
    NothingFits "nothing-fits"
        "En sagsbehandler ser på din anmodning."
        "A caseworker looks at your request.";
    // Refused.
    /// A valid copy lies on our shelf: to be collected or sent again.
    HeldHere "held-here"
        "Dit gyldige kort ligger hos os. Du kan hente det eller bede os om at sende det igen."
        "Your valid card is here with us. You can collect it or ask us to post it again.";
    /// The held original was collected before the new copy was printed.
    Collected "collected"
        "Du har hentet dit kort."
        "You collected your card.";
    /// One open request per person and kind.
    AlreadyRequested "already-requested"
        "Du har allerede bedt om et nyt kort."
        "You have already asked for a new card.";
    /// The wish equals what was ordered and printed.
    NothingToCorrect "nothing-to-correct"
        "Navnet står allerede på kortet, som du ønsker det."
        "The name is already on the card as you wish it.";
    /// No copy was ever made or planned.
    NoCard "no-card"
        "Vi har ikke lavet eller planlagt et kort til dig."
        "We have not made or planned a card for you.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_ground_has_its_own_code_and_a_sentence_in_both_languages() {
        let codes: BTreeSet<_> = Ground::ALL.iter().map(|ground| ground.code()).collect();
        assert_eq!(codes.len(), Ground::ALL.len());
        for ground in Ground::ALL {
            let code = ground.code();
            assert!(code.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'-'), "{code}");
            assert_eq!(serde_json::to_string(ground).unwrap(), format!("\"{code}\""));
            assert!(ground.text(Language::Da).ends_with('.') && ground.text(Language::En).ends_with('.'), "{code}");
        }
    }
}
