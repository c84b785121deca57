//! From a line of the import format to a file. The format is described, field by field, in
//! `docs/fichier-des-dossiers.md`.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::str::FromStr;

use time::Date;

use super::fields::{Faults, Fields};
use super::values::{boolean, code, date, known_date, known_whole, line, parsed, postal_code, whole};
use super::{
    Address, Cause, EndedPregnancy, Family, File, Known, LineFault, MOST_MONTHS, Month, Name, Nationality,
    Person, PostalAddress, Pregnancy, PregnancyEnd, QuotientMonth, Reach, Right, RightNature, RightState,
    Role, Situation, Title, json, resources,
};

/// The most bytes that a line may have: ten times an ordinary file.
pub const LONGEST_LINE: usize = 64 * 1024;
const LONGEST_NAME: usize = 80;
const LONGEST_ADDRESS_LINE: usize = 80;
const MOST_PERSONS: usize = 30;
const MOST_RIGHTS: usize = 40;
const MOST_EUROS: u32 = 99_999;
pub(super) const MOST_CENTS: u32 = 99_999_999;

/// The file that a line holds, or everything that is wrong with it.
pub fn read_line(line: &str) -> Result<File, Vec<LineFault>> {
    let alone = |cause| vec![LineFault { field: String::new(), cause }];
    if line.len() > LONGEST_LINE {
        return Err(alone(Cause::LineTooLong { max: LONGEST_LINE, found: line.len() }));
    }
    // Some programs mark the head of what they export.
    let line = line.trim_start_matches('\u{feff}').trim();
    let value = json::parse(line).map_err(alone)?;
    let faults = Faults::default();
    let file = Fields::of(String::new(), &value, &faults).and_then(|fields| {
        let file = file(&fields);
        fields.close();
        file
    });
    match (file, faults.into_vec()) {
        (Some(file), faults) if faults.is_empty() => Ok(file),
        (_, faults) => Err(faults),
    }
}

fn file(fields: &Fields<'_>) -> Option<File> {
    let number = fields.must("numero_allocataire", |value| parsed(value, Cause::FileNumber));
    let commune = fields.must("code_commune", |value| parsed(value, |_| Cause::Commune));
    let as_of = fields.must("date_de_situation", date);
    let quotient = fields.list("quotient_familial", MOST_MONTHS, |month| quotient_month(month, as_of));
    let quotient = quotient.and_then(|months| newest_first(fields, months));
    let family = fields.object("famille", |fields| family(fields, as_of));
    let rights = fields.list("droits", MOST_RIGHTS, right);
    let address = fields.object("adresse", address);
    let rsa = fields.optional_object("rsa", |fields| resources::rsa(fields, as_of));
    let people = family.as_ref().map_or(MOST_PERSONS, |family| family.persons.len());
    let income = fields.optional_list("ressources", resources::MOST_INCOMES, |fields| {
        resources::income(fields, people, as_of)
    });
    let file = File {
        number: number?,
        commune: commune?,
        as_of: as_of?,
        quotient: quotient?,
        family: family?,
        rights: rights?,
        address: address?,
        rsa,
        income: income.map_or(Known::Unknown, Known::Known),
    };
    // Said only of an otherwise good line: a wrong number is no missing one.
    if file.rsa.is_some() && file.rsa_numbers().is_empty() && fields.faultless() {
        fields.fault("famille.personnes", Cause::NoNumber);
    }
    Some(file)
}

fn quotient_month(fields: &Fields<'_>, as_of: Option<Date>) -> Option<QuotientMonth> {
    let month = month_of(fields, ["annee", "mois"], as_of);
    let value = fields.must("valeur", |value| known_whole(value, MOST_EUROS));
    let reference = month_of(fields, ["annee_reference", "mois_reference"], as_of);
    let calculated_in = month_of(fields, ["annee_calcul", "mois_calcul"], as_of);
    Some(QuotientMonth { month: month?, value: value?, reference: reference?, calculated_in: calculated_in? })
}

