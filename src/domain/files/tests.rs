#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it is wrong")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

use super::*;
use crate::domain::fictitious;
use crate::domain::nir::NirError;
use crate::domain::text::LineError;

const FORMAT: &str = include_str!("../../../docs/fichier-des-dossiers.md");

fn example() -> &'static str {
    let (_, after) = FORMAT.split_once("```json\n").unwrap();
    let (line, _) = after.split_once("\n```").unwrap();
    line
}

/// The faults of the example once one of its values is replaced, as `field cause`.
fn with(pointer: &str, value: Value) -> Vec<String> {
    changed(|line| *line.pointer_mut(pointer).unwrap() = value)
}

fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut line: Value = serde_json::from_str(example()).unwrap();
    change(&mut line);
    faults(&line.to_string())
}

fn faults(line: &str) -> Vec<String> {
    let faults = read_line(line).err().unwrap_or_default();
    faults.iter().map(|fault| format!("{} {}", fault.field, fault.cause.code())).collect()
}

#[test]
fn the_documented_example_is_a_file() {
    let file = read_line(example()).unwrap();
    assert_eq!(file.number.as_str(), "0042317");
    assert_eq!((file.commune.name(), file.as_of), ("Mons-en-Barœul", date!(2026 - 11 - 19)));
    assert_eq!(
        file.quotient.iter().map(|month| month.value).collect::<Vec<_>>(),
        [Known::Known(642), Known::Unknown]
    );
    assert_eq!(file.quotient[0].reference, Month::new(2026, 10).unwrap());
    let holders: Vec<_> = file.holders().iter().map(|name| name.surname.as_str()).collect();
    assert_eq!(holders, ["Tardivel", "Montembert"]);
    assert_eq!(file.family.persons[0].name.birth_surname.as_deref(), Some("Quervennec"));
    assert_eq!(file.family.persons[1].born, Known::Unknown);
    assert_eq!(file.rights[1].monthly_cents, Known::NotComputable);
    assert!(matches!(&file.address.phone, Reach::Given(phone) if phone.as_str() == "+33639984107"));
    assert_eq!(file.address.mail, Reach::Withheld);
    assert_eq!(read_line(&write_line(&file)), Ok(file));
    assert!(read_line(&format!("\u{feff}{}\r\n", example())).is_ok());
}

#[test]
fn a_value_that_may_not_be_used_is_not_held() {
    let mut line: Value = serde_json::from_str(example()).unwrap();
    line["adresse"]["telephone"] = json!({ "contact_autorise": false, "numero": "06 39 98 00 00" });
    let file = read_line(&line.to_string()).unwrap();
    assert_eq!(file.address.phone, Reach::Withheld);
    assert!(!write_line(&file).contains("3998"));
}

