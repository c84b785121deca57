//! From a file to a line of the import format: the inverse of reading.

use serde_json::{Value, json};
use time::Date;

use super::{
    Address, Demand, Family, File, Income, IncomeMonth, Known, Person, PostalAddress, Pregnancy,
    QuotientMonth, Reach, Right, Rsa, Since,
};

/// The line that [`read_line`](super::read_line) reads as this file; without its line end.
pub fn write_line(file: &File) -> String {
    without_nulls(json!({
        "numero_allocataire": file.number.as_str(),
        "code_commune": file.commune.as_str(),
        "date_de_situation": date(file.as_of),
        "quotient_familial": file.quotient.iter().map(quotient_month).collect::<Vec<_>>(),
        "famille": family(&file.family),
        "droits": file.rights.iter().map(right).collect::<Vec<_>>(),
        "adresse": address(&file.address),
        "rsa": file.rsa.as_ref().map(rsa),
        "ressources": match &file.income {
            Known::Known(incomes) => incomes.iter().map(income).collect::<Vec<_>>().into(),
            _ => Value::Null,
        },
    }))
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
        "grossesse": family.pregnancy.map(pregnancy),
        "personnes": family.persons.iter().map(person).collect::<Vec<_>>(),
    }))
}

fn pregnancy(pregnancy: Pregnancy) -> Value {
    without_nulls(json!({
        "declaree_le": date(pregnancy.declared_on),
        "naissance_prevue_le": date(pregnancy.due_on),
        "debutee_le": pregnancy.begun_on.map(date),
        "fin": pregnancy.ended.map(|end| json!({ "le": date(end.on), "nature": end.nature.code() })),
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
        "nationalite": person.nationality.map(super::Nationality::code),
        "rang_naissance": person.birth_rank,
        "droits_et_devoirs": person.duties,
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

fn rsa(rsa: &Rsa) -> Value {
    without_nulls(json!({
        "demande": demand(&rsa.demand),
        "etat": rsa.state.code(),
        "prestations": rsa.benefits.iter().map(|benefit| json!({
            "nature": benefit.nature.code(),
            "depuis": date(benefit.since),
            "montant_mensuel_centimes": known(benefit.monthly_cents, Value::from),
        })).collect::<Vec<_>>(),
        "montant_total_droit_centimes": known(rsa.entitled_cents, Value::from),
        "montant_verse_centimes": known(rsa.paid_cents, Value::from),
        "dernier_versement_le": known(rsa.last_paid_on, date),
        "personnes_a_charge": known(rsa.dependants, Value::from),
        "sans_domicile_fixe": rsa.homeless,
        "suspension_versement": rsa.payment_hold.map(|hold| since(hold, super::PaymentHold::code)),
        "suspension_droit": rsa.right_hold.map(|hold| since(hold, super::RightHold::code)),
        "cloture": rsa.closing.map(|closing| since(closing, super::ClosingMotive::code)),
    }))
}

fn since<T>(since: Since<T>, code: impl Fn(T) -> &'static str) -> Value {
    json!({ "motif": code(since.motive), "depuis": date(since.since) })
}

fn demand(demand: &Demand) -> Value {
    without_nulls(json!({
        "numero": demand.number,
        "date": known(demand.made_on, date),
        "fonds": demand.fund.code(),
        "organisme": demand.fund_number,
        "matricule": demand.matricule,
        "statut": demand.status.code(),
        "origine": demand.origin.code(),
        "mutation": demand.transfer.as_ref().map(|transfer| json!({
            "le": date(transfer.on),
            "organisme_cedant": transfer.from,
        })),
    }))
}

fn income(income: &Income) -> Value {
    json!({
        "personne": income.person,
        "du": date(income.from),
        "au": date(income.to),
        "nulles": income.none,
        "moyenne_mensuelle_centimes": known(income.mean_cents, Value::from),
        "mois": income.months.iter().map(income_month).collect::<Vec<_>>(),
    })
}

fn income_month(month: &IncomeMonth) -> Value {
    json!({
        "annee": month.month.year(),
        "mois": month.month.number(),
        "heures_travaillees": known(month.hours, Value::from),
        "abattement_neutralisation_centimes": known(month.left_out_cents, Value::from),
        "detail": month.lines.iter().map(|line| json!({
            "nature": line.nature.code(),
            "montant_centimes": known(line.cents, Value::from),
        })).collect::<Vec<_>>(),
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
