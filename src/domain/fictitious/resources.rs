//! The RSA of a household whose rights have one, and what its adults declared of the last quarter. Both agree with
//! the rights, the family and each other.

use std::ops::RangeInclusive;

use time::{Date, Duration};

use super::dice::Dice;
use crate::domain::files::{
    ClosingMotive, Demand, DemandOrigin, DemandStatus, EndedPregnancy, Family, Fund, Income, IncomeLine,
    IncomeMonth, IncomeNature, Known, Month, Nationality, PaymentHold, Person, Pregnancy, PregnancyEnd,
    Right, RightHold, RightNature, RightState, Role, Rsa, RsaBenefit, RsaNature, RsaState, Since, Transfer,
};
use crate::domain::territory::Commune;

/// A net hour of work at the least wage, in cents.
const HOUR: u32 = 951;

/// What a household is told apart by, for its RSA.
pub(super) struct Case<'a> {
    pub(super) fund: Fund,
    pub(super) commune: &'static Commune,
    pub(super) rights: &'a [Right],
    pub(super) as_of: Date,
}

impl Case<'_> {
    fn right(&self, nature: RightNature) -> Option<&Right> {
        self.rights.iter().find(|right| right.nature == nature)
    }

    /// The fund of the département: its code, to three signs.
    fn fund_number(&self) -> String {
        format!("{:1<3}", self.commune.departement.as_str())
    }

    /// What the adults declared; nothing is known of households that had nothing to declare.
    pub(super) fn income(&self, dice: &mut Dice, family: &Family) -> Known<Vec<Income>> {
        let rsa = self.right(RightNature::Rsa);
        let undeclared = rsa.is_some_and(|right| state(right) == RsaState::PaymentSuspended);
        if (rsa.is_none() && self.right(RightNature::Ppa).is_none()) || undeclared {
            return Known::Unknown;
        }
        let adults = (1..).zip(&family.persons).filter(|(_, person)| person.role != Role::Child);
        let quarter = Quarter::before(self.as_of);
        Known::Known(adults.map(|(rank, _)| quarter.income(dice, rank, rsa.is_some(), self.fund)).collect())
    }

    /// The RSA, if the rights have one; what only RSA needs of people is then written in the family.
    pub(super) fn rsa(
        &self,
        dice: &mut Dice,
        family: &mut Family,
        income: &Known<Vec<Income>>,
    ) -> Option<Rsa> {
        let right = self.right(RightNature::Rsa)?;
        let found_by = |person: &Person| person.role != Role::Child && person.nir.is_some();
        family.persons.iter().find(|person| found_by(person))?;
        known_for_rsa(dice, family, self.as_of);
        let state = state(right);
        let works = matches!(income, Known::Known(all) if all.iter().any(works));
        let benefits = natures(family, works, self.as_of).into_iter().enumerate();
        let last_paid = Month::of(self.as_of).first_day() + Duration::days(4);
        let last_paid = if last_paid > self.as_of { last_paid - Duration::days(28) } else { last_paid };
        let children = family.persons.iter().filter(|person| person.dependant).count();
        let (entitled_cents, paid_cents, last_paid_on) = match state {
            RsaState::Open => (right.monthly_cents, right.monthly_cents, Known::Known(last_paid)),
            RsaState::Suspended => (right.monthly_cents, Known::Known(0), Known::Known(right.since)),
            RsaState::PaymentSuspended => (Known::NotComputable, Known::Known(0), Known::Known(right.since)),
            RsaState::Closed | RsaState::ClosedBefore => {
                (Known::RightEnded, Known::RightEnded, Known::Known(right.since))
            }
            _ => (Known::Unknown, Known::Unknown, Known::Unknown),
        };
        Some(Rsa {
            demand: self.demand(dice, right.since),
            state: if state == RsaState::Closed && dice.percent(30) { RsaState::ClosedBefore } else { state },
            benefits: benefits
                .map(|(place, nature)| RsaBenefit {
                    nature,
                    since: right.since,
                    monthly_cents: if place == 0 { entitled_cents } else { Known::Unknown },
                })
                .collect(),
            entitled_cents,
            paid_cents,
            last_paid_on,
            dependants: if dice.percent(4) {
                Known::Unknown
            } else {
                Known::Known(u32::try_from(children).unwrap_or_default())
            },
            homeless: dice.percent(4),
            payment_hold: (state == RsaState::PaymentSuspended)
                .then_some(Since { motive: PaymentHold::Declaration, since: right.since }),
            right_hold: (state == RsaState::Suspended).then(|| Since {
                motive: one_of(
                    dice,
                    &[RightHold::GroupIncome, RightHold::FileInquiry, RightHold::GroupContract],
                ),
                since: right.since,
            }),
            closing: matches!(state, RsaState::Closed).then(|| Since {
                motive: one_of(dice, &[ClosingMotive::Term, ClosingMotive::Moved, ClosingMotive::Decision]),
                since: right.since,
            }),
        })
    }

    fn demand(&self, dice: &mut Dice, opened: Date) -> Demand {
        let status = match (self.fund, dice.among(0..=9)) {
            (_, 0..=1) => DemandStatus::Nobody,
            (Fund::Caf, 2) => DemandStatus::OtherCaf,
            (Fund::Msa, 2) => DemandStatus::OtherMsa,
            (Fund::Caf, _) => DemandStatus::Caf,
            (Fund::Msa, _) => DemandStatus::Msa,
        };
        let made_on = opened - Duration::days(dice.among(3..=40));
        let others = ["591", "621", "751", "311", "131"];
        Demand {
            number: dice.percent(95).then(|| dice.among(10_000_000_000_u64..=99_999_999_999).to_string()),
            made_on: if dice.percent(3) { Known::Unknown } else { Known::Known(made_on) },
            fund: self.fund,
            fund_number: self.fund_number(),
            matricule: Some(format!("{:015}", dice.among(1_u64..=9_999_999_999))),
            status,
            origin: if dice.percent(4) { DemandOrigin::Api } else { DemandOrigin::Made },
            transfer: dice
                .percent(12)
                .then(|| Transfer { on: made_on - Duration::days(20), from: dice.word(&others).to_owned() }),
        }
    }
}

