//! What was typed in a form that a session's end caught before it was sent: kept for its author, encrypted, and never
//! executed. Which forms are kept is a closed list, so that no password, no code and no number of a beneficiary can
//! be: a form that is not on it leaves nothing.

use axum::extract::Request;
use axum::http::Method;
use axum_extra::routing::TypedPath as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::form::{body, is_of, read};
use super::kit::Kit;
use super::paths::{
    AskPlaces, CapRequest, Caps, Circonscription, CorrectGroup, CorrectMembership, CorrectPartner,
    DeclareNetwork, JoinGroup, KeepForm, LeaveGroup, NewCirconscription, NewDeputy, NewGrant, NewGroup,
    NewGroupGrant, NewMembership, NewPartner, NewPrincipal, NewUser, RevokeGrant, RevokeGroupGrant,
    SuspendUser,
};
use super::visit::{Visit, token};
use crate::db::kept_forms::KeptForm;
use crate::db::{Beside, DbError};
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, KeptFormId, RowId as _};
use crate::domain::time::Timestamp;

/// The forms that are kept: their routes, and what one does by sending them.
pub const FORMS: [(&str, &str); 22] = [
    (NewPartner::PATH, "l’enregistrement d’un partenaire"),
    (CorrectPartner::PATH, "la correction d’une fiche de partenaire"),
    (NewPrincipal::PATH, "la nomination d’un administrateur principal"),
    (NewDeputy::PATH, "la nomination d’un administrateur suppléant"),
    (NewMembership::PATH, "l’ajout d’un bulletin d’adhésion"),
    (CorrectMembership::PATH, "la correction d’un bulletin d’adhésion"),
    (Caps::PATH, "le réglage de plafonds"),
    (CapRequest::PATH, "la réponse à une demande de places"),
    (NewCirconscription::PATH, "le tracé d’une circonscription"),
    (Circonscription::PATH, "la correction d’une circonscription"),
    (DeclareNetwork::PATH, "la déclaration d’un réseau"),
    (NewUser::PATH, "l’ajout d’une personne"),
    (SuspendUser::PATH, "la suspension d’un accès"),
    (NewGrant::PATH, "une habilitation"),
    (RevokeGrant::PATH, "le retrait d’un rôle"),
    (AskPlaces::PATH, "une demande de places"),
    (NewGroup::PATH, "la création d’un groupe"),
    (CorrectGroup::PATH, "la description d’un groupe"),
    (JoinGroup::PATH, "l’ajout de membres à un groupe"),
    (LeaveGroup::PATH, "la sortie d’un groupe"),
    (NewGroupGrant::PATH, "un rôle donné à un groupe"),
    (RevokeGroupGrant::PATH, "le retrait d’un rôle à un groupe"),
];

/// More than any of these forms holds, in bytes as they are sent.
const LARGEST: usize = 32 * 1024;
/// What begins the context under which a form is encrypted.
const CONTEXT: &[u8] = b"kept_form";
/// Fields that belong to one sending, not to what was typed.
const MARKS: [&str; 2] = ["jeton", "cle"];

/// Whether what is typed in the form of a route may be kept.
pub fn is_kept(route: &str) -> bool {
    FORMS.iter().any(|(kept, _)| *kept == route)
}

/// The kept form that an address belongs to: its route, and what one does by sending it.
pub fn form_at(path: &str) -> Option<(&'static str, &'static str)> {
    let matches = |route: &str| {
        let (mut parts, mut names) = (path.split('/'), route.split('/'));
        loop {
            match (parts.next(), names.next()) {
                (None, None) => return true,
                (Some(part), Some(name)) if name.starts_with('{') && is_id(part) => {}
                (Some(part), Some(name)) if part == name => {}
                _ => return false,
            }
        }
    };
    FORMS.into_iter().find(|(route, _)| matches(route))
}

/// Whether an id is written as our own pages write it: one address a form.
fn is_id(part: &str) -> bool {
    Uuid::try_parse(part).is_ok_and(|id| id.hyphenated().to_string() == part)
}

/// What a page sends by itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    formulaire: String,
    saisie: String,
}

