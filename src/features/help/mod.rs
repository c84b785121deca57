//! Help, legal information and the neutral page that replaces what was on the screen.
//! They need neither a session nor the database, so they answer when the rest is suspended. Whoever is signed in
//! keeps his menu there; reading them is no entry, and leaves no trace.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};

use crate::app::App;
use crate::domain::retention::kinds::{KINDS, Kind, Period};
use crate::web::arrival::Arrival;
use crate::web::page::{Shell, html};
use crate::web::problem::Problem;
use crate::web::routes::{Access, Routes};
use crate::web::visit::{Cookie, glance};

/// The routes of the slice: anybody reads these pages.
pub fn add(routes: Routes<App>) -> Routes<App> {
    pages().into_iter().fold(routes, |routes, page| {
        routes.get(
            page.path,
            Access::Public,
            async move |State(app): State<App>, cookie: Cookie, arrival: Arrival| {
                let nobody = Shell {
                    title: String::new(),
                    demonstration: app.kit().demonstration,
                    me: None,
                    notice: None,
                };
                let shell = if page.path == CLEARED {
                    nobody
                } else {
                    let visit = glance(app.kit(), &cookie, &arrival, page.path).await;
                    visit.map_or(nobody, |visit| visit.shell(""))
                };
                page.show(shell, app.publisher())
            },
        )
    })
}

/// Who runs this portal and answers for it. What is missing is said on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publisher {
    /// The organism that publishes the site.
    pub name: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// Its telephone.
    pub phone: Option<String>,
    /// The person who answers for what is published.
    pub director: Option<String>,
    /// The host: name, address and telephone.
    pub host: Option<String>,
    /// Where the data-protection officer is reached.
    pub data_protection: Option<String>,
    /// Where barriers to access are reported.
    pub accessibility: Option<String>,
}

/// A page that anybody may read, signed in or not.
#[derive(Clone, Copy, Debug)]
pub struct PublicPage {
    /// Its address.
    pub path: &'static str,
    title: &'static str,
    render: fn(Shell, &Publisher) -> Result<Html<String>, Problem>,
}

impl PublicPage {
    /// The page, in the surroundings of the person who asks; the shell's title is replaced by its own.
    pub fn show(&self, shell: Shell, publisher: &Publisher) -> Response {
        (self.render)(shell.titled(self.title), publisher).into_response()
    }
}

/// Where a page goes when its session has ended: nothing of the session is on it.
pub const CLEARED: &str = "/ecran-efface";

/// How long everything is kept.
pub const RETENTION: &str = "/durees-de-conservation";

/// The pages of this slice, in the order of the footer.
pub const fn pages() -> [PublicPage; 8] {
    [
        PublicPage { path: "/aide", title: "Aide et contact", render: |shell, _| html(&Help { shell }) },
        PublicPage {
            path: "/accessibilite",
            title: "Accessibilité : non conforme",
            render: |shell, publisher| html(&Accessibility { shell, publisher }),
        },
        PublicPage {
            path: "/mentions-legales",
            title: "Mentions légales",
            render: |shell, publisher| html(&Legal { shell, publisher }),
        },
        PublicPage {
            path: "/donnees-personnelles",
            title: "Données personnelles",
            render: |shell, publisher| html(&PersonalData { shell, publisher }),
        },
        PublicPage {
            path: RETENTION,
            title: "Durées de conservation",
            render: |shell, _| html(&Retention { shell, kinds: KINDS }),
        },
        PublicPage { path: "/cookies", title: "Cookies", render: |shell, _| html(&Cookies { shell }) },
        PublicPage {
            path: "/plan-du-site",
            title: "Plan du site",
            render: |shell, _| html(&SiteMap { shell }),
        },
        PublicPage {
            path: CLEARED,
            title: "L’écran a été effacé",
            render: |shell, _| html(&Cleared { shell: Shell { me: None, notice: None, ..shell } }),
        },
    ]
}

#[derive(Template)]
#[template(path = "help/help.html")]
struct Help {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "help/accessibility.html")]
struct Accessibility<'app> {
    shell: Shell,
    publisher: &'app Publisher,
}

#[derive(Template)]
#[template(path = "help/legal.html")]
struct Legal<'app> {
    shell: Shell,
    publisher: &'app Publisher,
}

#[derive(Template)]
#[template(path = "help/personal_data.html")]
struct PersonalData<'app> {
    shell: Shell,
    publisher: &'app Publisher,
}

#[derive(Template)]
#[template(path = "help/retention.html")]
struct Retention {
    shell: Shell,
    kinds: &'static [Kind],
}

#[derive(Template)]
#[template(path = "help/cookies.html")]
struct Cookies {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "help/site_map.html")]
struct SiteMap {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "help/cleared.html")]
struct Cleared {
    shell: Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{specimen, well_made};

    #[tokio::test]
    async fn every_page_is_well_made_signed_in_or_not() {
        for page in pages() {
            for (shell, side) in [(specimen::gate(), "dehors"), (specimen::signed_in(), "dedans")] {
                let body = well_made::body(page.show(shell, &Publisher::default())).await;
                well_made::look(&format!("{}-{side}", page.path.trim_start_matches('/')), &body);
                well_made::check(page.path, &body);
            }
        }
    }

    #[tokio::test]
    async fn the_cleared_screen_holds_nothing_of_the_session() {
        for page in pages().iter().filter(|page| page.path == CLEARED) {
            let body = well_made::body(page.show(specimen::signed_in(), &Publisher::default())).await;
            assert!(
                !body.contains("Sauvelune") && !body.contains("Brumeval") && !body.contains("jeton"),
                "{body}"
            );
        }
    }

    #[tokio::test]
    async fn the_site_map_leads_to_every_public_page() {
        for map in pages().iter().filter(|page| page.path == "/plan-du-site") {
            let body = well_made::body(map.show(specimen::gate(), &Publisher::default())).await;
            for page in pages().iter().filter(|page| page.path != CLEARED) {
                assert!(body.contains(&format!("href=\"{}\"", page.path)), "{}", page.path);
            }
        }
    }
}
