//! The closed lists of a file, with the codes of the national flows. Their French wording is the pages' matter.

/// A closed list: the enum, its codes, and the way from one to the other.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every code, in the same order.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The code of the format and of the database.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The value that has this code.
            pub fn parse(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(super) use codes;

codes! {
    /// A block of a file: what a role sees is a set of these, in the order in which pages show them.
    Rubric {
        /// The quotient familial, month by month.
        QuotientFamilial = "quotient_familial",
        /// Who belongs to the household.
        Famille = "famille",
        /// Which benefits are due.
        Droits = "droits",
        /// The RSA of the household.
        Rsa = "rsa",
        /// The resources that its people declared.
        Ressources = "ressources",
        /// Where and how the household is reached.
        Adresse = "adresse",
    }
}

codes! {
    /// The family situation of the person responsible for the file (sitfam).
    Situation {
        /// Abandoned: the other has disappeared.
        Abandoned = "ABA",
        /// Single.
        Single = "CEL",
        /// Divorced.
        Divorced = "DIV",
        /// Alone after a shared life or a civil partnership.
        Alone = "ISO",
        /// Married.
        Married = "MAR",
        /// In a civil partnership.
        CivilPartnership = "PAC",
        /// Civil partnership resumed.
        CivilPartnershipResumed = "RPA",
        /// Common life resumed by a married couple.
        CommonLifeResumed = "RVC",
        /// Shared life resumed.
        SharedLifeResumed = "RVM",
        /// Separated in fact.
        SeparatedInFact = "SEF",
        /// Separated by law.
        SeparatedByLaw = "SEL",
        /// Widowed.
        Widowed = "VEU",
        /// Sharing life without marriage.
        SharedLife = "VIM",
    }
}

codes! {
    /// What a person is in the file (rolepers).
    Role {
        /// Responsible for the file.
        Responsible = "RDO",
        /// Claimant.
        Claimant = "DEM",
        /// Spouse or partner.
        Spouse = "CJT",
        /// Child.
        Child = "ENF",
        /// Another person of the household.
        Other = "AUT",
    }
}

codes! {
    /// How a person is addressed (qual).
    Title {
        /// Madame.
        Madame = "MME",
        /// Monsieur.
        Monsieur = "MR",
    }
}

codes! {
    /// A benefit.
    RightNature {
        /// Allocation aux adultes handicapés.
        Aah = "AAH",
        /// Allocation d’éducation de l’enfant handicapé.
        Aeeh = "AEEH",
        /// Allocations familiales.
        Af = "AF",
        /// Allocation journalière de présence parentale.
        Ajpp = "AJPP",
        /// Allocation de logement familiale.
        Alf = "ALF",
        /// Allocation de logement sociale.
        Als = "ALS",
        /// Aide personnalisée au logement.
        Apl = "APL",
        /// Allocation de rentrée scolaire.
        Ars = "ARS",
        /// Allocation de soutien familial.
        Asf = "ASF",
        /// Complément familial.
        Cf = "CF",
        /// Prestation d’accueil du jeune enfant.
        Paje = "PAJE",
        /// Prime d’activité.
        Ppa = "PPA",
        /// Revenu de solidarité active.
        Rsa = "RSA",
    }
}

codes! {
    /// How far a right has come.
    RightState {
        /// Asked for, not decided.
        Pending = "en_attente",
        /// Refused.
        Refused = "refuse",
        /// Open, and paid when an amount is due.
        Open = "ouvert",
        /// Open, its payment held.
        Suspended = "suspendu",
        /// Ended.
        Closed = "clos",
    }
}

/// Checks that each code of these lists leads back to its value.
#[cfg(test)]
macro_rules! there_and_back {
    ($($list:ident)+) => {$(
        assert_eq!($list::ALL.len(), $list::CODES.len());
        for (value, code) in $list::ALL.iter().zip($list::CODES) {
            assert_eq!((value.code(), $list::parse(code)), (*code, Some(*value)));
        }
        assert_eq!($list::parse("?"), None);
    )+};
}

#[cfg(test)]
pub(super) use there_and_back;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_leads_back_to_its_value() {
        there_and_back!(Rubric Situation Role Title RightNature RightState);
    }
}
