#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it is wrong")]

use std::collections::BTreeSet;

use time::macros::date;

use super::*;
use crate::domain::files::{
    Income, Known, MOST_MONTHS, Month, Reach, RightNature, RightState, Role, Rsa, RsaState, Title, read_line,
    write_line,
};
use crate::domain::nir::Nir;

const TODAY: Date = date!(2026 - 11 - 19);

fn some(seed: u64, count: u32, within: &str) -> Vec<File> {
    files(seed, count, &within.parse().unwrap(), TODAY).collect()
}

#[test]
fn one_seed_gives_one_series() {
    let files = some(7, 60, "59");
    assert_eq!(files, some(7, 60, "59"));
    assert_eq!(files[..20], some(7, 20, "59"));
    assert_ne!(files, some(8, 60, "59"));
}

#[test]
fn numbers_are_distinct_and_spread() {
    let numbers: Vec<u32> =
        some(1, 3000, "59410").iter().map(|file| file.number.as_str().parse().unwrap()).collect();
    let distinct: BTreeSet<_> = numbers.iter().collect();
    assert_eq!(distinct.len(), 3000);
    let gaps = distinct.iter().zip(distinct.iter().skip(1)).map(|(one, next)| *next - *one);
    assert!(gaps.max().unwrap() < 12_000, "no wide hole");
    assert!(numbers.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 1_000_000), "no order");
}

#[test]
fn households_live_in_the_perimeter_at_a_postal_code_of_their_commune() {
    let within: Perimeter = "2A 971 59410 75056".parse().unwrap();
    let files: Vec<_> = files(3, 2000, &within, TODAY).collect();
    assert_eq!(files.len(), 2000);
    for file in &files {
        assert!(within.covers(&file.commune));
        let current = &file.address.current;
        assert!(file.commune.row().postal_codes.contains(&current.postal_code.as_str()));
        assert_eq!(current.city, file.commune.name());
    }
    let named = files.iter().filter(|file| ["59410", "75056"].contains(&file.commune.as_str())).count();
    assert!((900..1100).contains(&named), "half of them in the communes that are named: {named}");
    assert_eq!(some(3, 10, ""), []);
}

#[test]
fn families_hold_together() {
    for file in some(11, 3000, "2B 59") {
        let (adults, children): (Vec<_>, Vec<_>) =
            file.family.persons.iter().partition(|person| person.role != Role::Child);
        assert!((1..=2).contains(&adults.len()) && adults[0].role == Role::Responsible);
        assert_eq!(file.holders()[0], &adults[0].name);
        for child in children {
            for adult in &adults {
                if let (Known::Known(child), Known::Known(adult)) = (child.born, adult.born) {
                    assert!(child <= TODAY && (child - adult).whole_days() >= 18 * 365);
                }
            }
        }
        let given: Vec<_> =
            file.family.persons.iter().map(|person| person.name.given_names.split(' ').next()).collect();
        assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len(), "nobody shares a first name");
        let holder = file.holders()[0];
        assert!(
            file.address.current.recipient.ends_with(&format!("{} {}", holder.surname, holder.given_names))
        );
        for person in &file.family.persons {
            let (Some(nir), Known::Known(born)) = (person.nir, person.born) else { continue };
            let sex = if person.title == Title::Madame { '2' } else { '1' };
            let head = format!("{sex}{:02}{:02}", born.year() % 100, u8::from(born.month()));
            assert!(nir.as_str().starts_with(&head));
        }
        if let Known::Known(since) = file.family.since {
            assert!(since <= TODAY);
        }
        assert!(file.rights.iter().all(|right| right.since <= TODAY));
    }
}

#[test]
fn months_follow_one_another_and_are_not_all_known() {
    let files = some(5, 3000, "59");
    for file in &files {
        assert!((1..=MOST_MONTHS).contains(&file.quotient.len()));
        assert_eq!(file.quotient[0].month, Month::of(TODAY));
        assert!(file.quotient.windows(2).all(|pair| pair[0].month.previous() == pair[1].month));
        assert!(
            file.quotient
                .iter()
                .all(|each| each.calculated_in <= Month::of(TODAY) && each.reference < each.month)
        );
    }
    for absent in [Known::Unknown, Known::NotComputable, Known::RightEnded] {
        assert!(files.iter().any(|file| file.quotient[0].value == absent), "{absent:?}");
    }
    let known = files.iter().filter(|file| matches!(file.quotient[0].value, Known::Known(1..)));
    assert!(known.count() > 2500);
}

