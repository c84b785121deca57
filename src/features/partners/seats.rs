//! Naming the principal or the deputy of a partner, or another in his place. The secret never passes here.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::appoint::{self, Appointed, Appointee, Appointment, Newcomer};
use super::store::{self, seats};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::id::{AccountId, PartnerId};
use crate::domain::seats::Seat;
use crate::web::answer::{Answer, acted, refused, see_other, shown};
use crate::web::choice::{Choice, secret_ways};
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{NewDeputy, NewPrincipal, Partner, Partners, PrincipalSecret, UserSecret};
use crate::web::problem::Problem;
use crate::web::reading::NAME;
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SeatForm {
    nom: String,
    prenom: String,
    fonction: String,
    courriel: String,
    telephone: String,
    envoi: String,
    /// Somebody of the partner, rather than a newcomer.
    personne: String,
    /// Who sits there, as the form showed it; empty when nobody does.
    a_la_place: String,
}

/// What an address fills in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Prefilled {
    personne: String,
}

#[derive(Template)]
#[template(path = "partners/seat.html")]
struct SeatPage {
    shell: Shell,
    key: String,
    action: String,
    back: String,
    list: String,
    partner: String,
    deputy: bool,
    /// Who sits there now, and would leave.
    before: Option<seats::Seated>,
    /// Who would come, when it is somebody of the partner.
    known: Option<seats::Known>,
    /// Who sits in the other seat and could come to this one: name, then address.
    other: Option<(String, String)>,
    /// How the code may reach a newcomer.
    ways: Vec<Choice>,
    form: SeatForm,
    faults: Faults,
}

/// Where a seat is filled.
fn address(seat: Seat, partner: PartnerId) -> String {
    match seat {
        Seat::Principal => NewPrincipal { partner }.to_string(),
        Seat::Deputy => NewDeputy { partner }.to_string(),
    }
}

/// What a refusal adds to the page.
#[derive(Default)]
struct Refusal {
    faults: Faults,
    notice: Option<Notice>,
}

async fn page(
    app: &App,
    visit: &Visit,
    (seat, partner): (Seat, PartnerId),
    form: SeatForm,
    refusal: Refusal,
) -> Result<SeatPage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let sheet = store::sheet(reader.select(store::SHEET), partner).await?.ok_or(Problem::NotFound)?;
    if !visit.actor.may_at(Permission::ManagePrincipals, sheet.mode) {
        return Err(Problem::NotFound);
    }
    let seated = seats::seated(reader.select(seats::SEATED), partner).await?;
    let known = match form.personne.parse::<AccountId>() {
        Ok(account) => seats::known(&mut reader, partner, account).await?,
        Err(_) => None,
    };
    drop(reader);
    let action = address(seat, partner);
    let (mut before, mut other) = (None, None);
    for person in seated {
        if person.office == seat.office() {
            before = Some(person);
        } else if person.state().suspended_at.is_none() {
            other = Some((person.name(), format!("{action}?personne={}", person.id)));
        }
    }
    let known = known.filter(|known| {
        known.suspended_at.is_none() && before.as_ref().is_none_or(|before| before.id != known.id)
    });
    let title = match (seat, before.is_some()) {
        (Seat::Principal, false) => "Nommer l’administrateur principal",
        (Seat::Principal, true) => "Remplacer l’administrateur principal",
        (Seat::Deputy, false) => "Nommer l’administrateur suppléant",
        (Seat::Deputy, true) => "Remplacer l’administrateur suppléant",
    };
    Ok(SeatPage {
        shell: visit.shell_with(title, refusal.notice),
        key: new_key(app),
        action,
        back: Partner { partner }.to_string(),
        list: Partners.to_string(),
        partner: sheet.legal_name,
        deputy: seat == Seat::Deputy,
        other: other.filter(|_| known.is_none()),
        before,
        known,
        ways: secret_ways(&form.envoi),
        form,
        faults: refusal.faults,
    })
}

/// The form of the principal.
pub(super) async fn new_principal(
    State(app): State<App>,
    visit: Visit,
    path: NewPrincipal,
    Query(filled): Query<Prefilled>,
) -> Answer {
    new(&app, &visit, (Seat::Principal, path.partner), filled).await
}

/// The form of the deputy.
pub(super) async fn new_deputy(
    State(app): State<App>,
    visit: Visit,
    path: NewDeputy,
    Query(filled): Query<Prefilled>,
) -> Answer {
    new(&app, &visit, (Seat::Deputy, path.partner), filled).await
}

