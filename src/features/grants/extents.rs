//! How far a role is given: the whole of the membership's perimeter, a part of it, or a circonscription.

use super::circonscriptions::Circonscription;
use super::form::Typed;
use super::offer::{Membership, role_of};
use super::preview::places;
use crate::domain::access::Permission;
use crate::domain::id::PartnerId;
use crate::web::choice::Choice;
use crate::web::paths::Circonscriptions;
use crate::web::visit::Visit;

/// What the form offers.
pub(super) struct Extents {
    pub(super) choices: Vec<Choice>,
    /// Whether places may be typed.
    pub(super) parts: bool,
    /// Whether a circonscription is needed, and there is none.
    pub(super) undrawn: bool,
    /// Where they are drawn, by who may.
    pub(super) draw: Option<Circonscriptions>,
}

/// Where the circonscriptions of a partner are drawn, for who may.
pub(super) fn drawn_at(visit: &Visit, partner: PartnerId) -> Option<Circonscriptions> {
    visit.actor.may(Permission::DrawCirconscriptions).then_some(Circonscriptions { partner })
}

impl Extents {
    pub(super) fn of(
        typed: &Typed,
        offer: &[Membership],
        circonscriptions: &[Circonscription],
        draw: Option<Circonscriptions>,
    ) -> Self {
        let parts = offer.iter().any(|membership| !membership.by_circonscription);
        let undrawn =
            circonscriptions.is_empty() && offer.iter().any(|membership| membership.by_circonscription);
        let mut named: Vec<Choice> = circonscriptions.iter().map(|each| named_place(each, typed)).collect();
        let choices = if parts {
            let picked = named.iter().any(|choice| choice.picked) || typed.etendue == "partie";
            let mut choices = places_of(typed, offer, !picked);
            choices.append(&mut named);
            choices
        } else {
            if let [only] = named.as_mut_slice() {
                only.picked = true;
            }
            named
        };
        Self { choices, parts, undrawn, draw }
    }
}

fn places_of(typed: &Typed, offer: &[Membership], whole: bool) -> Vec<Choice> {
    let membership = typed
        .role()
        .and_then(|role| role_of(offer, role))
        .map(|(membership, _)| membership)
        .or(offer.first());
    let detail = membership.map(|membership| places(&membership.perimeter)).unwrap_or_default();
    vec![
        Choice::new("tout", "Tout le périmètre du bulletin d’adhésion").detail(detail).picked_if(whole),
        Choice::new("partie", "Une partie seulement")
            .detail("Les lieux saisis ci-dessous, tous dans ce périmètre")
            .picked_if(typed.etendue == "partie"),
    ]
}

fn named_place(circonscription: &Circonscription, typed: &Typed) -> Choice {
    let id = circonscription.id.to_string();
    let picked = typed.etendue == id;
    Choice::new(id, format!("Circonscription : {}", circonscription.name))
        .detail(places(&circonscription.perimeter))
        .picked_if(picked)
}
