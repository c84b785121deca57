//! The two seats from which a partner is administered: one principal, one deputy. The organism alone fills them.

use super::access::Office;

/// One of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seat {
    /// Who answers for the partner's people, and owes the annual review.
    Principal,
    /// Who does the same beside him, the review excepted.
    Deputy,
}

impl Seat {
    /// Both, the principal first.
    pub const ALL: [Self; 2] = [Self::Principal, Self::Deputy];

    /// The office of whoever sits there.
    pub fn office(self) -> Office {
        match self {
            Self::Principal => Office::Principal,
            Self::Deputy => Office::Deputy,
        }
    }
}
