//! Compte Partenaire.
pub mod domain;
pub mod features;
pub mod web;
