//! Drawing a circonscription, and drawing it again: the partner's row is taken first, since grants follow.

use super::store;
use crate::app::App;
use crate::db::DbError;
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::id::{CirconscriptionId, PartnerId};
use crate::domain::territory::Perimeter;
use crate::web::answer::Act;
use crate::web::paths::{Circonscription, Circonscriptions, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What a circonscription is to be.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) name: String,
    pub(super) perimeter: Perimeter,
}

/// How a wish ended.
pub(super) enum Drawing {
    /// It is done.
    Act(Act),
    /// Another has this name.
    Taken,
    /// No membership reaches there any more.
    Outside,
}

/// Draws one.
pub(super) async fn create(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    key: &str,
    drawn: &Drawn,
) -> Result<Drawing, Problem> {
    let scope = Scope::Partner(visit.organism, partner);
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit(Permission::DrawCirconscriptions, scope)?;
    let circonscription: CirconscriptionId = tx.new_id();
    let location = told(&Circonscriptions { partner }, "creee");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Drawing::Act(Act::Before(taken)));
    }
    let territory = store::territory(&mut tx, partner).await?.ok_or(Problem::NotFound)?;
    if !drawn.perimeter.is_within(&territory.within) {
        return Ok(Drawing::Outside);
    }
    let Drawn { name, perimeter } = drawn;
    match store::insert(&mut tx, circonscription, visit.organism, partner, name, perimeter).await {
        Err(DbError::Duplicate) => return Ok(Drawing::Taken),
        inserted => inserted?,
    }
    let fact = Fact::CirconscriptionDrawn {
        circonscription,
        partner,
        name: name.clone(),
        perimeter: perimeter.to_string(),
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Drawing::Act(Act::Done { receipt, location }))
}

/// Names or draws one again: whoever is habilitated there reads what it now covers from the next request on.
pub(super) async fn correct(
    app: &App,
    visit: &Visit,
    path: Circonscription,
    key: &str,
    version: i64,
    drawn: &Drawn,
) -> Result<Drawing, Problem> {
    let Circonscription { partner, circonscription } = path;
    let scope = Scope::Partner(visit.organism, partner);
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit(Permission::DrawCirconscriptions, scope)?;
    let location = told(&Circonscriptions { partner }, "corrigee");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Drawing::Act(Act::Before(taken)));
    }
    let before = store::one(&mut tx, partner, circonscription).await?.ok_or(Problem::NotFound)?;
    let territory = store::territory(&mut tx, partner).await?.ok_or(Problem::NotFound)?;
    if !drawn.perimeter.is_within(&territory.within) {
        return Ok(Drawing::Outside);
    }
    let Drawn { name, perimeter } = drawn;
    match store::update(&mut tx, circonscription, version, name, perimeter).await {
        Err(DbError::Duplicate) => return Ok(Drawing::Taken),
        Ok(false) => return Err(Problem::Stale { href: path.to_string() }),
        updated => updated?,
    };
    let grants = store::follow(&mut tx, partner, circonscription, perimeter).await?;
    let fields =
        [("name", before.name, name.clone()), ("perimeter", before.perimeter, perimeter.to_string())];
    let kept = fields.into_iter().filter(|(_, before, after)| before != after);
    let changes = kept.map(|(field, before, after)| (field.to_owned(), before, after)).collect();
    let fact = Fact::CirconscriptionRedrawn { circonscription, partner, changes, grants };
    let receipt = tx.commit([fact]).await?;
    Ok(Drawing::Act(Act::Done { receipt, location }))
}
