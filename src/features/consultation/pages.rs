//! The pages of consulting: the look-up, and the file.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::rights::{LookUpForm, Rights, out_of_hours, rights, until};
use super::source::{self, SourceFailed};
use super::store::{self, InSession};
use super::words::{nothing_to_show, source_failed};
use crate::app::App;
use crate::db::{Beside, GrantsUsed, OpenedConsultation};
use crate::domain::consultation::{Decision, decide};
use crate::domain::facts::{Fact, LookUp as Given};
use crate::domain::file_key::FileKey;
use crate::domain::files::{
    ClosingMotive, DemandOrigin, DemandStatus, Income, IncomeNature, Known, Name, Nationality, PaymentHold,
    PregnancyEnd, Reach, RightHold, RightNature, RightState, Role, RsaNature, RsaState, Rubric, Shown,
    Situation,
};
use crate::web::answer::{Answer, Tracing, refused, see_other, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::file_mark;
use crate::web::filters;
use crate::web::form::Sent;
use crate::web::page::{Notice, Shell, html};
use crate::web::paths::{Consultation, LookUp};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What a sealed number is bound to: it opens as a consultation's number, never as a trace's.
const CONSULTATION: &[u8] = b"consultation";

#[derive(Template)]
#[template(path = "consultation/look_up.html")]
struct LookUpPage {
    shell: Shell,
    form: LookUpForm,
    recent: Vec<Recent>,
    no_mission: bool,
}

/// A file opened in this session: its number, never its name.
struct Recent {
    path: Consultation,
    number: String,
    hour: String,
    mission: String,
}

#[derive(Template)]
#[template(path = "consultation/file.html")]
struct FilePage {
    shell: Shell,
    form: LookUpForm,
    file: Shown,
    rubrics: Vec<Rubric>,
    organism: String,
    mission: String,
    hour: String,
}

impl FilePage {
    fn names(&self) -> String {
        let names: Vec<String> =
            self.file.holders.iter().map(|name| format!("{} {}", name.given_names, name.surname)).collect();
        names.join(" et ")
    }

    /// Whose resources these are: the person of that rank in the household, when the family is shown.
    fn whose(&self, income: &Income) -> Option<&Name> {
        let at = usize::try_from(income.person).ok()?.checked_sub(1)?;
        self.file.family.as_ref()?.persons.get(at).map(|person| &person.name)
    }
}

async fn look_up_page(
    app: &App,
    visit: &Visit,
    rights: &Rights,
    form: LookUpForm,
    notice: Option<Notice>,
) -> Result<LookUpPage, Problem> {
    let session = visit.actor.origin.session_row.ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let recent = store::recent(&mut reader, session)
        .await?
        .into_iter()
        .filter_map(|opened| {
            Some(Recent {
                path: Consultation { consultation: opened.id },
                number: app.kit().keys.open(CONSULTATION, &opened.number_sealed).ok()?,
                hour: filters::hour_of(visit.zone.local(opened.opened_at)),
                mission: opened.mission,
            })
        })
        .collect();
    Ok(LookUpPage {
        shell: visit.shell_with("Consulter un dossier", notice),
        form,
        recent,
        no_mission: rights.missions.is_empty(),
    })
}

/// The form again, and why no file is shown: whatever the look-up met, but for a source that fails, it reads alike.
async fn nothing_shown(
    app: &App,
    visit: &Visit,
    rights: &Rights,
    form: LookUpForm,
    looked_up: Fact,
) -> Answer {
    let failed = matches!(looked_up, Fact::FileLookedUp { result: Given::SourceFailed, .. });
    let (status, notice) = if failed {
        (StatusCode::SERVICE_UNAVAILABLE, source_failed())
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, nothing_to_show())
    };
    let page = look_up_page(app, visit, rights, form, Some(notice)).await?;
    Ok((status, html(&page)?).into_response()).reading(vec![looked_up])
}

/// The look-up form, and what was opened in this session.
pub(super) async fn look_up(State(app): State<App>, _: LookUp, visit: Visit) -> Answer {
    let rights = rights(&mut app.read(&visit.actor).await?, &visit).await?;
    if let Some(problem) = rights.closed(visit.now) {
        return Err(problem);
    }
    let form = rights.form("", "", Faults::new());
    shown(&look_up_page(&app, &visit, &rights, form, None).await?)
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    numero: String,
    #[serde(default)]
    mission: String,
}