fn one_of<T: Copy>(dice: &mut Dice, motives: &[T; 3]) -> T {
    let [first, ..] = *motives;
    dice.pick(motives).unwrap_or(first)
}

/// How far the RSA has come, as its right says.
fn state(right: &Right) -> RsaState {
    match (right.state, right.monthly_cents) {
        (RightState::Pending, _) => RsaState::Pending,
        (RightState::Refused, _) => RsaState::Refused,
        (RightState::Open, _) => RsaState::Open,
        (RightState::Suspended, Known::NotComputable) => RsaState::PaymentSuspended,
        (RightState::Suspended, _) => RsaState::Suspended,
        (RightState::Closed, _) => RsaState::Closed,
    }
}

fn works(income: &Income) -> bool {
    income.months.iter().any(|month| matches!(month.hours, Known::Known(1..)))
}

/// Writes in a family what only RSA needs: nationality, rank of birth, duties, the course of a pregnancy.
fn known_for_rsa(dice: &mut Dice, family: &mut Family, as_of: Date) {
    for person in &mut family.persons {
        person.nationality = Some(match dice.among(0..=19) {
            0..=15 => Nationality::French,
            16..=17 => Nationality::European,
            _ => Nationality::Other,
        });
        person.birth_rank = Some(1);
        person.duties = (person.role != Role::Child).then(|| dice.percent(85));
    }
    if let Some(pregnancy) = &mut family.pregnancy {
        pregnancy.begun_on = Some(pregnancy.declared_on - Duration::days(80));
        return;
    }
    let births = family.persons.iter().filter(|person| person.role == Role::Child);
    let last = births.filter_map(|child| child.born.value()).max();
    family.pregnancy = last.filter(|birth| (as_of - *birth).whole_days() < 200).map(|birth| Pregnancy {
        declared_on: birth - Duration::days(190),
        due_on: birth + Duration::days(6),
        begun_on: Some(birth - Duration::days(270)),
        ended: Some(EndedPregnancy { on: birth, nature: PregnancyEnd::Birth }),
    });
}

