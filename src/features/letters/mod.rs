//! The two letters that bring somebody his identifier and his code (004 art. 4): printed by the organism's
//! administrator alone, never on one sheet, for an envelope with a window at the right. A code is made when its letter
//! is printed, kept as a hash, and shown that once; printing again makes another.

mod commands;
mod pages;
mod print;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{IdentifierLetter, LetterAddress, Letters, PersonLetters, SecretLetter};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let print = Access::Needs(Permission::PrintLetters);
    routes
        .get(Letters::PATH, print, pages::list)
        .get(PersonLetters::PATH, print, pages::person)
        .post(LetterAddress::PATH, print, pages::address)
        .post(IdentifierLetter::PATH, print, print::identifier)
        .get(SecretLetter::PATH, print, print::ask_secret)
        .post(SecretLetter::PATH, print, print::secret)
}
