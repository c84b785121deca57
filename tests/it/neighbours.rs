//! What lists and figures count: a page reads the same whoever joins next door, another organism or another partner.
//! The checkpoint of the log alone is one for all: it tells everybody how many traces the installation has, and is
//! signed here before the neighbours come. (`rows` asks for the rows of others by their ids; here nobody asks for anything.)

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use compte_partenaire::domain::access::{Mode, Office, allows_at};
use compte_partenaire::web::routes::Access;

use crate::stories;
use crate::support::cast::{Organism, Partner, Person, another_organism, another_partner, cast};
use crate::support::log::sign;
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, PASSWORD, TestApp};

/// The people of the two organisms that are there first.
const FIRST: u32 = 24;

/// Addresses with the ids of a partner in them, of what somebody of that office may act on.
fn filled(path: &str, partner: &Partner, office: Office) -> Option<String> {
    let (account, grant) = match office {
        Office::OrganismAdministrator => (&partner.principal, partner.seat_grant),
        _ => (&partner.user, partner.grant),
    };
    let ids = [
        ("{partner}", partner.id.to_string()),
        ("{membership}", partner.membership.to_string()),
        ("{request}", partner.request.to_string()),
        ("{account}", account.id.to_string()),
        ("{grant}", grant.to_string()),
        ("{circonscription}", partner.circonscription.to_string()),
        ("{group}", partner.group.to_string()),
        ("{member}", partner.user.id.to_string()),
        ("{given}", partner.given.to_string()),
    ];
    let path = ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, id));
    (!path.contains('{')).then_some(path)
}

/// The text of every page that somebody may open, but for those that count his own reading of them.
async fn pages(
    app: &TestApp,
    browser: &mut Browser,
    person: &Person,
    partner: &Partner,
) -> BTreeMap<String, String> {
    let mut read = BTreeMap::new();
    for entry in app.app.routes().1 {
        let open = match entry.access {
            Access::Public => false,
            Access::FirstSteps | Access::SignedIn => true,
            Access::Needs(permission) => allows_at(person.office, permission, Mode::Delegated),
        };
        let Some(path) =
            filled(entry.path, partner, person.office).filter(|_| open && entry.method == Method::GET)
        else {
            continue;
        };
        let counts_itself =
            path == "/traces" || (path == "/accueil" && person.office.code().ends_with("auditor"));
        if counts_itself {
            continue;
        }
        let page = browser.open(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path} for {}", person.office.code());
        read.insert(path, page.text());
    }
    read
}

/// Everybody of the first organism, at a browser of his own.
async fn everybody<'a>(app: &TestApp, organism: &'a Organism) -> Vec<(&'a Person, Browser)> {
    let [partner, _] = &organism.partners;
    let mut seated = Vec::new();
    for person in [&organism.administrator, &organism.auditor, &partner.principal, &partner.user] {
        seated.push((person, person.sits_down(app).await));
    }
    seated
}

/// The figures of a page, in order.
fn figures(text: &str) -> Vec<i64> {
    text.split(|sign: char| !sign.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Somebody of the newcomers fails to sign in, signs in, and looks a file up.
async fn stir(app: &TestApp, person: &Person) {
    let mut browser = app.browser();
    browser.sign_in(&person.identifier, "une devinette").await;
    browser.sign_in(&person.identifier, PASSWORD).await;
    browser.open("/consultation").await;
    let form = browser.form("/consultation").fill("numero", "0042317");
    let mission = form.offers("mission").pop().unwrap();
    form.fill("mission", &mission).send(&mut browser).await;
}

/// Leaves undone all that an administrator is reminded of: a cap that is passed, a condition without its day, a
/// partner without a principal, a principal and a user who never came.
async fn neglect(app: &TestApp, organism: &Organism) {
    let mut owner = Owner::of(app).await;
    let long_ago = match app.backend {
        Backend::Sqlite => "created_at - 864000000000",
        Backend::Postgres => "created_at - interval '10 days'",
    };
    let [first, second] = &organism.partners;
    let (silent, nobody) = (owner.id(first.principal.id), owner.id(second.principal.id));
    let passed = owner.id(first.membership);
    let (awaited, signed) = (owner.id(first.colleague.id), owner.id(second.membership));
    for act in [
        format!("UPDATE membership SET cap = 0 WHERE id = {passed}"),
        format!("UPDATE membership SET signed_on = NULL WHERE id = {signed}"),
        format!("UPDATE account SET password_hash = NULL, created_at = {long_ago} WHERE id = {silent}"),
        format!("UPDATE account SET office = 'user' WHERE id = {nobody}"),
        format!("UPDATE account SET password_hash = NULL WHERE id = {awaited}"),
    ] {
        owner.run(&act).await.unwrap();
    }
}

stories! {
    /// Another organism, with everything that this one has.
    async fn an_organism_that_joins_changes_no_page_of_another(app) {
        let [ours, _] = cast(app).await;
        sign(app.app.db()).await;
        let mut seated = everybody(app, &ours).await;
        let mut before = Vec::new();
        for (person, browser) in &mut seated {
            before.push(pages(app, browser, person, &ours.partners[0]).await);
        }
        let theirs = another_organism(app, "801", FIRST).await;
        neglect(app, &theirs).await;
        stir(app, &theirs.partners[0].user).await;
        for ((person, browser), before) in seated.iter_mut().zip(before) {
            let after = pages(app, browser, person, &ours.partners[0]).await;
            assert!(!after.is_empty());
            for (path, text) in after {
                assert_eq!(text, before[&path], "{path} for {}", person.office.code());
            }
        }
    }

    /// Another partner of the same organism, for the people of the first one.
    async fn a_partner_that_joins_changes_no_page_of_another(app) {
        let [ours, _] = cast(app).await;
        sign(app.app.db()).await;
        let [partner, _] = &ours.partners;
        let mut seated = everybody(app, &ours).await;
        seated.retain(|(person, _)| person.office.is_of_a_partner());
        let mut before = Vec::new();
        for (person, browser) in &mut seated {
            before.push(pages(app, browser, person, partner).await);
        }
        let newcomer = another_partner(app, ours.id, FIRST).await;
        stir(app, &newcomer.user).await;
        for ((person, browser), before) in seated.iter_mut().zip(before) {
            for (path, text) in pages(app, browser, person, partner).await {
                assert_eq!(text, before[&path], "{path} for {}", person.office.code());
            }
        }
        let (_, principal) = &mut seated[0];
        principal.open("/traces").await.must_not_say(&newcomer.user.identifier).must_not_say("Dernevoix");
    }

    /// The auditor's figures count the traces of his organism, and his list shows no others.
    async fn an_auditor_counts_his_own(app) {
        let [ours, _] = cast(app).await;
        sign(app.app.db()).await;
        stir(app, &ours.partners[0].user).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        let mut told = Vec::new();
        told.push(figures(&auditor.open("/accueil").await.text()));
        told.push(figures(&auditor.open("/accueil").await.text()));
        let theirs = another_organism(app, "801", FIRST).await;
        stir(app, &theirs.partners[0].user).await;
        told.push(figures(&auditor.open("/accueil").await.text()));
        let steps = |from: usize| -> Vec<i64> {
            told[from].iter().zip(&told[from + 1]).map(|(before, after)| after - before).collect()
        };
        assert_eq!(steps(0).iter().sum::<i64>(), 1, "a reading is one trace: {told:?}");
        assert_eq!(steps(1), steps(0), "{told:?}");
        let list = auditor.open("/traces").await;
        list.must_say(&ours.partners[0].user.identifier).must_not_say(&theirs.partners[0].user.identifier);
    }
}