#[test]
fn every_cause_has_its_line_and_its_place() {
    let found: Vec<Vec<String>> = vec![
        faults(&" ".repeat(LONGEST_LINE + 1)),
        faults("{\"numero_allocataire\":"),
        faults("{\"a\":1,\"a\":2}"),
        with("/famille/residence_alternee", Value::Null),
        with(
            "/droits/0",
            json!({ "nature": "APL", "etat": "clos", "depuis": "2020-01-01", "montant_mensuel_centimes": 0, "montant": 1 }),
        ),
        with("/quotient_familial/0/valeur", json!(true)),
        with("/famille/personnes/2/prenoms", json!("  ")),
        with("/adresse/commune", json!("a".repeat(81))),
        with("/adresse/lieu_dit", json!("a\u{202e}b")),
        with("/droits/1/etat", json!("ferme")),
        with("/quotient_familial/1/mois", json!(13)),
        with("/droits/0/depuis", json!("01/04/2024")),
        with("/quotient_familial/0/mois_calcul", json!(12)),
        with("/famille/grossesse/naissance_prevue_le", json!("2026-09-03")),
        with("/numero_allocataire", json!("12345678")),
        with("/code_commune", json!("59999")),
        with("/adresse/precedente/code_postal", json!("5949")),
        with("/famille/personnes/0/nir", json!("294035941012744")),
        with("/adresse/telephone/numero", json!("3230")),
        with("/adresse/courriel", json!({ "contact_autorise": true, "adresse": "armelle" })),
        changed(|line| {
            line["famille"]["personnes"] = vec![line["famille"]["personnes"][0].clone(); 31].into();
        }),
        with("/quotient_familial/1/mois", json!(11)),
        with("/famille/personnes/0/role", json!("AUT")),
        changed(|line| {
            for person in line["famille"]["personnes"].as_array_mut().unwrap() {
                person.as_object_mut().unwrap().remove("nir");
            }
        }),
    ];
    let expected = [
        " ligne_trop_longue",
        " json_illisible",
        " cle_repetee",
        "famille.residence_alternee absent",
        "droits.1.montant cle_inconnue",
        "quotient_familial.1.valeur nature",
        "famille.personnes.3.prenoms texte_vide",
        "adresse.commune texte_trop_long",
        "adresse.lieu_dit caractere_refuse",
        "droits.2.etat code",
        "quotient_familial.2.mois bornes",
        "droits.1.depuis date",
        "quotient_familial.1.mois_calcul apres_situation",
        "famille.grossesse.naissance_prevue_le ordre",
        "numero_allocataire numero_allocataire",
        "code_commune commune",
        "adresse.precedente.code_postal code_postal",
        "famille.personnes.1.nir nir",
        "adresse.telephone.numero telephone",
        "adresse.courriel.adresse courriel",
        "famille.personnes trop",
        "quotient_familial doublon",
        "famille.personnes sans_titulaire",
        "famille.personnes sans_nir",
    ];
    assert_eq!(found, expected.map(|fault| vec![fault.to_owned()]));

    let (_, documented) = FORMAT.split_once("## Causes").unwrap();
    let documented: Vec<_> =
        documented.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(documented, expected.map(|fault| fault.split(' ').next_back().unwrap()));
}

#[test]
fn other_ways_of_being_wrong() {
    assert_eq!(faults("[]"), [" nature"]);
    assert_eq!(faults(""), [" json_illisible"]);
    assert_eq!(with("/famille", json!([])), ["famille nature"]);
    assert_eq!(with("/droits", json!({})), ["droits nature"]);
    assert_eq!(with("/droits/0", json!(1)), ["droits.1 nature"]);
    assert_eq!(with("/quotient_familial/0/valeur", json!(-1)), ["quotient_familial.1.valeur bornes"]);
    assert_eq!(with("/quotient_familial/0/valeur", json!(642.5)), ["quotient_familial.1.valeur nature"]);
    assert_eq!(with("/quotient_familial/0/valeur", json!("642")), ["quotient_familial.1.valeur code"]);
    assert_eq!(with("/quotient_familial/0/valeur", Value::Null), ["quotient_familial.1.valeur absent"]);
    assert_eq!(with("/numero_allocataire", json!(42317)), ["numero_allocataire nature"]);
    for day in ["2026-02-30", "2026-2-3", "+2026-01-01", "12026-01-01", "1700-01-01", "plus_de_droit"] {
        assert_eq!(
            with("/famille/personnes/0/date_naissance", json!(day)),
            ["famille.personnes.1.date_naissance date"]
        );
    }
    assert_eq!(
        with("/famille/personnes/2/date_naissance", json!("2026-11-20")),
        ["famille.personnes.3.date_naissance apres_situation"]
    );
    assert_eq!(with("/ressources/0/personne", json!(4)), ["ressources.1.personne bornes"]);
    assert_eq!(with("/ressources/0/au", json!("2026-01-01")), ["ressources.1.au ordre"]);
    assert_eq!(with("/ressources/0/mois/1/mois", json!(8)), ["ressources.1.mois doublon"]);
    assert_eq!(with("/rsa/etat", json!("7")), ["rsa.etat code"]);
    assert_eq!(with("/rsa/montant_verse_centimes", Value::Null), ["rsa.montant_verse_centimes absent"]);
    assert_eq!(with("/rsa/demande/date", json!("2026-11-20")), ["rsa.demande.date apres_situation"]);
    assert_eq!(
        with("/adresse/telephone", json!({ "contact_autorise": true })),
        ["adresse.telephone.numero absent"]
    );
    let nir = read_line(&example().replace("127 43", "127 44")).unwrap_err();
    assert_eq!(nir[0].cause, Cause::Nir(NirError::Key { expected: 43, found: 44 }));
    let hidden = read_line(&example().replace("Sacha", "Sa\\u0000cha")).unwrap_err();
    assert_eq!(hidden[0].cause, Cause::Text(LineError::Forbidden('\0')));
}

