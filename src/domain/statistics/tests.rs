#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use time::macros::{date, datetime};
use uuid::Uuid;

use super::*;
use crate::domain::id::RowId as _;

fn day(date: time::Date) -> Day {
    Day::of(date)
}

fn partner(n: u128) -> PartnerId {
    PartnerId::from_uuid(Uuid::from_u128(n))
}

fn read(partner_n: u128, person: u128, day: Day, service: &str, role: &str) -> Use {
    Use {
        day,
        partner: partner(partner_n),
        person: AccountId::from_uuid(Uuid::from_u128(partner_n * 1_000 + person)),
        matter: Matter::File,
        service: service.to_owned(),
        roles: [role.to_owned()].into(),
        refused: false,
    }
}

fn cell(span: Span, starts_on: Day, partner: Option<PartnerId>, service: &str, role: &str) -> Cell {
    let (service, role) = (service.to_owned(), role.to_owned());
    Cell { span, starts_on, partner, matter: Matter::File, service, role }
}

#[test]
fn a_use_counts_once_in_all_that_it_is_part_of() {
    let (monday, month) = (day(date!(2026 - 11 - 23)), day(date!(2026 - 11 - 01)));
    let mut tally = Tally::default();
    let two_roles =
        Use { roles: ["adresse".to_owned(), "quotient".to_owned()].into(), ..read(1, 1, monday, "cdap", "") };
    tally.add(&two_roles);
    tally.add(&Use { refused: true, roles: BTreeSet::new(), ..two_roles });
    let counted = tally.counted();
    for whose in [None, Some(partner(1))] {
        for (span, starts_on) in [(Span::Day, monday), (Span::Month, month)] {
            let counts = |service: &str, role: &str| {
                counted.get(&cell(span, starts_on, whose, service, role)).map(|(counts, _)| *counts)
            };
            let one = Counts { people: 1, done: 1, refused: 1 };
            assert_eq!((counts("", ""), counts("cdap", "")), (Some(one), Some(one)));
            assert_eq!(counts("cdap", "quotient"), Some(Counts { refused: 0, ..one }));
            assert_eq!(counts("cdap", "adresse"), Some(Counts { refused: 0, ..one }));
        }
    }
    assert_eq!(counted.len(), 16);
}

#[test]
fn a_role_of_one_person_is_told_to_nobody_and_cannot_be_subtracted() {
    let monday = day(date!(2026 - 11 - 23));
    let month = monday.first_of_month();
    let mut tally = Tally::default();
    for (role, people) in [("quotient", 9), ("adresse", 4), ("famille", 1)] {
        (0..people).for_each(|person| tally.add(&read(1, person + 100 * people, monday, "cdap", role)));
    }
    (0..2).for_each(|person| tally.add(&read(2, person, monday, "cdap", "quotient")));
    let counted = tally.counted();
    let told = |whose, service: &str, role: &str| {
        counted.get(&cell(Span::Month, month, whose, service, role)).map(|(_, told)| told.counts).unwrap()
    };
    let ours = Some(partner(1));
    assert_eq!(told(ours, "cdap", "famille"), Told::Nobody, "one person");
    assert_eq!(
        told(ours, "cdap", "adresse"),
        Told::Nobody,
        "the total less the others would tell that person"
    );
    assert_eq!(told(ours, "cdap", "quotient"), Told::Partner, "the organism knows the total of the role");
    assert_eq!(told(ours, "cdap", ""), Told::Partner);
    assert_eq!(told(Some(partner(2)), "", ""), Told::Nobody, "two people");
    assert_eq!(told(None, "", ""), Told::All, "sixteen people");
}

#[test]
fn refusals_to_one_person_are_not_told_however_many_did_something() {
    let monday = day(date!(2026 - 11 - 23));
    let mut tally = Tally::default();
    (0..9).for_each(|person| tally.add(&read(1, person, monday, "cdap", "quotient")));
    let refused = |person, service: &str| Use {
        refused: true,
        roles: BTreeSet::new(),
        ..read(1, person, monday, service, "")
    };
    (0..5).for_each(|_| tally.add(&refused(1, "cdap")));
    // Five refusals to as many people, of whom two did something; one of those did it all.
    (20..25).for_each(|person| tally.add(&refused(person, "rsacg")));
    (20..22).for_each(|person| tally.add(&read(1, person, monday, "rsacg", "dossier")));
    let counted = tally.counted();
    let shown = |service: &str, of_the_partner| {
        let cell = cell(Span::Month, monday.first_of_month(), Some(partner(1)), service, "");
        let (counts, telling) = counted.get(&cell).copied().unwrap();
        counts.shown(telling, of_the_partner)
    };
    assert_eq!(shown("rsacg", true), None, "two people did something");
    assert_eq!(shown("cdap", true), None, "the total less the other would tell those two");
    assert_eq!(shown("", true), Some(Shown { people: 14, done: 11, refused: Some(10) }));

    let mut tally = Tally::default();
    (0..9).for_each(|person| tally.add(&read(1, person, monday, "cdap", "quotient")));
    (0..5).for_each(|_| tally.add(&refused(1, "cdap")));
    for (cell, (counts, telling)) in tally.counted() {
        let of_a_role = !cell.role.is_empty();
        let expected = Shown { people: 9, done: 9, refused: of_a_role.then_some(0) };
        assert_eq!(counts.shown(telling, true), Some(expected), "{cell:?}");
    }
}