impl Typed {
    /// What keeps it for that account; nothing when the form is not one that is kept, or is too large.
    pub fn kept(&self, kit: &Kit, account: AccountId, at: Timestamp) -> Option<(Fact, Beside)> {
        let (route, _) = form_at(&self.formulaire)?;
        let mut fields: Vec<(String, String)> = read(self.saisie.as_bytes()).ok()?;
        fields.retain(|(name, _)| !MARKS.contains(&name.as_str()));
        let fields = serde_html_form::to_string(&fields).ok()?;
        if fields.is_empty() || fields.len() > LARGEST {
            return None;
        }
        let path = self.formulaire.clone();
        let sealed = kit.keys.seal(kit.entropy.bytes(), &context(account, &path), &fields);
        let form = KeptForm { id: kit.entropy.opaque_id(), account, path, sealed, at };
        Some((Fact::FormKept { route: route.to_owned() }, Beside::KeptForm(form)))
    }
}

/// Nobody else's, and no other form's: that is what it is encrypted for.
fn context(account: AccountId, path: &str) -> Vec<u8> {
    [CONTEXT, account.as_uuid().as_bytes(), path.as_bytes()].concat()
}

/// What a request brought after its session had ended: a form sent too late, or what a page that slept sends when it
/// wakes. It is kept if it carries the token of that session, and not executed.
pub(super) async fn late(
    kit: &Kit,
    route: &'static str,
    request: Request,
    session: &[u8; 32],
    account: AccountId,
    at: Timestamp,
) -> Option<(Fact, Beside)> {
    if request.method() != Method::POST || !(is_kept(route) || route == KeepForm::PATH) {
        return None;
    }
    let path = request.uri().path().to_owned();
    let body = body(request).await.ok()?;
    if !is_of(&body, &token(kit, session)) {
        return None;
    }
    let typed = if route == KeepForm::PATH {
        read(&body).ok()?
    } else {
        Typed { formulaire: path, saisie: String::from_utf8(body.to_vec()).ok()? }
    };
    typed.kept(kit, account, at)
}

/// A form as it had been typed.
#[derive(Clone, Debug)]
pub(super) struct Resumed {
    /// The fields, as they are sent.
    pub(super) fields: String,
    /// When they were kept.
    pub(super) kept_at: Timestamp,
}

/// What the address of a form adds to show it as it had been typed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    saisie: Option<KeptFormId>,
}

/// The address of a form, filled in with what was kept.
pub fn resuming(path: &str, form: KeptFormId) -> String {
    let asked = serde_html_form::to_string(Asked { saisie: Some(form) }).unwrap_or_default();
    format!("{path}?{asked}")
}

/// The kept form that the address of a page names, and the path of that page.
pub(super) fn asked(route: &str, request: &Request) -> Option<(KeptFormId, String)> {
    if request.method() != Method::GET || !is_kept(route) {
        return None;
    }
    let asked: Asked = read(request.uri().query()?.as_bytes()).ok()?;
    Some((asked.saisie?, request.uri().path().to_owned()))
}

/// What the person had typed in the form of that path, if it is still kept.
pub(super) async fn resumed(
    kit: &Kit,
    visit: &Visit,
    form: KeptFormId,
    path: &str,
) -> Result<Option<Resumed>, DbError> {
    let Some(account) = visit.actor.account() else { return Ok(None) };
    let found = kit.db.read(&visit.actor).await?.kept_form(form, path, visit.now).await?;
    Ok(found.and_then(|found| {
        let fields = kit.keys.open(&context(account.id, path), &found.sealed).ok()?;
        Some(Resumed { fields, kept_at: found.kept_at })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_a_kept_form_or_of_none() {
        let id = "0190dead-0000-7000-8000-00000000beef";
        let route = |path: String| form_at(&path).map(|(route, _)| route);
        assert_eq!(route("/partenaires/nouveau".to_owned()), Some(NewPartner::PATH));
        assert_eq!(route(format!("/partenaires/{id}/utilisateurs/nouveau")), Some(NewUser::PATH));
        assert_eq!(route(format!("/demandes/{id}")), Some(CapRequest::PATH));
        assert_eq!(route(format!("/demandes/{}", id.to_uppercase())), None, "one address a form");
        for other in
            ["/consultation", "/mot-de-passe", "/demandes/x", "/partenaires/nouveau/", "/connexion", ""]
        {
            assert_eq!(form_at(other), None, "{other}");
        }
    }
}
