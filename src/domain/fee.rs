//! The fee (1.6): a pure function of cause and evidence. In published complaint decisions the fee fell whenever the
//! authority could not show posting, return, notice or destruction; so what is not on file counts for the citizen.

use chrono::NaiveDate;

use super::{
    card::Cause,
    dates,
    ground::Ground,
    money::Tariff,
    periods::Periods,
    request::{Decision, Evidence, Whereabouts},
};

/// What the table of 1.6 says before the tariff is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Free(Ground),
    Fee(Ground),
    Manual(Ground),
}

/// Decides the fee of a new copy wished for on `requested_on`, whose tariff counts. Without a tariff for that very year,
/// and where no row of the table fits, a caseworker decides.
#[must_use]
pub fn decide(
    cause: Cause,
    evidence: &Evidence,
    requested_on: NaiveDate,
    tariff: &Tariff,
    periods: &Periods,
) -> Decision {
    match row(cause, evidence, requested_on, periods) {
        Row::Free(ground) => Decision::Free { ground },
        Row::Manual(why) => Decision::Manual { why },
        Row::Fee(ground) => match tariff.on(requested_on) {
            Some(amount) => Decision::Fee { amount, ground },
            None => Decision::Manual { why: Ground::TariffMissing },
        },
    }
}

fn row(cause: Cause, evidence: &Evidence, requested_on: NaiveDate, periods: &Periods) -> Row {
    match (cause, evidence.copy) {
        (Cause::First, _) => Row::Free(Ground::FirstCard),
        (Cause::Misprint, _) => Row::Free(Ground::Misprint),
        (Cause::Misspelt, _) | (_, Whereabouts::BeingCorrected) => Row::Free(Ground::MisspeltByUs),
        (Cause::OurLoss, _) | (_, Whereabouts::Missing) => Row::Free(Ground::OurLoss),
        (_, Whereabouts::Followed) => Row::Manual(Ground::NewerCopy),
        (Cause::OwnGpChoice | Cause::OwnNameChange, Whereabouts::Planned) => Row::Free(Ground::NotPrintedYet),
        (Cause::OwnGpChoice, _) => Row::Fee(Ground::OwnGpChoice),
        (Cause::OwnNameChange, _) => own_name(evidence, requested_on, periods),
        (_, Whereabouts::Planned) => Row::Manual(Ground::StillPlanned),
        (_, Whereabouts::InPrint) => Row::Manual(Ground::StillInPrint),
        (Cause::Damaged, Whereabouts::Out | Whereabouts::OnShelf) => damaged(evidence, requested_on, periods),
        (Cause::Lost, Whereabouts::Out) => Row::Fee(Ground::Lost),
        (Cause::Stolen, Whereabouts::Out) => Row::Fee(Ground::Stolen),
        (Cause::NeverArrived, Whereabouts::Out) => never_arrived(evidence, requested_on, periods),
        // Whatever the citizen calls it, the book shows that the copy was destroyed here.
        (Cause::Lost | Cause::Stolen | Cause::NeverArrived | Cause::NoLongerHeld, Whereabouts::Destroyed) => {
            no_longer_held(evidence)
        }
        (Cause::NoLongerHeld | Cause::Damaged, _)
        | (Cause::Lost | Cause::Stolen | Cause::NeverArrived, Whereabouts::OnShelf) => Row::Manual(Ground::NothingFits),
    }
}

/// A marriage is free within three months of it.
fn own_name(evidence: &Evidence, requested_on: NaiveDate, periods: &Periods) -> Row {
    match evidence.married_on {
        Some(on) if on <= requested_on && requested_on <= dates::marriage_until(on, periods) => {
            Row::Free(Ground::Marriage)
        }
        _ => Row::Fee(Ground::OwnNameChange),
    }
}

fn damaged(evidence: &Evidence, requested_on: NaiveDate, periods: &Periods) -> Row {
    match evidence.posted_on {
        None => Row::Manual(Ground::AgeUnknown),
        Some(on) if requested_on > dates::cracked_free_after(on, periods) => Row::Free(Ground::WornOut),
        Some(_) => Row::Fee(Ground::Damaged),
    }
}

