//! From a line of the import format to the RSA of a household and its resources.

use std::collections::BTreeSet;

use time::Date;

use super::fields::Fields;
use super::reading::{MOST_CENTS, month_of};
use super::values::{boolean, code, date, known_date, known_whole, line, whole};
use super::{
    Cause, ClosingMotive, Demand, DemandOrigin, DemandStatus, Fund, Income, IncomeLine, IncomeMonth,
    IncomeNature, Month, PaymentHold, RightHold, Rsa, RsaBenefit, RsaNature, RsaState, Since, Transfer,
};

/// Quarters that a file may hold: thirty people, four quarters each.
pub(super) const MOST_INCOMES: usize = 120;
const MOST_BENEFITS: usize = 10;
const MONTHS_OF_A_QUARTER: usize = 3;
const MOST_LINES: usize = 20;
/// More hours than a month has are a mistake.
const MOST_HOURS: u32 = 744;
const MOST_DEPENDANTS: u32 = 30;
const LONGEST_DEMAND: usize = 11;
const LONGEST_FUND: usize = 3;
const LONGEST_MATRICULE: usize = 15;

/// The RSA of a household.
pub(super) fn rsa(fields: &Fields<'_>, as_of: Option<Date>) -> Option<Rsa> {
    let demand = fields.object("demande", |fields| demand(fields, as_of));
    let state = fields.must("etat", |value| code(value, RsaState::CODES, RsaState::parse));
    let benefits = fields.list("prestations", MOST_BENEFITS, benefit);
    let cents = |key| fields.must(key, |value| known_whole(value, MOST_CENTS));
    let entitled_cents = cents("montant_total_droit_centimes");
    let paid_cents = cents("montant_verse_centimes");
    let last_paid_on = fields.must("dernier_versement_le", known_date);
    let dependants = fields.must("personnes_a_charge", |value| known_whole(value, MOST_DEPENDANTS));
    let homeless = fields.must("sans_domicile_fixe", boolean);
    let payment_hold = since(fields, "suspension_versement", PaymentHold::CODES, PaymentHold::parse);
    let right_hold = since(fields, "suspension_droit", RightHold::CODES, RightHold::parse);
    let closing = since(fields, "cloture", ClosingMotive::CODES, ClosingMotive::parse);
    Some(Rsa {
        demand: demand?,
        state: state?,
        benefits: benefits?,
        entitled_cents: entitled_cents?,
        paid_cents: paid_cents?,
        last_paid_on: last_paid_on?,
        dependants: dependants?,
        homeless: homeless?,
        payment_hold,
        right_hold,
        closing,
    })
}

fn demand(fields: &Fields<'_>, as_of: Option<Date>) -> Option<Demand> {
    let number = fields.may("numero", |value| line(value, LONGEST_DEMAND));
    let made_on = fields
        .must("date", known_date)
        .and_then(|made_on| super::reading::not_after(fields, "date", made_on, as_of));
    let fund = fields.must("fonds", |value| code(value, Fund::CODES, Fund::parse));
    let fund_number = fields.must("organisme", |value| line(value, LONGEST_FUND));
    let matricule = fields.may("matricule", |value| line(value, LONGEST_MATRICULE));
    let status = fields.must("statut", |value| code(value, DemandStatus::CODES, DemandStatus::parse));
    let origin = fields.must("origine", |value| code(value, DemandOrigin::CODES, DemandOrigin::parse));
    let transfer = fields.optional_object("mutation", |fields| {
        let on = fields.must("le", date);
        let from = fields.must("organisme_cedant", |value| line(value, LONGEST_FUND));
        Some(Transfer { on: on?, from: from? })
    });
    Some(Demand {
        number,
        made_on: made_on?,
        fund: fund?,
        fund_number: fund_number?,
        matricule,
        status: status?,
        origin: origin?,
        transfer,
    })
}

fn benefit(fields: &Fields<'_>) -> Option<RsaBenefit> {
    let nature = fields.must("nature", |value| code(value, RsaNature::CODES, RsaNature::parse));
    let since = fields.must("depuis", date);
    let monthly_cents = fields.must("montant_mensuel_centimes", |value| known_whole(value, MOST_CENTS));
    Some(RsaBenefit { nature: nature?, since: since?, monthly_cents: monthly_cents? })
}

fn since<T>(
    fields: &Fields<'_>,
    key: &'static str,
    codes: &'static [&'static str],
    parse: impl Fn(&str) -> Option<T> + Copy,
) -> Option<Since<T>> {
    fields.optional_object(key, |fields| {
        let motive = fields.must("motif", |value| code(value, codes, parse));
        let since = fields.must("depuis", date);
        Some(Since { motive: motive?, since: since? })
    })
}

/// What one of that many people declared of a quarter.
pub(super) fn income(fields: &Fields<'_>, people: usize, as_of: Option<Date>) -> Option<Income> {
    let last = u32::try_from(people).unwrap_or(u32::MAX);
    let person = fields.must("personne", |value| whole(value, 1, last));
    let from = fields.must("du", date);
    let to = fields.must("au", date);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        fields.fault("au", Cause::Order);
    }
    let none = fields.must("nulles", boolean);
    let mean_cents = fields.must("moyenne_mensuelle_centimes", |value| known_whole(value, MOST_CENTS));
    let months = fields.list("mois", MONTHS_OF_A_QUARTER, |fields| income_month(fields, as_of));
    let months = months.and_then(|mut months| {
        let distinct: BTreeSet<Month> = months.iter().map(|each| each.month).collect();
        if distinct.len() < months.len() {
            fields.fault("mois", Cause::Duplicate);
            return None;
        }
        months.sort_by_key(|each| each.month);
        Some(months)
    });
    Some(Income {
        person: person?,
        from: from?,
        to: to?,
        none: none?,
        mean_cents: mean_cents?,
        months: months?,
    })
}

fn income_month(fields: &Fields<'_>, as_of: Option<Date>) -> Option<IncomeMonth> {
    let month = month_of(fields, ["annee", "mois"], as_of);
    let hours = fields.must("heures_travaillees", |value| known_whole(value, MOST_HOURS));
    let left_out_cents =
        fields.must("abattement_neutralisation_centimes", |value| known_whole(value, MOST_CENTS));
    let lines = fields.list("detail", MOST_LINES, |fields| {
        let nature = fields.must("nature", |value| code(value, IncomeNature::CODES, IncomeNature::parse));
        let cents = fields.must("montant_centimes", |value| known_whole(value, MOST_CENTS));
        Some(IncomeLine { nature: nature?, cents: cents? })
    });
    Some(IncomeMonth { month: month?, hours: hours?, left_out_cents: left_out_cents?, lines: lines? })
}
