//! The register of practitioners, as T2 reads it.

use crate::domain::{
    casework::Casework,
    input::{PractitionerRow, Taken},
    practice::Practitioner,
};

impl Casework<'_> {
    /// Takes in one practice for one period; a row of the same number and first day replaces what it said.
    /// Where periods overlap, the one that began last counts.
    pub fn practice_published(&mut self, row: &PractitionerRow) -> Taken {
        let known = self
            .case
            .practitioners
            .iter()
            .find(|entry| entry.gp_number == row.gp_number && entry.valid_from == row.valid_from);
        let id = known.map(|entry| entry.id);
        let entry = Practitioner {
            id: id.unwrap_or_else(|| self.ids.practitioner()),
            person: self.case.id(),
            gp_number: row.gp_number.clone(),
            name: row.name.clone(),
            street: row.street.clone(),
            postal_code: row.postal_code.clone(),
            city: row.city.clone(),
            phone: row.phone.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        match id {
            Some(_) if known == Some(&entry) => return Taken::Duplicate,
            Some(id) => self.change("practice changed", id.0, |known: &mut Practitioner| *known = entry),
            None => self.add("practice published", entry),
        }
        Taken::Applied
    }
}
