//! From a file to a line of the import format: the inverse of reading.

use serde_json::{Value, json};
use time::Date;

use super::{Address, Family, File, Known, Person, PostalAddress, QuotientMonth, Reach, Right};

/// The line that [`read_line`](super::read_line) reads as this file; without its line end.
pub fn write_line(file: &File) -> String {
    json!({
        "numero_allocataire": file.number.as_str(),
        "code_commune": file.commune.as_str(),
        "date_de_situation": date(file.as_of),
        "quotient_familial": file.quotient.iter().map(quotient_month).collect::<Vec<_>>(),
        "famille": family(&file.family),
        "droits": file.rights.iter().map(right).collect::<Vec<_>>(),
        "adresse": address(&file.address),
    })
    .to_string()
}

fn quotient_month(quotient: &QuotientMonth) -> Value {
    json!({
        "valeur": known(quotient.value, Value::from),
        "annee": quotient.month.year(),
        "mois": quotient.month.number(),
        "annee_reference": quotient.reference.year(),
        "mois_reference": quotient.reference.number(),
        "annee_calcul": quotient.calculated_in.year(),
        "mois_calcul": quotient.calculated_in.number(),
    })
}

fn family(family: &Family) -> Value {
    without_nulls(json!({
        "situation": family.situation.code(),
        "situation_depuis": known(family.since, date),
        "residence_alternee": family.shared_custody,
        "grossesse": family.pregnancy.map(|pregnancy| json!({
            "declaree_le": date(pregnancy.declared_on),
            "naissance_prevue_le": date(pregnancy.due_on),
        })),
        "personnes": family.persons.iter().map(person).collect::<Vec<_>>(),
    }))
}

fn person(person: &Person) -> Value {
    let (at_birth, in_use) = match &person.name.birth_surname {
        Some(at_birth) => (at_birth, Some(&person.name.surname)),
        None => (&person.name.surname, None),
    };
    without_nulls(json!({
        "role": person.role.code(),
        "civilite": person.title.code(),
        "nom_naissance": at_birth,
        "nom_usage": in_use,
        "prenoms": person.name.given_names,
        "date_naissance": known(person.born, date),
        "a_charge": person.dependant,
        "nir": person.nir.map(|nir| nir.as_str().to_owned()),
    }))
}

fn right(right: &Right) -> Value {
    json!({
        "nature": right.nature.code(),
        "etat": right.state.code(),
        "depuis": date(right.since),
        "montant_mensuel_centimes": known(right.monthly_cents, Value::from),
    })
}

fn address(address: &Address) -> Value {
    let mut written = postal_address(&address.current);
    if let Value::Object(fields) = &mut written {
        let more = [
            ("depuis", address.since.map_or(Value::Null, date)),
            ("precedente", address.previous.as_ref().map_or(Value::Null, postal_address)),
            ("telephone", reach(&address.phone, "numero")),
            ("courriel", reach(&address.mail, "adresse")),
        ];
        fields.extend(more.map(|(key, value)| (key.to_owned(), value)));
    }
    without_nulls(written)
}

fn postal_address(address: &PostalAddress) -> Value {
    without_nulls(json!({
        "destinataire": address.recipient,
        "complement_information": address.complement,
        "complement_information_geographique": address.geographic_complement,
        "numero_libelle_voie": address.street,
        "lieu_dit": address.locality,
        "code_postal": address.postal_code,
        "commune": address.city,
    }))
}

fn reach<T: AsRef<str>>(reach: &Reach<T>, key: &str) -> Value {
    match reach {
        Reach::Unknown => Value::Null,
        Reach::Withheld => json!({ "contact_autorise": false }),
        Reach::Given(value) => json!({ "contact_autorise": true, key: value.as_ref() }),
    }
}

/// What is absent is not written.
fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

fn known<T>(known: Known<T>, write: impl Fn(T) -> Value) -> Value {
    match known {
        Known::Known(value) => write(value),
        Known::Unknown => "non_connu".into(),
        Known::NotComputable => "non_calculable".into(),
        Known::RightEnded => "plus_de_droit".into(),
    }
}

fn date(date: Date) -> Value {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()).into()
}