#[test]
fn all_faults_of_a_line_are_reported() {
    let found = changed(|line| {
        line["numero_allocataire"] = json!("X1");
        line["quotient_familial"][0]["mois"] = json!(0);
        line["famille"]["personnes"][0]["civilite"] = json!("MLLE");
        line["famille"]["personnes"][0]["prenoms"] = json!("");
        line["adresse"]["ville"] = json!("Mons");
        line.as_object_mut().unwrap().remove("droits");
    });
    assert_eq!(
        found,
        [
            "numero_allocataire numero_allocataire",
            "quotient_familial.1.mois bornes",
            "famille.personnes.1.civilite code",
            "famille.personnes.1.prenoms texte_vide",
            "droits absent",
            "adresse.ville cle_inconnue",
        ]
    );
}

#[test]
fn every_field_that_is_written_is_documented_and_the_other_way_round() {
    fn paths(value: &Value, path: &str, into: &mut BTreeSet<String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                into.insert(below(key));
                paths(value, &below(key), into);
            }),
            Value::Array(list) => list.iter().for_each(|value| paths(value, &below("*"), into)),
            _ => {}
        }
    }
    let mut written = BTreeSet::new();
    let within = "59".parse().unwrap();
    for file in fictitious::files(1, 3_000, &within, date!(2026 - 11 - 19)) {
        paths(&serde_json::from_str(&write_line(&file)).unwrap(), "", &mut written);
    }
    let (fields, _) = FORMAT.split_once("## Exemple").unwrap();
    let documented: BTreeSet<String> = fields
        .lines()
        .filter_map(|row| row.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(written, documented);
}

