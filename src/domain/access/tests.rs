#![expect(clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use uuid::Uuid;

use super::super::id::RowId;
use super::super::users::may_be_managed;
use super::*;

fn organism(n: u128) -> OrganismId {
    OrganismId::from_uuid(Uuid::from_u128(n))
}

fn partner(n: u128) -> PartnerId {
    PartnerId::from_uuid(Uuid::from_u128(n))
}

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn somebody(office: Office, at: u128, of: u128) -> Actor {
    let account = AccountRef { id: account(1), identifier: String::new(), name: String::new() };
    let partner = office.is_of_a_partner().then(|| partner(of));
    Actor::person(office, organism(at), partner, account, CorrelationId::from_uuid(Uuid::nil()))
}

proptest! {
    #[test]
    fn nobody_is_permitted_outside_his_organism_or_partner(
        office in 0..5_usize, permission in 0..Permission::ALL.len(), mode in 0..2_usize, other in 2..9_u128,
    ) {
        let actor = somebody(Office::ALL[office], 1, 1);
        let (permission, mode) = (Permission::ALL[permission], Mode::ALL[mode]);
        prop_assert!(actor.require(permission, Scope::Organism(organism(other))).is_err());
        prop_assert!(actor.require(permission, Scope::Partner(organism(other), partner(1))).is_err());
        prop_assert!(actor.require(permission, Scope::People(organism(other), partner(1), mode)).is_err());
        if actor.partner().is_some() {
            prop_assert!(actor.require(permission, Scope::Partner(organism(1), partner(other))).is_err());
            prop_assert!(actor.require(permission, Scope::People(organism(1), partner(other), mode)).is_err());
            prop_assert!(actor.require(permission, Scope::Organism(organism(1))).is_err());
        }
    }

    #[test]
    fn a_permit_never_exceeds_the_matrix(
        office in 0..5_usize, permission in 0..Permission::ALL.len(), mode in 0..2_usize,
    ) {
        let (office, permission, mode) = (Office::ALL[office], Permission::ALL[permission], Mode::ALL[mode]);
        let actor = somebody(office, 1, 1);
        let granted = actor.require(permission, Scope::Partner(organism(1), partner(1))).is_ok();
        prop_assert_eq!(granted, allows(office, permission) && !permission.is_on_people());
        let granted = actor.require(permission, Scope::People(organism(1), partner(1), mode)).is_ok();
        prop_assert_eq!(granted, allows_at(office, permission, mode));
        prop_assert!(!granted || allows(office, permission), "what is allowed at one partner is in the matrix");
    }

    /// Whoever manages somebody of a partner, one side only does: never its own people and the organism both; of a
    /// centralised one, never its own people.
    #[test]
    fn the_people_of_a_partner_have_one_manager(
        permission in 0..Permission::ALL.len(), mode in 0..2_usize, held in 0..Office::ALL.len(),
    ) {
        let (permission, mode, held) = (Permission::ALL[permission], Mode::ALL[mode], Office::ALL[held]);
        let able = |of_a_partner: bool| {
            let offices = Office::ALL.into_iter().filter(|office| office.is_of_a_partner() == of_a_partner);
            offices.into_iter().any(|office| {
                let managed = may_be_managed(&somebody(office, 1, 1), mode, account(2), held);
                managed && allows_at(office, permission, mode)
            })
        };
        if permission.is_on_people() {
            prop_assert!(!(able(true) && able(false)), "{permission:?} at a {mode:?} partner");
            prop_assert!(!able(true) || mode == Mode::Delegated);
        }
    }
}
