//! Compte Partenaire.
pub mod domain;
