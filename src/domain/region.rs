//! The region a municipality belongs to, printed on the card.

/// The name of the region of a four-digit municipality code; empty when the code is of no municipality of today.
#[must_use]
pub fn of(municipality: &str) -> &'static str {
    let Ok(code) = municipality.parse::<u16>() else { return "" };
    match code {
        101..=250 | 260 | 270 | 400 | 411 => "Region Hovedstaden",
        253 | 259 | 265 | 269 | 306..=390 => "Region Sjælland",
        410 | 420..=607 | 621 | 630 => "Region Syddanmark",
        615 | 657..=671 | 706..=766 | 779 | 791 => "Region Midtjylland",
        773 | 787 | 810..=860 => "Region Nordjylland",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_municipality_lies_in_one_region() {
        for (code, region) in [
            ("0751", "Region Midtjylland"),
            ("0101", "Region Hovedstaden"),
            ("0400", "Region Hovedstaden"),
            ("0265", "Region Sjælland"),
            ("0260", "Region Hovedstaden"),
            ("0461", "Region Syddanmark"),
            ("0630", "Region Syddanmark"),
            ("0661", "Region Midtjylland"),
            ("0773", "Region Nordjylland"),
            ("0787", "Region Nordjylland"),
            ("0851", "Region Nordjylland"),
            ("0000", ""),
        ] {
            assert_eq!(of(code), region, "{code}");
        }
    }
}
