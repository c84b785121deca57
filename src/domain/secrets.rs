//! One-time secrets: how long they are, how long they wait for their person, how they are read aloud, and who gets
//! his by a letter that the organism prints.

use time::Duration;

use super::access::{Actor, Mode, Office};
use super::id::AccountId;

/// Characters of a secret: 5 bits each.
pub const LENGTH: usize = 20;
/// How long one that leaves by mail may wait.
pub const BY_MAIL: Duration = Duration::days(7);
/// How long one that leaves by post may wait: it travels, and is read at a desk.
pub const BY_POST: Duration = Duration::days(30);

/// In groups of four, as it is read aloud.
pub fn spaced(secret: &str) -> String {
    let mut spaced = String::with_capacity(secret.len() * 5 / 4);
    for (at, sign) in secret.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            spaced.push(' ');
        }
        spaced.push(sign);
    }
    spaced
}

/// Whether the organism prints letters to this account: to those whose accounts are its own to give — its staff, those
/// who manage a partner, and the users of a partner whose people it manages itself —, never to oneself.
pub fn prints_for(by: &Actor, account: AccountId, office: Office, partner: Option<Mode>) -> bool {
    let given_here = office != Office::User || partner == Some(Mode::Centralised);
    given_here && by.account().is_some_and(|own| own.id != account)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::access::AccountRef;
    use super::super::id::{CorrelationId, OrganismId, RowId};
    use super::*;

    #[test]
    fn a_secret_is_read_by_four() {
        assert_eq!(spaced("KDM47RTX9PQV"), "KDM4 7RTX 9PQV");
        assert_eq!(spaced("KDM4"), "KDM4");
        assert_eq!(spaced(""), "");
    }

    #[test]
    fn letters_are_for_whose_accounts_the_organism_gives_and_never_for_oneself() {
        let id = |number: u128| AccountId::from_uuid(Uuid::from_u128(number));
        let own = AccountRef { id: id(1), identifier: String::new(), name: String::new() };
        let actor = Actor::person(
            Office::OrganismAdministrator,
            OrganismId::from_uuid(Uuid::nil()),
            None,
            own,
            CorrelationId::from_uuid(Uuid::nil()),
        );
        for office in Office::ALL {
            let delegated = prints_for(&actor, id(2), office, Some(Mode::Delegated));
            assert_eq!(delegated, office != Office::User, "{office:?}");
            assert!(prints_for(&actor, id(2), office, Some(Mode::Centralised)), "{office:?}");
            assert!(!prints_for(&actor, id(1), office, Some(Mode::Centralised)), "{office:?}");
        }
        let job = Actor::system("mail", None, CorrelationId::from_uuid(Uuid::nil()));
        assert!(!prints_for(&job, id(2), Office::Principal, Some(Mode::Delegated)), "a job prints nothing");
    }
}