async fn new(app: &App, visit: &Visit, place: (Seat, PartnerId), filled: Prefilled) -> Answer {
    let blank = SeatForm { personne: filled.personne, ..SeatForm::default() };
    let form = visit.resumed().unwrap_or(blank);
    shown(&page(app, visit, place, form, Refusal::default()).await?)
}

/// Names the principal.
pub(super) async fn name_principal(
    State(app): State<App>,
    visit: Visit,
    path: NewPrincipal,
    sent: Sent<SeatForm>,
) -> Answer {
    name(&app, &visit, (Seat::Principal, path.partner), sent).await
}

/// Names the deputy.
pub(super) async fn name_deputy(
    State(app): State<App>,
    visit: Visit,
    path: NewDeputy,
    sent: Sent<SeatForm>,
) -> Answer {
    name(&app, &visit, (Seat::Deputy, path.partner), sent).await
}

async fn name(
    app: &App,
    visit: &Visit,
    place: (Seat, PartnerId),
    Sent { key, fields: form }: Sent<SeatForm>,
) -> Answer {
    let (seat, partner) = place;
    let mut faults = Faults::new();
    let who = match form.personne.parse() {
        Ok(account) => Some(Appointee::Known(account)),
        Err(_) => newcomer(&form, &mut faults).map(Appointee::Newcomer),
    };
    let Some(who) = who.filter(|_| faults.is_empty()) else {
        return refused(&page(app, visit, place, form, Refusal { faults, notice: None }).await?);
    };
    let appointment = Appointment { seat, instead_of: form.a_la_place.parse().ok(), who };
    match appoint::appoint(app, visit, partner, &key, &appointment).await? {
        Appointed::Act(act) => acted(&act),
        Appointed::Moved => {
            let notice = Some(moved(place));
            refused(&page(app, visit, place, form, Refusal { faults, notice }).await?)
        }
        Appointed::MailTaken => {
            faults.push("courriel", Fault::MailTaken);
            let mut reader = app.read(&visit.actor).await?;
            let holder = seats::with_mail(&mut reader, partner, form.courriel.trim()).await?;
            drop(reader);
            let notice = holder.filter(|holder| holder.suspended_at.is_none()).map(|holder| {
                let href = format!("{}?personne={}", address(seat, partner), holder.id);
                Notice {
                    tone: Tone::Bad,
                    title: format!("{} a déjà un compte dans cette structure", holder.name()),
                    text: vec!["Une personne n’a qu’un compte. Personne n’a été nommé.".to_owned()],
                    links: vec![(format!("Désigner {} avec son compte", holder.name()), href)],
                }
            });
            refused(&page(app, visit, place, form, Refusal { faults, notice }).await?)
        }
    }
}

/// Several administrators, or two pages of one: whoever was named first stays until somebody decides knowing it.
fn moved((seat, partner): (Seat, PartnerId)) -> Notice {
    let title = match seat {
        Seat::Principal => "Ce partenaire a déjà un administrateur principal",
        Seat::Deputy => "Ce partenaire a déjà un administrateur suppléant",
    };
    let back = Partner { partner };
    Notice {
        tone: Tone::Bad,
        title: title.to_owned(),
        text: vec![
            "Quelqu’un vient de le désigner, ou de le remplacer. Rien n’a changé : relisez qui partirait avant \
             d’envoyer de nouveau."
                .to_owned(),
        ],
        links: vec![("Voir qui est nommé".to_owned(), format!("{back}#principal"))],
    }
}

fn newcomer(form: &SeatForm, faults: &mut Faults) -> Option<Newcomer> {
    let surname = faults.line("nom", &form.nom, NAME);
    let given_name = faults.line("prenom", &form.prenom, NAME);
    let job = faults.line("fonction", &form.fonction, NAME);
    let mail = faults.own_mail("courriel", &form.courriel);
    let phone = faults.optional_phone("telephone", &form.telephone);
    let by_letter = form.envoi == "lettre";
    Some(Newcomer { surname, given_name, job, mail: mail?, phone, by_letter })
}

/// The address of old leads to the same page as for anybody.
pub(super) async fn moved_secret(State(app): State<App>, visit: Visit, path: PrincipalSecret) -> Answer {
    let partner = path.partner;
    let mut reader = app.read(&visit.actor).await?;
    let seated = seats::seated(reader.select(seats::SEATED), partner).await?;
    drop(reader);
    let principal = seated.iter().find(|person| person.office == Seat::Principal.office());
    let account = principal.ok_or(Problem::NotFound)?.id;
    see_other(&UserSecret { partner, account }.to_string())
}