#[test]
fn days_are_counted_once_they_are_over_in_their_own_zone() {
    let last = |at, zone: &str| last_countable(Timestamp::new(at), &Zone::parse(zone).unwrap()).to_string();
    // Paris changes hour in the night of 25 October: its day of 25 hours ends at 23:00 UTC.
    assert_eq!(last(datetime!(2026-10-25 23:59 UTC), "Europe/Paris"), "2026-10-24");
    assert_eq!(last(datetime!(2026-10-26 00:00 UTC), "Europe/Paris"), "2026-10-25");
    assert_eq!(last(datetime!(2026-10-26 00:00 UTC), "America/Cayenne"), "2026-10-24");
    assert_eq!(last(datetime!(2026-10-25 21:00 UTC), "Indian/Reunion"), "2026-10-25");
}

#[test]
fn a_month_is_counted_while_its_traces_are_whole() {
    let months = |since, to: Option<Day>, last| -> Vec<String> {
        months_to_count(since, to, last, 6).iter().map(ToString::to_string).collect()
    };
    let founded = day(date!(2026 - 06 - 10));
    let first = counted_since(founded, day(date!(2026 - 11 - 22)), 6);
    assert_eq!(first, founded);
    assert_eq!(
        counted_since(day(date!(2020 - 01 - 01)), day(date!(2026 - 11 - 22)), 6),
        day(date!(2026 - 06 - 01))
    );
    assert_eq!(months(first, None, day(date!(2026 - 07 - 02))), ["2026-06-01", "2026-07-01"]);
    // A trace that comes late, at the edge of a month.
    assert_eq!(
        months(first, Some(day(date!(2026 - 11 - 30))), day(date!(2026 - 12 - 01))),
        ["2026-11-01", "2026-12-01"]
    );
    assert_eq!(months(first, Some(day(date!(2026 - 12 - 03))), day(date!(2026 - 12 - 04))), ["2026-12-01"]);
    // After eight months without the program, the first ones are partly erased: they stay as they were.
    assert_eq!(
        months(first, Some(day(date!(2026 - 06 - 20))), day(date!(2027 - 02 - 10))).first().unwrap(),
        "2026-09-01"
    );
}

#[test]
fn a_page_shows_a_year_and_the_present_month() {
    let months = shown_months(day(date!(2026 - 11 - 22)));
    assert_eq!((months.len(), *months.first().unwrap()), (13, day(date!(2025 - 11 - 01))));
    assert_eq!(kept_since(day(date!(2026 - 11 - 22))), day(date!(2023 - 11 - 01)));
}

proptest! {
    /// Nothing that is told concerns too few; and along no line is a withheld figure the only one.
    #[test]
    fn nothing_told_gives_a_person_away(
        uses in proptest::collection::vec((1_u128..5, 0_u128..9, 0_i64..4, 0_usize..2, 0_usize..3), 0..120),
    ) {
        let mut tally = Tally::default();
        for (partner, person, nth, service, role) in uses {
            let day = Day::of(date!(2026 - 11 - 02)).plus_days(nth);
            let (service, role) = (["cdap", "rsacg"][service], ["un", "deux", "trois"][role]);
            tally.add(&read(partner, person, day, service, role));
        }
        let counted = tally.counted();
        for (whose, shows) in [("the partner", true), ("the organism", false)] {
            let shown = |cell: &Cell| counted.get(cell).is_some_and(|(_, told)| told.counts.shows_to(shows));
            for (cell, (counts, _)) in &counted {
                prop_assert!(!shown(cell) || counts.people >= FEW, "{whose} is shown {cell:?}");
            }
            let parts_of = |total: &Cell, is_part: &dyn Fn(&Cell) -> bool| -> Vec<Cell> {
                counted.keys().filter(|cell| *cell != total && is_part(cell)).cloned().collect()
            };
            for total in counted.keys().filter(|cell| shown(cell)) {
                let same = |cell: &Cell| (cell.span, cell.starts_on, cell.partner) == (total.span, total.starts_on, total.partner);
                let mut lines = Vec::new();
                if total.service.is_empty() {
                    lines.push(parts_of(total, &|cell| same(cell) && cell.role.is_empty()));
                } else if total.role.is_empty() {
                    lines.push(parts_of(total, &|cell| same(cell) && cell.service == total.service));
                }
                if total.span == Span::Month {
                    lines.push(parts_of(total, &|cell| cell.span == Span::Day && cell.partner == total.partner
                        && (&cell.service, &cell.role) == (&total.service, &total.role)));
                }
                if total.partner.is_none() && !shows {
                    lines.push(parts_of(total, &|cell| (cell.span, cell.starts_on) == (total.span, total.starts_on)
                        && (&cell.service, &cell.role) == (&total.service, &total.role)));
                }
                for line in lines {
                    let hidden: Vec<&Cell> = line.iter().filter(|cell| !shown(cell)).collect();
                    prop_assert!(hidden.len() != 1, "{whose} finds {hidden:?} from {total:?}");
                }
            }
        }
    }
}