#[test]
fn every_code_is_documented() {
    let lists = [
        Situation::CODES,
        Role::CODES,
        Title::CODES,
        RightNature::CODES,
        RightState::CODES,
        Nationality::CODES,
        PregnancyEnd::CODES,
        Fund::CODES,
        DemandStatus::CODES,
        DemandOrigin::CODES,
        RsaState::CODES,
        RsaNature::CODES,
        ClosingMotive::CODES,
        PaymentHold::CODES,
        RightHold::CODES,
        IncomeNature::CODES,
    ];
    for code in lists.concat() {
        assert!(FORMAT.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn a_view_lacks_what_was_not_asked_for() {
    let file = read_line(example()).unwrap();
    let shown = file.only(&BTreeSet::new());
    assert_eq!((shown.quotient, shown.address, shown.family, shown.rights), (None, None, None, None));
    assert_eq!((shown.rsa, shown.income), (None, None));
    assert_eq!(shown.holders.len(), 2);
    for rubric in Rubric::ALL {
        let shown = file.only(&BTreeSet::from([*rubric]));
        assert_eq!(shown.quotient.is_some(), *rubric == Rubric::QuotientFamilial);
        assert_eq!(shown.address.is_some(), *rubric == Rubric::Adresse);
        assert_eq!(shown.family.is_some(), *rubric == Rubric::Famille);
        assert_eq!(shown.rights.is_some(), *rubric == Rubric::Droits);
        let seen = format!("{shown:?}");
        assert_eq!(seen.contains("Moulin-Penché"), *rubric == Rubric::Adresse);
        assert_eq!(seen.contains("Sacha"), *rubric == Rubric::Famille);
        assert_eq!(shown.rsa.is_some(), *rubric == Rubric::Rsa);
        assert_eq!(shown.income.is_some(), *rubric == Rubric::Ressources);
    }
}

#[test]
fn what_only_rsa_needs_of_a_family_is_shown_to_nobody_else() {
    let file = read_line(example()).unwrap();
    let seen = |rubrics: &[Rubric]| {
        let family = file.only(&rubrics.iter().copied().collect()).family.unwrap();
        let of = |known: &dyn Fn(&Person) -> bool| family.persons.iter().any(known);
        (
            of(&|person| person.nir.is_some()),
            of(&|person| person.nationality.is_some()),
            of(&|p| p.duties.is_some()),
        )
    };
    assert_eq!(seen(&[Rubric::Famille]), (false, false, false));
    assert_eq!(seen(&[Rubric::Famille, Rubric::Rsa]), (true, true, true));
}

#[test]
fn a_file_of_the_first_format_is_still_a_file() {
    let old = changed(|line| {
        let line = line.as_object_mut().unwrap();
        line.remove("rsa");
        line.remove("ressources");
        let persons = line["famille"]["personnes"].as_array_mut().unwrap();
        for key in ["nationalite", "rang_naissance", "droits_et_devoirs"] {
            for person in persons.iter_mut() {
                person.as_object_mut().unwrap().remove(key);
            }
        }
    });
    assert_eq!(old, [""; 0]);
    let mut line: Value = serde_json::from_str(example()).unwrap();
    line.as_object_mut().unwrap().retain(|key, _| !["rsa", "ressources"].contains(&key.as_str()));
    let file = read_line(&line.to_string()).unwrap();
    assert_eq!(
        (&file.rsa, &file.income),
        (&None, &Known::Unknown),
        "what is absent is not known, not nothing"
    );
    assert!(file.rsa_numbers().is_empty(), "only an RSA file is found by a number");
}

fn any_file() -> impl Strategy<Value = File> {
    (any::<u64>(), 0..40_usize).prop_map(|(seed, skipped)| {
        let within = "59 2A 97411 75056".parse().unwrap();
        fictitious::files(seed, 41, &within, date!(2026 - 11 - 19)).nth(skipped).unwrap()
    })
}

fn any_known() -> impl Strategy<Value = Known<u32>> {
    prop_oneof![
        (0..=99_999_u32).prop_map(Known::Known),
        Just(Known::Unknown),
        Just(Known::NotComputable),
        Just(Known::RightEnded)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(mut file in any_file(), value in any_known(), cents in any_known()) {
        file.quotient[0].value = value;
        file.rights.iter_mut().for_each(|right| right.monthly_cents = cents);
        let line = write_line(&file);
        prop_assert!(!line.contains('\n') && line.len() < LONGEST_LINE / 4);
        prop_assert_eq!(read_line(&line), Ok(file));
    }

    #[test]
    fn a_damaged_line_is_another_file_or_is_refused(file in any_file(), at in any::<prop::sample::Index>(), by in "\\PC{0,3}") {
        let line = write_line(&file);
        let letters: Vec<char> = line.chars().collect();
        let (before, after) = letters.split_at(at.index(letters.len()));
        let damaged: String = before.iter().copied().chain(by.chars()).chain(after[1..].iter().copied()).collect();
        match read_line(&damaged) {
            Ok(other) => prop_assert_eq!(read_line(&write_line(&other)), Ok(other)),
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
        let cut: String = before.iter().collect();
        prop_assert!(read_line(&cut).is_err());
    }

    #[test]
    fn any_text_is_refused_without_panic(line in "\\PC{0,60}") {
        prop_assert!(read_line(&line).is_err());
    }
}