/// The kinds of RSA that go with a household.
fn natures(family: &Family, works: bool, as_of: Date) -> Vec<RsaNature> {
    let years = |person: &Person| person.born.value().map(|born| (as_of - born).whole_days() / 365);
    let adults: Vec<&Person> = family.persons.iter().filter(|person| person.role != Role::Child).collect();
    let children = || family.persons.iter().filter(|person| person.dependant);
    let raised = adults.len() == 1 && children().any(|child| years(child).is_some_and(|years| years < 3));
    let young = children().next().is_none()
        && adults.iter().all(|adult| years(adult).is_some_and(|years| years < 25));
    let (base, activity) = match (young, raised) {
        (true, _) => (RsaNature::YoungBase, RsaNature::YoungActivity),
        (_, true) => (RsaNature::RaisedBase, RsaNature::RaisedActivity),
        _ => (RsaNature::Base, RsaNature::Activity),
    };
    if works { vec![base, activity] } else { vec![base] }
}

/// The three whole months before a day.
struct Quarter {
    months: [Month; 3],
}

impl Quarter {
    fn before(as_of: Date) -> Self {
        let last = Month::of(as_of).previous();
        let middle = last.previous();
        Self { months: [middle.previous(), middle, last] }
    }

    fn income(&self, dice: &mut Dice, person: u32, poor: bool, fund: Fund) -> Income {
        let (nature, hours, cents): (Option<IncomeNature>, RangeInclusive<u32>, RangeInclusive<u32>) =
            match (dice.among(0..=9), poor, fund) {
                (0..=4, true, _) => (None, 0..=0, 0..=0),
                (5, _, Fund::Msa) => (Some(IncomeNature::Farmer), 0..=0, 9_000..=42_000),
                (5, _, Fund::Caf) => (Some(IncomeNature::SelfEmployed), 0..=0, 9_000..=42_000),
                (6, _, _) => (Some(IncomeNature::Unemployment), 0..=0, 18_000..=52_000),
                (7, true, _) => (Some(IncomeNature::Maintenance), 0..=0, 8_000..=24_000),
                (_, true, _) => (Some(IncomeNature::Wages), 8..=48, 0..=0),
                (_, false, _) => (Some(IncomeNature::Wages), 60..=151, 0..=0),
            };
        let doubtful = dice.percent(5);
        let months: Vec<IncomeMonth> = self
            .months
            .iter()
            .map(|month| {
                let hours = dice.among(hours.clone());
                let cents = dice.among(cents.clone()).max(hours * HOUR);
                let line = |nature| IncomeLine { nature, cents: Known::Known(cents) };
                IncomeMonth {
                    month: *month,
                    hours: if doubtful { Known::Unknown } else { Known::Known(hours) },
                    left_out_cents: Known::Known(if dice.percent(10) { cents / 2 } else { 0 }),
                    lines: nature.map(line).into_iter().collect(),
                }
            })
            .collect();
        let sum = |month: &IncomeMonth| month.lines.iter().filter_map(|line| line.cents.value()).sum::<u32>();
        let mean = months.iter().map(sum).sum::<u32>() / 3;
        let [first, _, last] = self.months;
        let to = (last.first_day() + Duration::days(31))
            .replace_day(1)
            .map_or(last.first_day(), |next| next - Duration::DAY);
        Income {
            person,
            from: first.first_day(),
            to,
            none: nature.is_none(),
            mean_cents: Known::Known(mean),
            months,
        }
    }
}
