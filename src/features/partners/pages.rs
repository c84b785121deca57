//! Registering a partner, and correcting it.

use askama::Template;
use axum::extract::State;

use super::commands::{self, Registered};
use super::form::{Identity, NAMES, PartnerForm};
use super::store;
use super::words;
use crate::app::App;
use crate::domain::access::Mode;
use crate::domain::id::PartnerId;
use crate::domain::partners::Prefix;
use crate::domain::siret::Siret;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{CorrectPartner, NewPartner, Partner, Partners};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "partners/form.html")]
struct FormPage {
    shell: Shell,
    key: String,
    action: String,
    back: String,
    /// Where this page stands: label, then address.
    trail: Vec<(String, String)>,
    /// A partner that is there already: its SIRET and its letters are no longer typed.
    registered: bool,
    verb: &'static str,
    failed: &'static str,
    names: &'static [(&'static str, &'static str)],
    form: PartnerForm,
    categories: Vec<Choice>,
    modes: Vec<Choice>,
    faults: Faults,
}

fn new_page(app: &App, visit: &Visit, form: PartnerForm, faults: Faults) -> FormPage {
    FormPage {
        shell: visit.shell("Enregistrer un partenaire"),
        key: new_key(app),
        action: NewPartner.to_string(),
        back: Partners.to_string(),
        trail: vec![("Partenaires".to_owned(), Partners.to_string())],
        registered: false,
        verb: "Enregistrer le partenaire",
        failed: "Le partenaire n’a pas été enregistré",
        names: &NAMES,
        categories: words::categories(&form.categorie),
        modes: words::modes(&form.gestion),
        form,
        faults,
    }
}

/// The empty form.
pub(super) async fn new(State(app): State<App>, visit: Visit, _: NewPartner) -> Answer {
    shown(&new_page(&app, &visit, visit.resumed().unwrap_or_default(), Faults::new()))
}

/// The form as it is sent.
pub(super) async fn register(
    State(app): State<App>,
    visit: Visit,
    _: NewPartner,
    Sent { key, fields: form }: Sent<PartnerForm>,
) -> Answer {
    let mut faults = Faults::new();
    let siret = faults.value::<Siret>("siret", &form.siret);
    let prefix = if form.prefixe.trim().is_empty() {
        Some(Prefix::proposed(&form.nom))
    } else {
        faults.value::<Prefix>("prefixe", &form.prefixe)
    };
    let mode = match form.gestion.as_str() {
        "" => Some(Mode::Delegated),
        sent => Mode::parse(sent),
    };
    if mode.is_none() {
        faults.push("gestion", Fault::NotOffered);
    }
    let identity = form.identity(&mut faults);
    let (true, Some(siret), Some(prefix), Some(mode), Some(identity)) =
        (faults.is_empty(), siret, prefix, mode, identity.clone())
    else {
        // One that is there already is said whatever else is wrong.
        look_up_owner(&app, &visit, None, siret, identity.as_ref(), &mut faults).await?;
        return refused(&new_page(&app, &visit, form, faults));
    };
    match commands::register(&app, &visit.actor, &key, siret, &prefix, mode, &identity).await? {
        Registered::Act(act) => acted(&act),
        Registered::Taken => {
            look_up_owner(&app, &visit, None, Some(siret), Some(&identity), &mut faults).await?;
            refused(&new_page(&app, &visit, form, faults))
        }
    }
}

/// Says whose a SIRET or a convention is, when it is another partner's.
async fn look_up_owner(
    app: &App,
    visit: &Visit,
    own: Option<PartnerId>,
    siret: Option<Siret>,
    identity: Option<&Identity>,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let number = identity.map(|identity| identity.convention.as_str()).unwrap_or_default();
    let mut reader = app.read(&visit.actor).await?;
    let (by_siret, by_number) = store::owner(&mut reader, siret, number).await?;
    drop(reader);
    let other = |partner: &PartnerId| Some(*partner) != own;
    if let Some(partner) = by_siret.filter(other) {
        faults.push("siret", Fault::AlreadyRegistered { href: Partner { partner }.to_string() });
    } else if let Some(partner) = by_number.filter(other) {
        faults.push("convention", Fault::ConventionTaken { href: Partner { partner }.to_string() });
    }
    Ok(())
}

fn edit_page(
    app: &App,
    visit: &Visit,
    path: CorrectPartner,
    legal_name: String,
    form: PartnerForm,
    faults: Faults,
) -> FormPage {
    let back = Partner { partner: path.partner }.to_string();
    FormPage {
        shell: visit.shell("Corriger la fiche"),
        key: new_key(app),
        action: path.to_string(),
        trail: vec![("Partenaires".to_owned(), Partners.to_string()), (legal_name, back.clone())],
        back,
        registered: true,
        verb: "Enregistrer les corrections",
        failed: "Les corrections n’ont pas été enregistrées",
        names: &NAMES,
        categories: words::categories(&form.categorie),
        modes: Vec::new(),
        form,
        faults,
    }
}

/// The form, as the partner is.
pub(super) async fn edit(State(app): State<App>, visit: Visit, path: CorrectPartner) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let sheet = store::sheet(reader.select(store::SHEET), path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let form = visit.resumed().unwrap_or_else(|| PartnerForm::of(&sheet));
    shown(&edit_page(&app, &visit, path, sheet.legal_name, form, Faults::new()))
}

/// The form again, under the name that the partner still has: the one that was typed may be empty.
async fn edit_again(
    app: &App,
    visit: &Visit,
    path: CorrectPartner,
    form: PartnerForm,
    faults: Faults,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let sheet = store::sheet(reader.select(store::SHEET), path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    refused(&edit_page(app, visit, path, sheet.legal_name, form, faults))
}

/// The form as it is sent.
pub(super) async fn correct(
    State(app): State<App>,
    visit: Visit,
    path: CorrectPartner,
    Sent { key, fields: form }: Sent<PartnerForm>,
) -> Answer {
    let mut faults = Faults::new();
    let identity = form.identity(&mut faults);
    let version: i64 = form.version.parse().map_err(|_| Problem::Unreadable)?;
    let (true, Some(identity)) = (faults.is_empty(), identity) else {
        return edit_again(&app, &visit, path, form, faults).await;
    };
    match commands::correct(&app, &visit.actor, &key, path.partner, version, &identity).await? {
        Registered::Act(act) => acted(&act),
        Registered::Taken => {
            look_up_owner(&app, &visit, Some(path.partner), None, Some(&identity), &mut faults).await?;
            edit_again(&app, &visit, path, form, faults).await
        }
    }
}
