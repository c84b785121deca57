//! The people of a partner: how an account stands, and who may manage it.

use super::access::{Actor, Mode, Office};
use super::id::AccountId;
use super::time::Timestamp;

/// What an account's row says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountState {
    /// Since when it is suspended.
    pub suspended_at: Option<Timestamp>,
    /// Whether its holder chose a password.
    pub has_password: bool,
    /// Until when the code that was sent may be used.
    pub secret_expires_at: Option<Timestamp>,
    /// Whether the last mail could not be handed over.
    pub mail_failed: bool,
    /// Whether its code goes by a letter that the organism prints.
    pub by_letter: bool,
    /// Last sign-in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// How an account stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nobody can sign in with it.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// Its holder must use the code that was sent to him.
    Awaited {
        /// Where that code is.
        code: Code,
        /// He signed in before: his password was cleared.
        again: bool,
    },
    /// It is used, or can be.
    Active {
        /// Last sign-in.
        last_sign_in_at: Option<Timestamp>,
    },
}

/// Where a one-time code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// Its mail has not left yet.
    OnItsWay,
    /// Its letter is not printed yet.
    ToPrint,
    /// Its mail could not be handed over.
    NotDelivered,
    /// It was sent.
    ValidUntil(Timestamp),
    /// It was not used in time: another one is needed.
    ExpiredAt(Timestamp),
}

impl AccountState {
    /// Whether its holder can sign in with a password of his own.
    pub fn is_able(&self) -> bool {
        self.has_password && self.suspended_at.is_none()
    }

    /// How the account stands at that instant.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if let Some(since) = self.suspended_at {
            return Standing::Suspended { since };
        }
        if self.has_password {
            return Standing::Active { last_sign_in_at: self.last_sign_in_at };
        }
        let code = match self.secret_expires_at {
            Some(end) if now > end => Code::ExpiredAt(end),
            Some(end) => Code::ValidUntil(end),
            None if self.by_letter => Code::ToPrint,
            None if self.mail_failed => Code::NotDelivered,
            None => Code::OnItsWay,
        };
        Standing::Awaited { code, again: self.last_sign_in_at.is_some() }
    }
}

/// Whether this account of a partner of that mode, and what it holds, are for that actor to manage: principals and
/// deputies are the organism's alone, users their own partner's unless it is centralised, and nobody decides on himself.
pub fn may_be_managed(by: &Actor, mode: Mode, account: AccountId, office: Office) -> bool {
    let his = match (by.office(), mode) {
        (Office::OrganismAdministrator, Mode::Delegated) => office.administers_a_partner(),
        (Office::OrganismAdministrator, Mode::Centralised) => office == Office::User,
        (_, mode) => office == Office::User && mode == Mode::Delegated,
    };
    his && by.account().is_none_or(|own| own.id != account)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::access::AccountRef;
    use super::super::id::{CorrelationId, OrganismId, PartnerId, RowId};
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::new(time::macros::datetime!(2026-11-21 12:00 UTC)).plus(time::Duration::hours(hours))
    }

    proptest! {
        #[test]
        fn a_suspension_hides_everything_and_a_password_every_code(
            suspended in prop::option::of(-9..0_i64), has_password: bool,
            expires in prop::option::of(-9..9_i64), mail_failed: bool, by_letter: bool, signed_in in prop::option::of(-9..0_i64),
        ) {
            let state = AccountState {
                suspended_at: suspended.map(at),
                has_password,
                secret_expires_at: expires.map(at),
                mail_failed,
                by_letter,
                last_sign_in_at: signed_in.map(at),
            };
            match state.standing(at(0)) {
                Standing::Suspended { since } => prop_assert_eq!(suspended.map(at), Some(since)),
                Standing::Active { .. } => prop_assert!(has_password && suspended.is_none()),
                Standing::Awaited { code, again } => {
                    prop_assert!(!has_password && suspended.is_none() && again == signed_in.is_some());
                    prop_assert!(expires.is_some() || matches!(code, Code::ToPrint) == by_letter);
                    prop_assert_eq!(matches!(code, Code::ExpiredAt(_)), expires.is_some_and(|end| end < 0));
                    prop_assert_eq!(matches!(code, Code::ValidUntil(_)), expires.is_some_and(|end| end >= 0));
                }
            }
        }
    }

    /// Neither principal nor deputy touches the other, the organism touches nobody else, and nobody touches himself.
    #[test]
    fn each_account_is_managed_by_one_side_and_never_by_itself() {
        let id = |number: u128| AccountId::from_uuid(Uuid::from_u128(number));
        let actor = |office: Office| {
            let own = AccountRef { id: id(1), identifier: String::new(), name: String::new() };
            let partner = office.is_of_a_partner().then(|| PartnerId::from_uuid(Uuid::nil()));
            let correlation = CorrelationId::from_uuid(Uuid::nil());
            Actor::person(office, OrganismId::from_uuid(Uuid::nil()), partner, own, correlation)
        };
        for office in Office::ALL {
            let organism = actor(Office::OrganismAdministrator);
            let seated = [Office::Principal, Office::Deputy].contains(&office);
            assert_eq!(may_be_managed(&organism, Mode::Delegated, id(2), office), seated);
            assert_eq!(may_be_managed(&organism, Mode::Centralised, id(2), office), office == Office::User);
            for by in [Office::Principal, Office::Deputy] {
                let managed = |mode| may_be_managed(&actor(by), mode, id(2), office);
                assert_eq!(managed(Mode::Delegated), office == Office::User);
                assert!(!managed(Mode::Centralised));
            }
            for (by, mode) in Office::ALL.into_iter().flat_map(|by| Mode::ALL.map(|mode| (by, mode))) {
                assert!(!may_be_managed(&actor(by), mode, id(1), office));
            }
        }
    }
}
