//! Consulting a beneficiary's file: a number and a mission open a consultation, under whose opaque number the file
//! is read. Neither the number of a file nor a NIR ever stands in an address, and a trace is durable before the first byte.

mod pages;
mod rights;
pub mod source;
mod store;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Consultation, LookUp};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let access = Access::Needs(Permission::ConsultFiles);
    routes.get(LookUp::PATH, access, pages::look_up).post(LookUp::PATH, access, pages::open).get(
        Consultation::PATH,
        access,
        pages::read,
    )
}

/// An amount in cents as pages write it: 1 204,50 €. The typography of the page sets the spaces.
pub(crate) fn amount(cents: u32) -> String {
    let (euros, cents) = (cents / 100, cents % 100);
    let thousands = euros / 1_000;
    if thousands > 0 {
        format!("{thousands}\u{202f}{:03},{cents:02} €", euros % 1_000)
    } else {
        format!("{euros},{cents:02} €")
    }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_written_the_french_way() {
        assert_eq!(amount(61_240), "612,40 €");
        assert_eq!(amount(120_405), "1\u{202f}204,05 €");
        assert_eq!(amount(7), "0,07 €");
    }
}
