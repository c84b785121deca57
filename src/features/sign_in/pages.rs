//! The pages of signing in: the home page, the password, the way out.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;
use validator::Validate;

use super::commands::{self, Attempt, AttemptFailed};
use super::store;
use crate::app::App;
use crate::db::sessions::{ACCOUNT, AGENT, OPENED_AT, SIGNED_IN_BEFORE_AT, SOURCE};
use crate::db::{DbError, Refused};
use crate::domain::access::Actor;
use crate::domain::facts::{Fact, SessionEnd};
use crate::domain::password::{self, PasswordFault};
use crate::domain::time::Timestamp;
use crate::web::answer::{Answer, EndSession, Tracing, refused, see_other, shown};
use crate::web::arrival::Arrival;
use crate::web::budget::Admission;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::hour_of;
use crate::web::form::{Open, Sent};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Dashboard, Password, told};
use crate::web::problem::Problem;
use crate::web::routes::suspended;
use crate::web::visit::{Cookie, Visit};

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignInPage {
    shell: Shell,
    identifier: String,
    ended: Option<End>,
    refused: bool,
}

/// Why a session ended, as the address of the home page tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// Thirty minutes without entry.
    Inactivite,
    /// Twelve hours.
    Duree,
    /// The account was closed meanwhile.
    Acces,
    /// The person ended it from another session.
    Ailleurs,
    /// The person left.
    Depart,
}

#[derive(Debug, Deserialize)]
pub(super) struct Why {
    fin: Option<End>,
}

fn gate(app: &App, title: &str) -> Shell {
    Shell { title: title.to_owned(), demonstration: app.kit().demonstration, me: None, notice: None }
}

/// The home page. It reads nothing from the database, so that it answers when the database does not.
pub(super) async fn home(
    State(app): State<App>,
    cookie: Cookie,
    why: Result<Query<Why>, QueryRejection>,
) -> Answer {
    if cookie.0.id().is_some() {
        return see_other(Dashboard::PATH);
    }
    let ended = why.ok().and_then(|Query(why)| why.fin);
    shown(&SignInPage { shell: gate(&app, "Se connecter"), identifier: String::new(), ended, refused: false })
}

#[derive(Deserialize, Validate)]
pub(super) struct SignIn {
    #[serde(default)]
    #[validate(length(min = 1, max = 64))]
    identifiant: String,
    #[serde(default)]
    #[validate(length(min = 1, max = 1024))]
    secret: String,
}

/// The form of the home page. One answer whatever is wrong.
pub(super) async fn sign_in(
    State(app): State<App>,
    arrival: Arrival,
    cookie: Cookie,
    Open(form): Open<SignIn>,
) -> Answer {
    // Near the end of the space, whoever has no session yet waits first.
    if app.kit().ledger.suspended().is_some() || app.space().is_scarce() {
        return Err(suspended(app.kit(), None));
    }
    if let Admission::No { retry_after_s, report } = app.sources().admit(arrival.origin.source, arrival.at) {
        app.db().metrics().throttled("source");
        if let Some(count) = report {
            let stranger = Actor::stranger(arrival.correlation).from(arrival.origin.clone());
            let fact = Fact::SignInsThrottled { count };
            let handed_over = app.kit().ledger.hand_over(&stranger, vec![fact], None, Vec::new()).await;
            let _receipt = handed_over.map_err(|_| suspended(app.kit(), None))?;
        }
        return Err(Problem::TooManyRequests { retry_after_s });
    }
    let again = |identifier: String| {
        let shell = gate(&app, "Se connecter");
        refused(&SignInPage { shell, identifier, ended: None, refused: true })
    };
    // What is too long to be ours is refused like the rest, but nothing of it is looked up or hashed.
    if form.validate().is_err() {
        return again(form.identifiant.chars().take(64).collect());
    }
    match commands::attempt(&app, &arrival, &form.identifiant, form.secret).await {
        Ok(Attempt::SignedIn { account, one_time, before }) => {
            let now = app.now();
            // A new id at each sign-in: whatever session the browser came with ends here.
            let fresh = async {
                if cookie.0.id().is_some() {
                    cookie.0.flush().await?;
                }
                cookie.0.insert(ACCOUNT, account.to_string()).await?;
                cookie.0.insert(OPENED_AT, now.micros()).await?;
                cookie.0.insert(SOURCE, arrival.origin.source).await?;
                cookie.0.insert(AGENT, arrival.origin.agent).await?;
                cookie.0.insert(SIGNED_IN_BEFORE_AT, before.map(Timestamp::micros)).await?;
                // Here rather than by the layer, which would call a lost database a fault of ours.
                cookie.0.save().await
            };
            fresh.await.map_err(|_| suspended(app.kit(), None))?;
            see_other(if one_time { Password::PATH } else { Dashboard::PATH })
        }
        Ok(Attempt::Refused) => again(form.identifiant),
        Err(AttemptFailed::Busy) => Err(Problem::TooManyRequests { retry_after_s: 5 }),
        Err(AttemptFailed::Refused(error)) => {
            if matches!(error, Refused::Db(DbError::Unavailable(_) | DbError::Damaged(_))) {
                app.kit().ledger.look().await;
            }
            Err(error.into())
        }
    }
}

