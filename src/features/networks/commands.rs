//! Declaring the network of a partner.

use super::store;
use crate::app::App;
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::ranges::Range;
use crate::web::answer::Act;
use crate::web::paths::{DeclareNetwork, PartnerNetwork, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Ranges as the form and the traces say them.
pub(super) fn listed(ranges: &[Range]) -> String {
    ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Declares these ranges; `seen` is what the form showed, which somebody may have changed meanwhile.
pub(super) async fn declare(
    app: &App,
    visit: &Visit,
    path: DeclareNetwork,
    key: &str,
    (seen, wanted): (&str, &[Range]),
) -> Result<Act, Problem> {
    let partner = path.partner;
    let scope = Scope::Partner(visit.organism, partner);
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit(Permission::DeclareNetworks, scope)?;
    let location = told(&PartnerNetwork { partner }, "declare");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    store::name(&mut tx, partner).await?.ok_or(Problem::NotFound)?;
    let (before, after) = (listed(&store::declared(&mut tx, partner).await?), listed(wanted));
    if before != seen {
        return Err(Problem::Stale { href: path.to_string() });
    }
    store::replace(&mut tx, visit.organism, partner, wanted).await?;
    let changes = if before == after { Vec::new() } else { vec![("addresses".to_owned(), before, after)] };
    let receipt = tx.commit([Fact::NetworkDeclared { partner, changes }]).await?;
    Ok(Act::Done { receipt, location })
}
