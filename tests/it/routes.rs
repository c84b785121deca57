//! The first ring: no door opens to whoever may not pass, and every answer wears what the edges promise.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use compte_partenaire::domain::access::{Permission, allows};
use compte_partenaire::domain::time::Timestamp;
use compte_partenaire::web::routes::{Access, Entry};

use crate::stories;
use crate::support::cast::{Organism, Person, cast};
use crate::support::{Backend, Browser, Page, TestApp, golden};

/// An id that nobody has.
const NOBODY: &str = "0190dead-0000-7000-8000-00000000beef";

fn table(app: &TestApp) -> Vec<Entry> {
    app.app.routes().1
}

/// The path with ids that nobody has.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { NOBODY } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn everybody(organism: &Organism) -> [Person; 5] {
    let [partner, _] = &organism.partners;
    [
        organism.administrator.clone(),
        organism.auditor.clone(),
        partner.principal.clone(),
        partner.deputy.clone(),
        partner.user.clone(),
    ]
}

fn may_pass(access: Access, person: &Person) -> bool {
    match access {
        Access::Public | Access::FirstSteps | Access::SignedIn => true,
        Access::Needs(permission) => allows(person.office, permission),
    }
}

/// What a request says beside its address.
struct Ask<'a> {
    method: Method,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    form: Option<&'a str>,
}

/// One exchange with exactly these headers, and the cookies of the browser.
async fn ask(browser: &mut Browser, ask: Ask<'_>) -> Page {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(ask.path)
        .header(header::HOST, "partenaires.caf.example")
        .header(header::USER_AGENT, "Mozilla/5.0 Firefox/140.0");
    if let Some(session) = browser.cookie("__Host-session") {
        request = request.header(header::COOKIE, format!("__Host-session={session}"));
    }
    for (name, value) in ask.headers {
        request = request.header(*name, *value);
    }
    let body = match ask.form {
        Some(form) => {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            Body::from(form.to_owned())
        }
        None => Body::empty(),
    };
    let page = browser.exchange(request.body(body).unwrap()).await;
    wears_its_headers(&page);
    page
}

/// As a page of ours asks.
async fn go(browser: &mut Browser, method: &Method, path: &str) -> Page {
    let form = (method == Method::POST).then_some("");
    let headers = &[("sec-fetch-site", "same-origin")];
    ask(browser, Ask { method: method.clone(), path, headers, form }).await
}

#[track_caller]
fn wears_its_headers(page: &Page) {
    let worn = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().unwrap());
    // Word for word: a directive that is missing allows everything.
    let wanted = [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in wanted {
        assert_eq!(worn(name), value, "{name} of {} ({})", page.path, page.status);
    }
    assert!(!worn("x-request-id").is_empty(), "{}", page.path);
    if page.status != StatusCode::OK || !page.path.starts_with("/statique/") {
        assert_eq!(worn("cache-control"), "no-store", "{} ({})", page.path, page.status);
    }
}

/// Everything of an answer that somebody can tell from another.
fn seen(page: &Page) -> (StatusCode, String, Vec<(String, String)>) {
    let headers = page
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    (page.status, page.html.clone(), headers)
}

async fn facts(app: &TestApp) -> usize {
    app.facts().await.len()
}

#[tokio::test]
async fn the_table_of_routes_is_the_golden_one() {
    let app = TestApp::on(Backend::Sqlite).await;
    let mut lines = String::new();
    for Entry { method, path, access } in table(&app) {
        let access = match access {
            Access::Needs(permission) => permission.name().to_owned(),
            other => format!("({other:?})"),
        };
        writeln!(lines, "{method:<5} {path:<72} {access}").unwrap();
    }
    golden("routes.txt", &lines);
}

#[tokio::test]
async fn every_permission_of_people_opens_a_door() {
    let app = TestApp::on(Backend::Sqlite).await;
    let of_jobs = [
        Permission::FoundOrganism,
        Permission::LoadFiles,
        Permission::SendMail,
        Permission::Tidy,
        Permission::PurgeTraces,
        Permission::CountUses,
        Permission::WatchUse,
        Permission::WatchLog,
        Permission::PrepareExports,
        // Signing in stands before the doors; one's own account is behind those that ask for no permission.
        Permission::AttemptSignIn,
        Permission::KeepOwnAccount,
    ];
    let table = table(&app);
    for permission in Permission::ALL.iter().filter(|permission| !of_jobs.contains(permission)) {
        let used = table.iter().any(|entry| entry.access == Access::Needs(*permission));
        assert!(used, "no route needs {permission:?}");
    }
}