#[derive(Template)]
#[template(path = "sign_in/password.html")]
struct PasswordPage {
    shell: Shell,
    name: String,
    first: bool,
    faults: Faults,
    promised: bool,
}

fn password_page(visit: &Visit, faults: Faults, promised: bool) -> PasswordPage {
    let first = visit.must_choose;
    let title = if first { "Choisissez votre mot de passe" } else { "Changer de mot de passe" };
    let notice = (!faults.is_empty()).then(|| Notice {
        tone: Tone::Bad,
        title: "Le mot de passe n’a pas été enregistré".to_owned(),
        text: vec!["Par sécurité, rien de ce que vous aviez saisi n’est réaffiché.".to_owned()],
        links: Vec::new(),
    });
    let name = visit.actor.account().map(|account| account.name.clone()).unwrap_or_default();
    PasswordPage { shell: visit.shell_with(title, notice), name, first, faults, promised }
}

/// The page on which one chooses a password.
pub(super) async fn password(visit: Visit) -> Answer {
    shown(&password_page(&visit, Faults::new(), false))
}

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    actuel: String,
    #[serde(default)]
    nouveau: String,
    #[serde(default)]
    confirmation: String,
    #[serde(default)]
    engagement: String,
}

/// Keeps the password, under a new session id.
pub(super) async fn choose_password(
    State(app): State<App>,
    visit: Visit,
    cookie: Cookie,
    Sent { key: _, fields }: Sent<Choice>,
) -> Answer {
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let words = store::own_words(&mut reader, account).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let first = visit.must_choose;
    let mut faults = Faults::new();
    if !first {
        let busy = |_| Problem::TooManyRequests { retry_after_s: 5 };
        if fields.actuel.is_empty() {
            faults.push("actuel", Fault::Missing);
        } else if !app
            .passwords()
            .verify(fields.actuel.clone(), words.password_hash.clone())
            .await
            .map_err(busy)?
        {
            faults.push("actuel", Fault::PasswordWrong);
        } else if fields.actuel == fields.nouveau {
            faults.push("nouveau", Fault::PasswordUnchanged);
        }
    }
    let own: Vec<&str> = [
        Some(words.identifier.as_str()),
        Some(words.given_name.as_str()),
        Some(words.surname.as_str()),
        Some(words.mail.as_str()),
        words.partner.as_deref(),
        words.city.as_deref(),
        Some(words.organism.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Err(error) = password::check(&fields.nouveau, &own) {
        faults.push("nouveau", fault_of(error));
    }
    if fields.nouveau != fields.confirmation {
        faults.push("confirmation", Fault::PasswordsDiffer);
    }
    let promised = fields.engagement == "oui";
    if first && !promised {
        faults.push("engagement", Fault::NotTicked);
    }
    if !faults.is_empty() {
        return refused(&password_page(&visit, faults, promised));
    }
    let hash = app
        .passwords()
        .hash(fields.nouveau)
        .await
        .map_err(|_| Problem::TooManyRequests { retry_after_s: 5 })?;
    let receipt = commands::choose_password(&app, &visit.actor, &hash, first).await?;
    let renewed = async {
        cookie.0.cycle_id().await?;
        cookie.0.save().await
    };
    renewed.await.map_err(|_| suspended(app.kit(), Some(&visit)))?;
    crate::web::answer::done(&receipt, &told(&Dashboard, "mot-de-passe"))
}

fn fault_of(error: PasswordFault) -> Fault {
    match error {
        PasswordFault::Short { min } => Fault::PasswordShort { min },
        PasswordFault::Long { max } => Fault::PasswordLong { max },
        PasswordFault::Guessable => Fault::PasswordGuessable,
    }
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Ends the session: in the database, in the browser, and in what the browser keeps.
pub(super) async fn sign_out(Sent { key: _, fields: Nothing {} }: Sent<Nothing>) -> Answer {
    let mut response = see_other("/?fin=depart")?;
    response.extensions_mut().insert(EndSession);
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response).reading(vec![Fact::SessionEnded { cause: SessionEnd::SignOut }])
}

/// Extends the session: asking for it is the entry. Answers what the screen shows.
pub(super) async fn extend(State(app): State<App>, visit: Visit, _: Sent<Nothing>) -> Response {
    let seconds = visit.seconds_left();
    let end = visit.zone.local(app.now().plus(time::Duration::seconds(seconds)));
    let body = serde_json::json!({ "secondes": seconds, "fin": hour_of(end) }).to_string();
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