#[test]
fn nobody_can_be_reached() {
    for file in some(9, 1000, "59") {
        if let Reach::Given(phone) = &file.address.phone {
            assert!(
                ["+3363998", "+3319900", "+3326191", "+3335301", "+3346571", "+3353649"]
                    .iter()
                    .any(|begin| phone.as_str().starts_with(begin))
            );
        }
        if let Reach::Given(mail) = &file.address.mail {
            assert!(mail.as_str().ends_with(".example"));
        }
    }
}

#[test]
fn what_is_made_can_be_written_and_read() {
    for file in some(13, 1000, "59 2A 974") {
        assert_eq!(read_line(&write_line(&file)), Ok(file));
    }
}

fn with_rsa(files: &[File]) -> Vec<(&File, &Rsa)> {
    files.iter().filter_map(|file| Some((file, file.rsa.as_ref()?))).collect()
}

#[test]
fn no_two_households_are_found_by_the_same_number() {
    for within in ["59410", "67 67437", "2A 974"] {
        let files = some(17, 20_000, within);
        let all: Vec<Nir> = files.iter().flat_map(File::rsa_numbers).collect();
        let distinct: BTreeSet<&Nir> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{within}");
        assert!((1_000..5_000).contains(&all.len()), "about one household in ten: {}", all.len());
    }
}

#[test]
fn an_rsa_agrees_with_the_rights_and_with_the_family() {
    let files: Vec<File> = files_of(Fund::Msa, 19, 20_000, &"67".parse().unwrap(), TODAY).collect();
    let all = with_rsa(&files);
    let mut states = BTreeSet::new();
    for (file, rsa) in &all {
        states.insert(rsa.state);
        let right = file.rights.iter().find(|right| right.nature == RightNature::Rsa).unwrap();
        let open = matches!(rsa.state, RsaState::Open);
        assert_eq!(open, right.state == RightState::Open);
        assert_eq!(rsa.closing.is_some(), right.state == RightState::Closed);
        assert_eq!(rsa.payment_hold.is_some(), rsa.state == RsaState::PaymentSuspended);
        assert_eq!((rsa.demand.fund, rsa.demand.fund_number.as_str()), (Fund::Msa, "671"));
        assert!(rsa.demand.made_on.value().is_none_or(|day| day < right.since));
        let children = file.family.persons.iter().filter(|person| person.dependant).count();
        assert!(rsa.dependants.value().is_none_or(|count| count as usize == children));
        assert!(!rsa.benefits.is_empty());
        assert!(file.family.persons.iter().all(|person| person.nationality.is_some()));
        // Resources that were not declared are not known: they are not nothing.
        if rsa.payment_hold.is_some() {
            assert_eq!((&file.income, rsa.entitled_cents), (&Known::Unknown, Known::NotComputable));
        }
    }
    assert!(states.len() >= 6, "{states:?}");
}

#[test]
fn a_quarter_adds_up() {
    let files = some(23, 5_000, "59");
    let incomes: Vec<&Income> = files
        .iter()
        .filter_map(|file| if let Known::Known(all) = &file.income { Some(all) } else { None })
        .flatten()
        .collect();
    assert!(incomes.len() > 500);
    for income in incomes {
        assert_eq!((income.from, income.to), (date!(2026 - 08 - 01), date!(2026 - 10 - 31)));
        let sum: u32 =
            income.months.iter().flat_map(|month| &month.lines).filter_map(|line| line.cents.value()).sum();
        assert_eq!((income.months.len(), income.mean_cents), (3, Known::Known(sum / 3)));
        assert_eq!(income.none, income.months.iter().all(|month| month.lines.is_empty()));
    }
}
