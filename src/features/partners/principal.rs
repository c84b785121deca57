//! Naming the principal of a partner, and sending him another secret. The secret never passes here.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands::{self, Person, Registered};
use super::form::dialled;
use super::store::{self, principal};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::id::PartnerId;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{NewPrincipal, Partner, Partners, PrincipalSecret};
use crate::web::problem::Problem;
use crate::web::reading::NAME;
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PrincipalForm {
    nom: String,
    prenom: String,
    fonction: String,
    courriel: String,
    telephone: String,
    envoi: String,
}

#[derive(Template)]
#[template(path = "partners/principal.html")]
struct PrincipalPage {
    shell: Shell,
    key: String,
    action: String,
    back: String,
    list: String,
    partner: String,
    ways: Vec<Choice>,
    form: PrincipalForm,
    faults: Faults,
}

/// How the code may reach its person.
fn ways(picked: &str) -> Vec<Choice> {
    let letter = picked == "lettre";
    vec![
        Choice::new("courriel", "Par courriel")
            .detail("à son adresse personnelle, dès l’enregistrement")
            .picked_if(!letter),
        Choice::new("lettre", "Par lettre")
            .detail("que vous imprimez ensuite, à part de l’identifiant")
            .picked_if(letter),
    ]
}

/// What the page shows of the partner, when it may have a principal named.
struct Vacancy {
    partner: PartnerId,
    name: String,
    taken: bool,
}

async fn vacancy(app: &App, visit: &Visit, partner: PartnerId) -> Result<Vacancy, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let sheet = store::sheet(reader.select(store::SHEET), partner).await?.ok_or(Problem::NotFound)?;
    if !visit.actor.may_at(Permission::ManagePrincipals, sheet.mode) {
        return Err(Problem::NotFound);
    }
    let named = principal::of(reader.select(principal::OF_PARTNER), partner).await?;
    Ok(Vacancy { partner, name: sheet.legal_name, taken: named.is_some() })
}

fn page(app: &App, visit: &Visit, vacancy: Vacancy, form: PrincipalForm, faults: Faults) -> PrincipalPage {
    let back = Partner { partner: vacancy.partner }.to_string();
    // Several administrators, or two pages of one: there is one principal, and he stays.
    let notice = vacancy.taken.then(|| Notice {
        tone: Tone::Bad,
        title: format!("{} a déjà un administrateur principal", vacancy.name),
        text: vec!["Il n’y en a qu’un par partenaire. Le vôtre n’a pas été nommé.".to_owned()],
        links: vec![("Voir qui est nommé".to_owned(), format!("{back}#principal"))],
    });
    PrincipalPage {
        shell: visit.shell_with("Nommer l’administrateur principal", notice),
        key: new_key(app),
        action: NewPrincipal { partner: vacancy.partner }.to_string(),
        back,
        list: Partners.to_string(),
        partner: vacancy.name,
        ways: ways(&form.envoi),
        form,
        faults,
    }
}

/// The empty form.
pub(super) async fn new(State(app): State<App>, visit: Visit, path: NewPrincipal) -> Answer {
    let vacancy = vacancy(&app, &visit, path.partner).await?;
    shown(&page(&app, &visit, vacancy, visit.resumed().unwrap_or_default(), Faults::new()))
}

/// The form as it is sent.
pub(super) async fn create(
    State(app): State<App>,
    visit: Visit,
    path: NewPrincipal,
    Sent { key, fields: form }: Sent<PrincipalForm>,
) -> Answer {
    let mut faults = Faults::new();
    let surname = faults.line("nom", &form.nom, NAME);
    let given_name = faults.line("prenom", &form.prenom, NAME);
    let job = faults.line("fonction", &form.fonction, NAME);
    let mail = faults.own_mail("courriel", &form.courriel);
    let phone = faults.optional_phone("telephone", &form.telephone);
    let (true, Some(mail)) = (faults.is_empty(), mail) else {
        let vacancy = vacancy(&app, &visit, path.partner).await?;
        return refused(&page(&app, &visit, vacancy, form, faults));
    };
    let by_letter = form.envoi == "lettre";
    let person = Person { surname, given_name, job, mail, phone, by_letter };
    match commands::name_principal(&app, &visit.actor, &key, path.partner, &person).await? {
        Registered::Act(act) => acted(&act),
        Registered::Taken => {
            let vacancy = vacancy(&app, &visit, path.partner).await?;
            let mut reader = app.read(&visit.actor).await?;
            let mail_taken =
                principal::mail_is_taken(&mut reader, path.partner, person.mail.as_str()).await?;
            drop(reader);
            if mail_taken {
                faults.push("courriel", Fault::MailTaken);
            }
            refused(&page(&app, &visit, vacancy, form, faults))
        }
    }
}

#[derive(Template)]
#[template(path = "partners/secret.html")]
struct SecretPage {
    shell: Shell,
    key: String,
    partner: PartnerId,
    name: String,
    mail: String,
    phone: String,
    awaited: bool,
}

/// The question before another secret is sent.
pub(super) async fn confirm_secret(State(app): State<App>, visit: Visit, path: PrincipalSecret) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let named =
        principal::of(reader.select(principal::OF_PARTNER), path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    shown(&SecretPage {
        shell: visit.shell("Envoyer un nouveau code ?"),
        key: new_key(&app),
        partner: path.partner,
        name: format!("{} {}", named.given_name, named.surname),
        mail: named.mail,
        phone: dialled(&named.phone),
        awaited: named.awaited,
    })
}

/// A form without a field of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Confirmed {}

/// Sends it.
pub(super) async fn send_secret(
    State(app): State<App>,
    visit: Visit,
    path: PrincipalSecret,
    Sent { key, fields: Confirmed {} }: Sent<Confirmed>,
) -> Answer {
    acted(&commands::send_secret(&app, &visit.actor, &key, path.partner).await?)
}
