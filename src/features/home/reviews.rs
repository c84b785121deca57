//! The yearly review on dashboards: what the principal owes, and which partners are late (001 art. 2.2.2).

use super::Decision;
use crate::db::{DbError, FromRow, Reader};
use crate::domain::day::Day;
use crate::domain::id::PartnerId;
use crate::domain::memberships::{Conditions, Opening, convention_holds_from};
use crate::domain::reviews::{Owed, in_time_since};
use crate::domain::time::Timestamp;
use crate::web::filters::{counted, day_of};
use crate::web::paths::{Review, Reviews};
use crate::web::visit::Visit;

/// Partners named one by one; the others are on the list.
const NAMED: i64 = 5;

/// The days of a partner's membership, and its reviews.
#[derive(FromRow)]
struct Row {
    available_on: Option<Day>,
    formality_done_on: Option<Day>,
    contract_signed_on: Option<Day>,
    signed_on: Option<Day>,
    convention_signed_on: Option<Day>,
    convention_effective_on: Option<Day>,
    transmitted_at: Option<Timestamp>,
    open: bool,
}

impl Row {
    /// The day on which the service opened, or will.
    fn opened_on(&self, today: Day) -> Option<Day> {
        let conditions = Conditions {
            formality: self.formality_done_on,
            convention: convention_holds_from(self.convention_signed_on, self.convention_effective_on),
            contract: self.contract_signed_on,
            membership: self.signed_on,
            available_on: self.available_on,
        };
        match conditions.opening(today) {
            Opening::Missing(_) => None,
            Opening::Open | Opening::NotBefore(_) => conditions.latest(),
        }
    }
}

/// What the principal is told: his review is near, late, or begun.
pub(super) async fn owed(
    reader: &mut Reader,
    visit: &Visit,
    partner: PartnerId,
) -> Result<Option<Decision>, DbError> {
    let rows: Vec<Row> = reader
        .select(
            "SELECT m.available_on, m.formality_done_on, m.contract_signed_on, m.signed_on, \
             c.signed_on AS convention_signed_on, c.effective_on AS convention_effective_on, \
             (SELECT max(r.transmitted_at) FROM review r WHERE r.partner_id = m.partner_id) AS transmitted_at, \
             EXISTS (SELECT 1 FROM review r WHERE r.partner_id = m.partner_id AND r.transmitted_at IS NULL) AS open \
             FROM membership m JOIN convention c ON c.partner_id = m.partner_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) AND m.partner_id = $3 LIMIT 100",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    let today = visit.today();
    let opened = rows.iter().filter_map(|row| row.opened_on(today)).min();
    let transmitted = rows.iter().filter_map(|row| row.transmitted_at).max();
    let open = rows.iter().any(|row| row.open);
    let owed = Owed::of(opened, transmitted.map(|at| visit.zone.day(at)), today);
    let (tone, delay) = match owed {
        Owed::Late(day) => ("bad", format!("Due le {}", day_of(day))),
        Owed::Soon(day) => ("warn", format!("Due le {}", day_of(day))),
        Owed::Later(_) | Owed::Nothing if open => ("wait", "En cours".to_owned()),
        Owed::Later(_) | Owed::Nothing => return Ok(None),
    };
    let (fact, act) = if open {
        ("Votre revue est ouverte : finissez-la, puis transmettez-la", "Continuer la revue")
    } else {
        ("Vérifiez chaque habilitation de votre structure, puis transmettez le résultat", "Faire la revue")
    };
    Ok(Some(Decision {
        tone,
        delay,
        kind: "Revue inverse",
        fact: fact.to_owned(),
        cause: "Une fois par an, vous répondez devant l’organisme des accès de vos collègues.".to_owned(),
        href: Review { partner }.to_string(),
        act,
    }))
}

/// What the organism is told: the partners that are late.
pub(super) async fn late(reader: &mut Reader, visit: &Visit) -> Result<Option<Decision>, DbError> {
    let bound = in_time_since(visit.today());
    let rows: Vec<(String, i64)> = reader
        .select(
            "SELECT l.name, CAST(count(*) OVER () AS BIGINT) FROM (SELECT p.legal_name AS name, p.name_key, p.id \
             FROM partner p WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.mode = 'delegated' \
             AND NOT EXISTS (SELECT 1 FROM review r WHERE r.partner_id = p.id AND r.transmitted_at >= $4) \
             AND (EXISTS (SELECT 1 FROM review r WHERE r.partner_id = p.id AND r.transmitted_at < $4) \
               OR EXISTS (SELECT 1 FROM membership m JOIN convention c ON c.partner_id = m.partner_id \
               WHERE m.partner_id = p.id AND m.available_on < $3 AND m.formality_done_on < $3 \
               AND m.contract_signed_on < $3 AND m.signed_on < $3 AND c.signed_on < $3 \
               AND (c.effective_on IS NULL OR c.effective_on < $3)))) AS l ORDER BY l.name_key, l.id LIMIT $5",
        )
        .bind(bound)
        .bind(visit.zone.start_of(bound))
        .bind(NAMED)
        .fetch_all()
        .await?;
    let Some((_, all)) = rows.first() else { return Ok(None) };
    let all = u32::try_from(*all).unwrap_or(u32::MAX);
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    let rest = usize::try_from(all).unwrap_or(0).saturating_sub(names.len());
    let others = if rest > 0 { format!(" et {rest} de plus") } else { String::new() };
    Ok(Some(Decision {
        tone: "bad",
        delay: counted(all, "partenaire"),
        kind: "Revue inverse en retard",
        fact: format!("{}{others}", names.join(", ")),
        cause: "Un an a passé sans revue transmise. Aucun accès n’est coupé : relancez l’administration du partenaire."
            .to_owned(),
        href: format!("{Reviews}?etat=retard"),
        act: "Voir les retards",
    }))
}