stories! {
    /// Without a session every door leads to the home page, the public ones excepted.
    async fn a_stranger_passes_public_doors_only(app) {
        let mut browser = app.browser();
        for Entry { method, path, access } in table(app) {
            let page = go(&mut browser, &method, &filled(path)).await;
            if access == Access::Public {
                let answers = [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY];
                assert!(answers.contains(&page.status), "{method} {path}: {}", page.status);
            } else {
                assert_eq!(page.status, StatusCode::SEE_OTHER, "{method} {path}");
                assert_eq!(page.headers[header::LOCATION], "/", "{method} {path}");
            }
        }
        assert_eq!(go(&mut browser, &Method::GET, "/nulle/part").await.status, StatusCode::NOT_FOUND);
        let attempts = app.facts().await.into_iter().filter(|fact| fact != "sign_in.refused").count();
        assert_eq!(attempts, 0, "strangers leave traces of attempts only");
    }

    /// What somebody may not see does not exist for him: the answer of a door is that of no page at all.
    async fn a_closed_door_is_no_door(app) {
        let [organism, _] = cast(app).await;
        for person in everybody(&organism) {
            let mut browser = person.sits_down(app).await;
            let mut closed = 0;
            for Entry { method, path, access } in table(app) {
                if may_pass(access, &person) {
                    continue;
                }
                closed += 1;
                let path = filled(path);
                let page = go(&mut browser, &method, &path).await;
                let nowhere = go(&mut browser, &method, &format!("{path}/nulle/part")).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{method} {path} for {}", person.office.code());
                assert_eq!(seen(&page), seen(&nowhere), "{method} {path} for {}", person.office.code());
                page.must_say("Cette page n’existe pas, ou pas pour vous");
            }
            assert!(closed > 3, "{} passes everywhere", person.office.code());
        }
    }

    /// A signed-in page is read by whoever looks at it: neither by a `HEAD` nor in advance.
    async fn nothing_is_read_in_advance(app) {
        let [organism, _] = cast(app).await;
        for person in everybody(&organism) {
            let mut browser = person.sits_down(app).await;
            app.clock.advance(time::Duration::seconds(30));
            let before = facts(app).await;
            for Entry { method, path, access } in table(app) {
                if method != Method::GET || access == Access::Public {
                    continue;
                }
                let path = filled(path);
                let headers = &[("sec-fetch-site", "same-origin")];
                let head = ask(&mut browser, Ask { method: Method::HEAD, path: &path, headers, form: None }).await;
                assert_eq!(head.status, StatusCode::METHOD_NOT_ALLOWED, "HEAD {path}");
                for purpose in ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"] {
                    let headers = &[("sec-fetch-site", "same-origin"), ("sec-purpose", purpose)];
                    let early = ask(&mut browser, Ask { method: Method::GET, path: &path, headers, form: None }).await;
                    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE, "{purpose} {path}");
                }
            }
            assert_eq!(facts(app).await, before, "what nobody reads leaves no trace");
            let entries: Vec<(Timestamp,)> =
                app.rows("SELECT last_entry_at FROM session ORDER BY last_entry_at DESC LIMIT 1").await;
            assert!(entries[0].0 < app.clock.now(), "what nobody reads is no entry");
        }
    }

    /// A verb that a page does not have is refused at its door, and traced: who may not see the page learns nothing of
    /// it, and a stranger is led home.
    async fn a_wrong_verb_is_refused_and_traced(app) {
        let [organism, _] = cast(app).await;
        let mut doors: Vec<(&str, Access)> = Vec::new();
        for Entry { path, access, .. } in table(app) {
            if access != Access::Public && doors.iter().all(|(known, _)| *known != path) {
                doors.push((path, access));
            }
        }
        let mut stranger = app.browser();
        for person in everybody(&organism) {
            let mut browser = person.sits_down(app).await;
            let before = facts(app).await;
            for (path, access) in &doors {
                for method in [Method::DELETE, Method::PUT, Method::PATCH] {
                    let page = go(&mut browser, &method, &filled(path)).await;
                    let refusal = if may_pass(*access, &person) { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
                    assert_eq!(page.status, refusal, "{method} {path} for {}", person.office.code());
                    let far = go(&mut stranger, &method, &filled(path)).await;
                    assert_eq!((far.status, &far.headers[header::LOCATION]), (StatusCode::SEE_OTHER, &"/".parse().unwrap()));
                }
            }
            assert_eq!(facts(app).await, before + 3 * doors.len(), "one trace each, none of the stranger");
            let told: Vec<String> = app.bodies("page.refused").await.into_iter().rev().take(3 * doors.len()).rev()
                .map(|body| body["object"]["route"].as_str().unwrap().to_owned()).collect();
            let mut routes: Vec<&str> = doors.iter().flat_map(|(path, _)| [*path; 3]).collect();
            let mut told: Vec<&str> = told.iter().map(String::as_str).collect();
            routes.sort_unstable();
            told.sort_unstable();
            assert_eq!(told, routes, "for {}", person.office.code());
            app.clock.advance(time::Duration::seconds(1));
        }
    }

    /// A form is taken from our own pages only: whoever does not say where it comes from is not a browser.
    async fn a_form_comes_from_our_pages(app) {
        let [organism, _] = cast(app).await;
        let foreign: &[&[(&str, &str)]] = &[
            &[],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://ailleurs.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://partenaires.caf.example")],
        ];
        let mut posts = 0;
        for person in everybody(&organism) {
            let mut browser = person.sits_down(app).await;
            let token = browser.open("/mot-de-passe").await.clone();
            let token = browser.form("/mot-de-passe").value("jeton").unwrap_or_else(|| panic!("{}", token.html)).to_owned();
            let signed = format!("jeton={token}&cle=abcdefghjkmnpqrstuvwxyz2");
            for Entry { method, path, access } in table(app) {
                if method != Method::POST || !may_pass(access, &person) {
                    continue;
                }
                posts += 1;
                let path = &filled(path);
                for headers in foreign {
                    let page =
                        ask(&mut browser, Ask { method: Method::POST, path, headers, form: Some(&signed) }).await;
                    assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} with {headers:?}");
                }
                if access == Access::Public {
                    continue;
                }
                let ours = &[("sec-fetch-site", "same-origin")];
                let half = format!("jeton={}", &token[..token.len() / 2]);
                for form in ["", "jeton=", "jeton=0000", half.as_str()] {
                    let page =
                        ask(&mut browser, Ask { method: Method::POST, path, headers: ours, form: Some(form) }).await;
                    assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} with «{form}»");
                }
            }
        }
        assert!(posts > 20, "{posts} forms only");
        let done = app.facts().await;
        let passive = ["sign_in.done", "page.read", "page.refused", "rows.tidied"];
        let acts: Vec<&String> = done.iter().filter(|fact| !passive.contains(&fact.as_str())).collect();
        assert!(acts.is_empty(), "something was done: {acts:?}");
    }

    /// The screen clears by itself when the session would end, on every signed-in answer, without any script: it leaves
    /// for a page that knows nothing, and going there is no entry.
    async fn the_screen_clears_by_itself(app) {
        let [organism, _] = cast(app).await;
        let mut browser = organism.administrator.sits_down(app).await;
        for path in ["/accueil", "/partenaires", "/nulle/part", "/deconnexion", "/traces"] {
            let page = go(&mut browser, &Method::GET, path).await;
            assert_eq!(page.headers[header::REFRESH], "1801;url=/ecran-efface", "{path} ({})", page.status);
        }
        app.clock.advance(time::Duration::minutes(30));
        let cleared = go(&mut browser, &Method::GET, "/ecran-efface").await;
        assert!(!cleared.headers.contains_key(header::REFRESH));
        cleared.must_not_say("Camille");
        app.clock.advance(time::Duration::SECOND);
        assert_eq!(go(&mut browser, &Method::GET, "/accueil").await.headers[header::LOCATION], "/?fin=inactivite");
    }

    /// A token opens the forms of its session only.
    async fn a_token_is_of_one_session(app) {
        let [organism, _] = cast(app).await;
        let mut other = organism.administrator.sits_down(app).await;
        other.open("/mot-de-passe").await;
        let token = other.form("/mot-de-passe").value("jeton").unwrap().to_owned();
        let mut browser = organism.administrator.sits_down(app).await;
        let form = format!("jeton={token}");
        let headers = &[("sec-fetch-site", "same-origin")];
        for path in ["/mot-de-passe", "/deconnexion"] {
            let page = ask(&mut browser, Ask { method: Method::POST, path, headers, form: Some(&form) }).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN);
        }
    }

    /// Whatever answers wears the same headers: pages, redirects, files, refusals of libraries.
    async fn every_answer_wears_its_headers(app) {
        let mut browser = app.browser();
        let home = go(&mut browser, &Method::GET, "/").await;
        let style = home.html.split('"').find(|part| part.ends_with(".css")).unwrap().to_owned();
        let headers = &[("sec-fetch-site", "same-origin")];
        for (method, path) in [(Method::GET, style.as_str()), (Method::DELETE, "/"), (Method::GET, "/connexion/%00")] {
            ask(&mut browser, Ask { method, path, headers, form: None }).await;
        }
        let huge = "a".repeat(70_000);
        let page = ask(&mut browser, Ask { method: Method::POST, path: "/connexion", headers, form: Some(&huge) }).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
        let [organism, _] = cast(app).await;
        let mut browser = organism.administrator.sits_down(app).await;
        for path in ["/accueil", "/nulle/part", "/deconnexion", "/ecran-efface"] {
            go(&mut browser, &Method::GET, path).await;
        }
    }
}
