//! Somebody who does not exist, in front of pages that lead nowhere: for the guide of components, and for tests.

use super::page::{Me, MenuLink, MenuSection, Shell};

/// A page for nobody in particular.
pub fn gate() -> Shell {
    Shell { title: "Se connecter".to_owned(), demonstration: true, me: None, notice: None }
}

/// A page for an administrator of a partner.
pub fn signed_in() -> Shell {
    let link = |label, href: &str, current, count| MenuLink { label, href: href.to_owned(), current, count };
    Shell {
        title: "Composants".to_owned(),
        demonstration: true,
        me: Some(Me {
            name: "Thibaut Sauvelune".to_owned(),
            office: "Administration principale",
            acting_for: "Commune de Brumeval".to_owned(),
            menu: vec![
                MenuSection {
                    title: None,
                    links: vec![
                        link("Accueil", "/", false, 0),
                        link("Utilisateurs", "/utilisateurs", true, 0),
                        link("Habilitations", "/habilitations", false, 3),
                    ],
                },
                MenuSection { title: Some("Contrôle"), links: vec![link("Traces", "/traces", false, 0)] },
            ],
            ends_at: "15 h 02".to_owned(),
            seconds_left: 1800,
            csrf: "un-jeton".to_owned(),
            typed: false,
        }),
        notice: None,
    }
}