/// The last time it was put in the post counts. Who collected a copy has had it.
fn never_arrived(evidence: &Evidence, requested_on: NaiveDate, periods: &Periods) -> Row {
    match evidence.posted_on {
        _ if evidence.collected_on.is_some() => Row::Manual(Ground::NothingFits),
        None => Row::Free(Ground::PostingUnknown),
        Some(on) => {
            let on = evidence.sent_again_on.map_or(on, |again| on.max(again));
            if requested_on <= dates::never_arrived_until(on, periods) {
                Row::Free(Ground::NeverArrived)
            } else {
                Row::Manual(Ground::ClaimedLate)
            }
        }
    }
}

/// The full chain is shown, link by link, or there is no fee.
fn no_longer_held(evidence: &Evidence) -> Row {
    if evidence.departure_cancelled {
        return Row::Free(Ground::DepartureCancelled);
    }
    if evidence.posted_on.is_none() || evidence.returned_on.is_none() {
        return Row::Free(Ground::PostingUnknown);
    }
    let Some(told_on) = evidence.told_on else { return Row::Free(Ground::NeverTold) };
    match (evidence.last_day, evidence.destroyed_on) {
        (Some(last_day), Some(destroyed_on)) if told_on > last_day || told_on > destroyed_on => {
            Row::Free(Ground::NeverTold)
        }
        (Some(last_day), Some(destroyed_on)) if destroyed_on > last_day => Row::Fee(Ground::NotCollected),
        _ => Row::Free(Ground::DestroyedEarly),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::*;
    use crate::domain::money::Ore;

    const FEE: Ore = Ore(22_500);

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Decides by the office's practice; the tariff of 2024 is on file, that of 2025 is not.
    fn decided(cause: Cause, evidence: &Evidence, requested_on: &str) -> Decision {
        decide(cause, evidence, date(requested_on), &Tariff::default(), &Periods::default())
    }

    fn free(ground: Ground) -> Decision {
        Decision::Free { ground }
    }

    fn fee(ground: Ground) -> Decision {
        Decision::Fee { amount: FEE, ground }
    }

    fn manual(why: Ground) -> Decision {
        Decision::Manual { why }
    }

    /// Posted, returned, told and destroyed after its last day.
    fn full_chain() -> Evidence {
        Evidence {
            posted_on: Some(date("2023-08-01")),
            returned_on: Some(date("2023-08-10")),
            told_on: Some(date("2023-08-11")),
            last_day: Some(date("2024-02-12")),
            destroyed_on: Some(date("2024-02-13")),
            copy: Whereabouts::Destroyed,
            ..Evidence::default()
        }
    }

    #[test]
    fn what_is_the_authoritys_doing_is_free() {
        let evidence = Evidence::default();
        for (cause, ground) in [
            (Cause::First, Ground::FirstCard),
            (Cause::Misspelt, Ground::MisspeltByUs),
            (Cause::Misprint, Ground::Misprint),
            (Cause::OurLoss, Ground::OurLoss),
        ] {
            assert_eq!(decided(cause, &evidence, "2024-05-01"), free(ground), "{cause:?}");
        }
        let missing = Evidence { copy: Whereabouts::Missing, ..full_chain() };
        assert_eq!(decided(Cause::NoLongerHeld, &missing, "2024-05-01"), free(Ground::OurLoss));
        let corrected = Evidence { copy: Whereabouts::BeingCorrected, ..Evidence::default() };
        assert_eq!(decided(Cause::Lost, &corrected, "2024-05-01"), free(Ground::MisspeltByUs));
    }

    #[test]
    fn lost_stolen_and_own_choice_cost_the_tariff_of_the_order_date() {
        for (cause, ground) in [
            (Cause::Lost, Ground::Lost),
            (Cause::Stolen, Ground::Stolen),
            (Cause::OwnGpChoice, Ground::OwnGpChoice),
            (Cause::OwnNameChange, Ground::OwnNameChange),
        ] {
            assert_eq!(decided(cause, &Evidence::default(), "2024-12-31"), fee(ground), "{cause:?}");
            let unknown_year = decided(cause, &Evidence::default(), "2025-01-01");
            assert_eq!(unknown_year, manual(Ground::TariffMissing), "{cause:?}");
        }
    }

    #[test]
    fn a_missing_tariff_keeps_nothing_free_from_being_free() {
        let missing = Evidence { copy: Whereabouts::Missing, ..Evidence::default() };
        assert_eq!(decided(Cause::Lost, &missing, "2025-01-01"), free(Ground::OurLoss));
    }

    #[test]
    fn a_card_over_four_years_old_is_replaced_free() {
        let evidence = Evidence { posted_on: Some(date("2020-05-10")), ..Evidence::default() };
        assert_eq!(decided(Cause::Damaged, &evidence, "2024-05-09"), fee(Ground::Damaged));
        assert_eq!(decided(Cause::Damaged, &evidence, "2024-05-10"), fee(Ground::Damaged));
        assert_eq!(decided(Cause::Damaged, &evidence, "2024-05-11"), free(Ground::WornOut));
        assert_eq!(decided(Cause::Damaged, &Evidence::default(), "2024-05-11"), manual(Ground::AgeUnknown));
        let held = Evidence { copy: Whereabouts::OnShelf, ..evidence };
        assert_eq!(decided(Cause::Damaged, &held, "2024-05-11"), free(Ground::WornOut), "its own row, wherever it is");
        assert_eq!(decided(Cause::Lost, &held, "2024-05-11"), manual(Ground::NothingFits));
    }

    #[test]
    fn a_name_by_marriage_is_free_for_three_months() {
        let evidence = Evidence { married_on: Some(date("2023-11-30")), ..Evidence::default() };
        for (asked, decision) in [
            ("2023-11-29", Decision::Fee { amount: Ore(22_000), ground: Ground::OwnNameChange }),
            ("2023-11-30", free(Ground::Marriage)),
            ("2024-02-29", free(Ground::Marriage)),
            ("2024-03-01", fee(Ground::OwnNameChange)),
        ] {
            assert_eq!(decided(Cause::OwnNameChange, &evidence, asked), decision, "{asked}");
        }
    }

    #[test]
    fn who_says_in_time_that_nothing_arrived_pays_nothing() {
        let evidence = Evidence { posted_on: Some(date("2024-01-01")), ..Evidence::default() };
        assert_eq!(decided(Cause::NeverArrived, &evidence, "2024-02-29"), free(Ground::NeverArrived));
        assert_eq!(decided(Cause::NeverArrived, &evidence, "2024-03-01"), free(Ground::NeverArrived));
        assert_eq!(decided(Cause::NeverArrived, &evidence, "2024-03-02"), manual(Ground::ClaimedLate));
        let unposted = decided(Cause::NeverArrived, &Evidence::default(), "2024-03-02");
        assert_eq!(unposted, free(Ground::PostingUnknown));
        let again = Evidence { sent_again_on: Some(date("2024-01-02")), ..evidence };
        assert_eq!(decided(Cause::NeverArrived, &again, "2024-03-02"), free(Ground::NeverArrived));
        let collected = Evidence { collected_on: Some(date("2024-01-20")), ..evidence };
        assert_eq!(decided(Cause::NeverArrived, &collected, "2024-02-01"), manual(Ground::NothingFits));
    }

    #[test]
    fn a_copy_that_is_not_out_yet_cannot_be_lost() {
        for cause in [Cause::Lost, Cause::Stolen, Cause::Damaged, Cause::NeverArrived, Cause::NoLongerHeld] {
            for (copy, why) in [
                (Whereabouts::InPrint, Ground::StillInPrint),
                (Whereabouts::Planned, Ground::StillPlanned),
                (Whereabouts::Followed, Ground::NewerCopy),
            ] {
                let evidence = Evidence { copy, ..Evidence::default() };
                assert_eq!(decided(cause, &evidence, "2024-05-01"), manual(why), "{cause:?} {copy:?}");
            }
        }
        let planned = Evidence { copy: Whereabouts::Planned, ..Evidence::default() };
        assert_eq!(decided(Cause::OwnGpChoice, &planned, "2024-05-01"), free(Ground::NotPrintedYet));
    }

    #[test]
    fn what_was_not_collected_costs_only_with_the_full_chain_on_file() {
        for cause in [Cause::NoLongerHeld, Cause::Lost] {
            assert_eq!(decided(cause, &full_chain(), "2024-05-01"), fee(Ground::NotCollected));
            for (evidence, ground) in [
                (Evidence { posted_on: None, ..full_chain() }, Ground::PostingUnknown),
                (Evidence { told_on: None, ..full_chain() }, Ground::NeverTold),
                (Evidence { told_on: Some(date("2024-02-13")), ..full_chain() }, Ground::NeverTold),
                (Evidence { destroyed_on: None, ..full_chain() }, Ground::DestroyedEarly),
                (Evidence { destroyed_on: Some(date("2024-02-12")), ..full_chain() }, Ground::DestroyedEarly),
                (Evidence { departure_cancelled: true, ..full_chain() }, Ground::DepartureCancelled),
            ] {
                assert_eq!(decided(cause, &evidence, "2024-05-01"), free(ground), "{evidence:?}");
            }
        }
        let out = Evidence { copy: Whereabouts::Out, ..full_chain() };
        assert_eq!(decided(Cause::NoLongerHeld, &out, "2024-05-01"), manual(Ground::NothingFits));
    }

    proptest! {
        #[test]
        fn a_fee_for_what_was_not_collected_rests_on_every_link(evidence in an_evidence(), asked in a_date()) {
            let decision = decide(Cause::NoLongerHeld, &evidence, asked, &Tariff::default(), &Periods::default());
            if let Decision::Fee { .. } = decision {
                prop_assert!(evidence.posted_on.is_some() && evidence.returned_on.is_some());
                prop_assert!(evidence.told_on.is_some() && evidence.told_on <= evidence.last_day);
                prop_assert!(evidence.destroyed_on > evidence.last_day);
                prop_assert_eq!(evidence.copy, Whereabouts::Destroyed);
            }
        }

        #[test]
        fn a_fee_is_that_very_years_or_none(
            cause in a_cause(),
            evidence in an_evidence(),
            asked in a_date(),
            year in 2019..2027i32,
            amount in 1..100_000i64,
        ) {
            let tariff = Tariff::from_iter([(year, Ore(amount))]);
            if let Decision::Fee { amount, .. } = decide(cause, &evidence, asked, &tariff, &Periods::default()) {
                prop_assert_eq!(Some(amount), tariff.on(asked));
            }
        }
    }

    fn a_date() -> impl Strategy<Value = NaiveDate> {
        (0..2_000u64).prop_map(|days| date("2020-06-01") + chrono::Days::new(days))
    }

    fn a_cause() -> impl Strategy<Value = Cause> {
        prop::sample::select(vec![
            Cause::Lost,
            Cause::Stolen,
            Cause::Damaged,
            Cause::NeverArrived,
            Cause::NoLongerHeld,
            Cause::OwnGpChoice,
            Cause::OwnNameChange,
        ])
    }

    fn an_evidence() -> impl Strategy<Value = Evidence> {
        let copy = prop::sample::select(vec![Whereabouts::Out, Whereabouts::Destroyed, Whereabouts::Missing]);
        let link = || option::weighted(0.8, a_date());
        (link(), link(), link(), link(), link(), link(), copy).prop_map(
            |(posted_on, returned_on, told_on, last_day, destroyed_on, married_on, copy)| Evidence {
                posted_on,
                returned_on,
                told_on,
                last_day,
                destroyed_on,
                married_on,
                copy,
                ..Evidence::default()
            },
        )
    }
}