pub(super) fn month_of(
    fields: &Fields<'_>,
    [year, number]: [&'static str; 2],
    as_of: Option<Date>,
) -> Option<Month> {
    let year_read = fields.must(year, |value| whole(value, 1900, 2200));
    let number_read = fields.must(number, |value| whole(value, 1, 12));
    let month = Month::new(i32::try_from(year_read?).ok()?, u8::try_from(number_read?).ok()?)?;
    if as_of.is_some_and(|day| month > Month::of(day)) {
        fields.fault(number, Cause::AfterSituation);
    }
    Some(month)
}

fn newest_first(fields: &Fields<'_>, mut months: Vec<QuotientMonth>) -> Option<Vec<QuotientMonth>> {
    let distinct: BTreeSet<Month> = months.iter().map(|quotient| quotient.month).collect();
    if distinct.len() < months.len() {
        fields.fault("quotient_familial", Cause::Duplicate);
        return None;
    }
    months.sort_by_key(|quotient| Reverse(quotient.month));
    Some(months)
}

fn family(fields: &Fields<'_>, as_of: Option<Date>) -> Option<Family> {
    let situation = fields.must("situation", |value| code(value, Situation::CODES, Situation::parse));
    let since = fields
        .must("situation_depuis", known_date)
        .and_then(|since| not_after(fields, "situation_depuis", since, as_of));
    let shared_custody = fields.must("residence_alternee", boolean);
    let pregnancy = fields.optional_object("grossesse", pregnancy);
    let persons = fields.list("personnes", MOST_PERSONS, |fields| person(fields, as_of));
    if let Some(persons) = &persons
        && !persons.iter().any(|person| matches!(person.role, Role::Responsible | Role::Claimant))
    {
        fields.fault("personnes", Cause::NoHolder);
    }
    Some(Family {
        situation: situation?,
        since: since?,
        shared_custody: shared_custody?,
        pregnancy,
        persons: persons?,
    })
}

fn pregnancy(fields: &Fields<'_>) -> Option<Pregnancy> {
    let declared_on = fields.must("declaree_le", date);
    let due_on = fields.must("naissance_prevue_le", date);
    if let (Some(declared_on), Some(due_on)) = (declared_on, due_on)
        && due_on < declared_on
    {
        fields.fault("naissance_prevue_le", Cause::Order);
    }
    let begun_on = fields.may("debutee_le", date);
    let ended = fields.optional_object("fin", |fields| {
        let on = fields.must("le", date);
        let nature = fields.must("nature", |value| code(value, PregnancyEnd::CODES, PregnancyEnd::parse));
        Some(EndedPregnancy { on: on?, nature: nature? })
    });
    Some(Pregnancy { declared_on: declared_on?, due_on: due_on?, begun_on, ended })
}

fn person(fields: &Fields<'_>, as_of: Option<Date>) -> Option<Person> {
    let role = fields.must("role", |value| code(value, Role::CODES, Role::parse));
    let title = fields.must("civilite", |value| code(value, Title::CODES, Title::parse));
    let name = name(fields);
    let born = fields
        .must("date_naissance", known_date)
        .and_then(|born| not_after(fields, "date_naissance", born, as_of));
    let dependant = fields.must("a_charge", boolean);
    let nir = fields.may("nir", |value| parsed(value, Cause::Nir));
    let nationality = fields.may("nationalite", |value| code(value, Nationality::CODES, Nationality::parse));
    let birth_rank = fields.may("rang_naissance", |value| whole(value, 1, 9));
    let duties = fields.may("droits_et_devoirs", boolean);
    Some(Person {
        role: role?,
        title: title?,
        name: name?,
        born: born?,
        dependant: dependant?,
        nir,
        nationality,
        birth_rank,
        duties,
    })
}

fn name(fields: &Fields<'_>) -> Option<Name> {
    let at_birth = fields.must("nom_naissance", |value| line(value, LONGEST_NAME));
    let in_use = fields.may("nom_usage", |value| line(value, LONGEST_NAME));
    let given_names = fields.must("prenoms", |value| line(value, LONGEST_NAME));
    let (at_birth, given_names) = (at_birth?, given_names?);
    Some(match in_use {
        Some(surname) if surname != at_birth => Name { surname, birth_surname: Some(at_birth), given_names },
        _ => Name { surname: at_birth, birth_surname: None, given_names },
    })
}

fn right(fields: &Fields<'_>) -> Option<Right> {
    let nature = fields.must("nature", |value| code(value, RightNature::CODES, RightNature::parse));
    let state = fields.must("etat", |value| code(value, RightState::CODES, RightState::parse));
    let since = fields.must("depuis", date);
    let monthly_cents = fields.must("montant_mensuel_centimes", |value| known_whole(value, MOST_CENTS));
    Some(Right { nature: nature?, state: state?, since: since?, monthly_cents: monthly_cents? })
}

fn address(fields: &Fields<'_>) -> Option<Address> {
    let current = postal_address(fields);
    let since = fields.may("depuis", date);
    let previous = fields.optional_object("precedente", postal_address);
    let phone = reach(fields, "telephone", "numero", Cause::Phone);
    let mail = reach(fields, "courriel", "adresse", Cause::Mail);
    Some(Address { current: current?, since, previous, phone, mail })
}

fn postal_address(fields: &Fields<'_>) -> Option<PostalAddress> {
    let optional = |key| fields.may(key, |value| line(value, LONGEST_ADDRESS_LINE));
    let recipient = fields.must("destinataire", |value| line(value, LONGEST_ADDRESS_LINE));
    let complement = optional("complement_information");
    let geographic_complement = optional("complement_information_geographique");
    let street = optional("numero_libelle_voie");
    let locality = optional("lieu_dit");
    let postal_code = fields.must("code_postal", postal_code);
    let city = fields.must("commune", |value| line(value, LONGEST_ADDRESS_LINE));
    Some(PostalAddress {
        recipient: recipient?,
        complement,
        geographic_complement,
        street,
        locality,
        postal_code: postal_code?,
        city: city?,
    })
}

/// A telephone number or a mail address. What may not be used is not even read.
fn reach<T: FromStr>(
    fields: &Fields<'_>,
    key: &'static str,
    value_key: &'static str,
    cause: impl Fn(T::Err) -> Cause,
) -> Reach<T> {
    let found = fields.optional_object(key, |fields| {
        let allowed = fields.must("contact_autorise", boolean)?;
        if !allowed {
            fields.may(value_key, |_| Ok(()));
            return Some(Reach::Withheld);
        }
        fields.must(value_key, |value| parsed(value, &cause)).map(Reach::Given)
    });
    found.unwrap_or(Reach::Unknown)
}

pub(super) fn not_after(
    fields: &Fields<'_>,
    key: &str,
    day: Known<Date>,
    as_of: Option<Date>,
) -> Option<Known<Date>> {
    if let (Known::Known(day), Some(as_of)) = (day, as_of)
        && day > as_of
    {
        fields.fault(key, Cause::AfterSituation);
        return None;
    }
    Some(day)
}