/// Opens a consultation, if the file may be read. Every refusal reads alike.
pub(super) async fn open(State(app): State<App>, visit: Visit, Sent { fields, .. }: Sent<Asked>) -> Answer {
    let rights = rights(&mut app.read(&visit.actor).await?, &visit).await?;
    let mut faults = Faults::new();
    let mission = rights.mission(&fields.mission);
    // Without a mission, the number is read as the services that are there would.
    let kind = mission.or(rights.missions.first()).map(|mission| mission.file_key);
    let key = kind.and_then(|kind| faults.take("numero", kind.read(&fields.numero)));
    if mission.is_none() {
        faults.push("mission", if fields.mission.is_empty() { Fault::Missing } else { Fault::NotOffered });
    }
    let (Some(key), Some(mission)) = (key, mission) else {
        if let Some(problem) = rights.closed(visit.now) {
            return Err(problem);
        }
        let form = rights.form(&shortened(&fields.numero), &fields.mission, faults);
        return refused(&look_up_page(&app, &visit, &rights, form, None).await?);
    };
    let mark = file_mark::of(app.kit(), visit.organism, key.as_str());
    let looked_up = |result| Fact::FileLookedUp {
        file: mark.clone(),
        service: mission.service_code.clone(),
        mission: mission.label.clone(),
        result,
    };
    if let Some((hours, until)) = until(mission.hours(), visit.now, &visit.zone) {
        let problem = out_of_hours(hours, until, visit.now, &visit.zone);
        return Ok(problem.into_response()).reading(vec![looked_up(Given::OutOfHours)]);
    }
    let sheet = source::ask(app.files(), visit.organism, &key).await;
    let result = match &sheet {
        Err(SourceFailed) => Given::SourceFailed,
        Ok(sheet) => {
            match decide(
                &rights.of(mission.membership_id),
                sheet.as_ref().map(|sheet| &sheet.commune),
                visit.today(),
            ) {
                Decision::Read { .. } => Given::Opened,
                Decision::Unknown => Given::Unknown,
                Decision::OutsidePerimeter => Given::OutsidePerimeter,
                Decision::ServiceClosed => Given::ServiceClosed,
            }
        }
    };
    if result != Given::Opened {
        let form = rights.form(key.as_str(), &fields.mission, Faults::new());
        return nothing_shown(&app, &visit, &rights, form, looked_up(result)).await;
    }
    let (Some(session), Some(account)) = (visit.actor.origin.session_row, visit.actor.account()) else {
        return Err(Problem::NotFound);
    };
    let kit = app.kit();
    let consultation = OpenedConsultation {
        id: kit.entropy.opaque_id(),
        session,
        account: account.id,
        organism: visit.organism,
        partner: visit.own_partner()?,
        membership: mission.membership_id,
        mission: mission.id,
        number_sealed: kit.keys.seal(kit.entropy.bytes(), CONSULTATION, key.as_str()),
        opened_at: visit.now,
    };
    let path = Consultation { consultation: consultation.id };
    see_other(&path.to_string())
        .reading(vec![looked_up(Given::Opened)])
        .beside(Beside::Consultation(consultation))
}

/// The file, with the rubrics that the grants show for it, and nothing else.
pub(super) async fn read(
    State(app): State<App>,
    Consultation { consultation }: Consultation,
    visit: Visit,
) -> Answer {
    let session = visit.actor.origin.session_row.ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let opened = store::opened(&mut reader, consultation, session).await?.ok_or(Problem::NotFound)?;
    // Rights are looked at again: withdrawn since the look-up, they show nothing any more.
    let rights = rights(&mut reader, &visit).await?;
    // The source may want a connection too.
    drop(reader);
    let key: FileKey = app
        .kit()
        .keys
        .open(CONSULTATION, &opened.number_sealed)
        .ok()
        .and_then(|key| opened.file_key.read(&key).ok())
        .ok_or(Problem::NotFound)?;
    let mark = file_mark::of(app.kit(), visit.organism, key.as_str());
    let looked_up = |result| Fact::FileLookedUp {
        file: mark.clone(),
        service: opened.service_code.clone(),
        mission: opened.mission.clone(),
        result,
    };
    let refuse = async |result| {
        let form = rights.form(key.as_str(), &opened.mission_id.to_string(), Faults::new());
        nothing_shown(&app, &visit, &rights, form, looked_up(result)).await
    };
    if let Some((hours, until)) = until(opened.hours(), visit.now, &visit.zone) {
        let problem = out_of_hours(hours, until, visit.now, &visit.zone);
        return Ok(problem.into_response()).reading(vec![looked_up(Given::OutOfHours)]);
    }
    let Ok(sheet) = source::ask(app.files(), visit.organism, &key).await else {
        return refuse(Given::SourceFailed).await;
    };
    let held = rights.of(opened.membership_id);
    let (rubrics, grants) = match decide(&held, sheet.as_ref().map(|sheet| &sheet.commune), visit.today()) {
        Decision::Read { rubrics, grants } => (rubrics, grants),
        Decision::Unknown => return refuse(Given::Unknown).await,
        Decision::OutsidePerimeter => return refuse(Given::OutsidePerimeter).await,
        Decision::ServiceClosed => return refuse(Given::ServiceClosed).await,
    };
    let Some(Ok(file)) = sheet.map(|sheet| sheet.open()) else {
        return refuse(Given::SourceFailed).await;
    };
    let page = file_page(&visit, &rights, &opened, file.only(&rubrics), &rubrics);
    let fresh = rights.unused_today(&grants, &visit);
    let fact = Fact::FileRead {
        file: mark,
        service: opened.service_code.clone(),
        mission: opened.mission.clone(),
        rubrics: rubrics.iter().map(|rubric| rubric.code().to_owned()).collect(),
        grants,
        again: opened.first_read_at.is_some(),
    };
    let mut answer = shown(&page).reading(vec![fact]);
    if let (false, Some(account)) = (fresh.is_empty(), visit.actor.account()) {
        let (organism, at) = (visit.organism, visit.now);
        answer = answer.beside(Beside::Use(GrantsUsed { grants: fresh, account: account.id, organism, at }));
    }
    if opened.first_read_at.is_some() {
        return answer;
    }
    answer.beside(Beside::FirstRead { consultation, at: visit.now })
}

fn file_page(
    visit: &Visit,
    rights: &Rights,
    opened: &InSession,
    file: Shown,
    rubrics: &BTreeSet<Rubric>,
) -> FilePage {
    FilePage {
        // Browsers keep the titles of pages: neither a name nor a number may stand in one.
        shell: visit.shell("Dossier ouvert"),
        form: rights.form("", &opened.mission_id.to_string(), Faults::new()),
        rubrics: rubrics.iter().copied().collect(),
        organism: visit.organism_name.clone(),
        mission: opened.mission.clone(),
        hour: filters::hour_of(visit.zone.local(visit.now)),
        file,
    }
}

/// What was typed is kept, but not without end.
fn shortened(typed: &str) -> String {
    typed.chars().take(32).collect()
}
