//! Circonscriptions: named parts of a partner's territory. Who is habilitated for one reads the files of the
//! families who live there, and no other (004 art. 3, 7).

use super::grants::Obstacle;
use super::id::CirconscriptionId;
use super::territory::{Perimeter, PlacesError};

/// Where the circonscriptions of a partner may be: where one of its memberships reaches.
pub fn reach(memberships: impl IntoIterator<Item = Perimeter>) -> Perimeter {
    memberships.into_iter().fold(Perimeter::default(), |mut all, one| {
        all.departements.extend(one.departements);
        all.communes.extend(one.communes);
        all
    })
}

/// Reads the places of a circonscription, one a line: communes, or a whole département.
pub fn draw(typed: &str, within: &Perimeter) -> Result<Perimeter, PlacesError> {
    Perimeter::typed(typed, within)
}

/// Whether a wish says where as its service asks: some services are given by circonscription only.
pub fn placed(circonscription: Option<CirconscriptionId>, by_circonscription: bool) -> Result<(), Obstacle> {
    if by_circonscription && circonscription.is_none() {
        return Err(Obstacle::NoCirconscription);
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;

    use super::super::territory::Commune;
    use super::*;

    proptest! {
        /// Whatever is typed, a circonscription lies inside the département (or what else the memberships reach).
        #[test]
        fn a_circonscription_lies_where_a_membership_reaches(
            typed in "(67[0-9]{3}|68[0-9]{3}|67|Haguenau|\\PC{0,6})(\n(67|68)[0-9]{3}){0,6}",
            reached in prop::collection::vec(prop::sample::select(vec!["67", "67180 67437", "68", "68066"]), 0..3),
        ) {
            let within = reach(reached.iter().map(|text| text.parse().unwrap()));
            if let Ok(drawn) = draw(&typed, &within) {
                prop_assert!(!drawn.is_empty() && drawn.is_within(&within));
                prop_assert!(drawn.covered().map(Commune::code).all(|commune| within.covers(&commune)));
            }
        }

        #[test]
        fn the_reach_is_that_of_every_membership_and_no_more(one in 0..3_usize, other in 0..3_usize) {
            let some = |nth: usize| -> Perimeter { ["67", "67180 68066", ""].get(nth).unwrap().parse().unwrap() };
            let both = reach([some(one), some(other)]);
            prop_assert!(some(one).is_within(&both) && some(other).is_within(&both));
            let either = |commune: &Commune| {
                let code = commune.code.parse().unwrap();
                some(one).covers(&code) || some(other).covers(&code)
            };
            prop_assert!(both.covered().all(either));
        }
    }
}
