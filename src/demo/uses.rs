//! A year of use before the demonstration began: invented, and the page of statistics says so. No trace is invented; the
//! one that is left says what was made up.

use std::collections::BTreeMap;

use time::Duration;

use super::DemoError;
use super::cast::Partner;
use crate::app::App;
use crate::db::DbError;
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::fictitious::uses::{Staff, uses};
use crate::domain::id::{OrganismId, PartnerId};
use crate::domain::statistics::{Span, Tally, kept_since, shown_months};

/// Days are kept of that many months; of the others, the months alone.
const MONTHS_OF_DAYS: u16 = 3;
/// Figures written in one go.
const AT_ONCE: usize = 200;

/// The roles of each service.
const ROLES: [(&str, &[&str]); 2] =
    [("cdap", &["quotient", "famille_droits", "adresse"]), ("rsacg", &["dossier_rsa"])];

/// Makes the months before this one up.
pub(super) async fn sow(
    app: &App,
    (organism, seed): (OrganismId, u64),
    of: &Partner,
    today: Day,
) -> Result<(), DemoError> {
    let partner = partner_of(app, organism).await?;
    let roles = ROLES.iter().find(|(service, _)| *service == of.service).map(|(_, roles)| *roles);
    let staff =
        Staff { seed, partner, people: 9 + seed % 9, service: of.service, roles: roles.unwrap_or_default() };
    let (from, this_month) = (shown_months(today).first().copied().unwrap_or(today), today.first_of_month());
    let mut tally = Tally::default();
    (0..this_month.days_since(from)).for_each(|nth| {
        for used in uses(staff, from.plus_days(nth)) {
            tally.add(&used);
        }
    });
    let days_from = (0..MONTHS_OF_DAYS).fold(this_month, |month, _| month.month_before());
    let counted = tally.counted();
    let mut spans = BTreeMap::<_, Vec<_>>::new();
    for (cell, counts) in &counted {
        if cell.span == Span::Month || cell.starts_on >= days_from {
            spans.entry((cell.span, cell.starts_on)).or_default().push((cell, *counts));
        }
    }
    let (now, lease) = (app.now(), app.now().plus(Duration::minutes(5)));
    let run = app.db().begin_count(organism, (today, today), (now, lease)).await?;
    let run = run.ok_or_else(|| DbError::Defect("uses were counted already".to_owned()))?;
    let job = app.job("demo", Some(organism));
    let mut changes = Vec::new();
    for cells in spans.into_values() {
        changes.extend(app.read(&job).await?.changes(&run, cells).await?);
    }
    for some in changes.chunks(AT_ONCE) {
        let mut tx = app.write(&job).await?.permit(Permission::CountUses, Scope::Organism(organism))?;
        tx.keep_counts(&run, some).await?;
        let rows = u64::try_from(some.len()).unwrap_or(0);
        let _receipt = tx.commit([Fact::DemonstrationUsesInvented { organism, from, rows }]).await?;
    }
    let mut tx = app.write(&job).await?.permit(Permission::CountUses, Scope::Organism(organism))?;
    tx.end_count(&run, today.plus_days(-1), kept_since(today)).await?;
    let _receipt = tx.commit([Fact::DemonstrationUsesInvented { organism, from, rows: 0 }]).await?;
    Ok(())
}

async fn partner_of(app: &App, organism: OrganismId) -> Result<PartnerId, DemoError> {
    let job = app.job("demo", Some(organism));
    let mut reader = app.read(&job).await?;
    let row: Option<(PartnerId,)> = reader
        .select(
            "SELECT id FROM partner WHERE organism_id = $1 AND ($2 IS NULL OR id = $2) ORDER BY id LIMIT 1",
        )
        .fetch_optional()
        .await?;
    Ok(row.ok_or_else(|| DbError::Defect("no partner".to_owned()))?.0)
}
