//! The pages of consulting: the look-up, and the file.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::source::{self, SourceFailed};
use super::store::{self, Held, InSession, Mission};
use crate::app::App;
use crate::db::{Beside, GrantsUsed, OpenedConsultation, Reader};
use crate::domain::consultation::{Decision, Holding, decide};
use crate::domain::facts::{Fact, FileMark, LookUp as Given};
use crate::domain::file_number::FileNumber;
use crate::domain::files::{Known, Reach, RightNature, RightState, Role, Rubric, Shown, Situation};
use crate::domain::id::{GrantId, MembershipId};
use crate::domain::territory::Perimeter;
use crate::web::answer::{Answer, Tracing, refused, see_other, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::file_mark;
use crate::web::filters;
use crate::web::form::Sent;
use crate::web::page::{Notice, Shell, Tone, html};
use crate::web::paths::{Consultation, LookUp};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What the sealed number of a consultation is bound to: it opens as no trace's.
const CONSULTATION: &[u8] = b"consultation";

/// The form that is always at hand.
struct LookUpForm {
    number: String,
    missions: Vec<Choice>,
    faults: Faults,
    perimeter: String,
}

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
}

/// What the agent may do here: what he holds, and the missions that he may declare.
struct Rights {
    holdings: Vec<Held>,
    missions: Vec<Mission>,
}

async fn rights(reader: &mut Reader, visit: &Visit) -> Result<Rights, Problem> {
    let holdings = store::holdings(reader, visit.today()).await?;
    Ok(Rights { holdings, missions: store::missions(reader).await? })
}

impl Rights {
    fn form(&self, number: &str, mission: &str, faults: Faults) -> LookUpForm {
        let several = self
            .missions
            .iter()
            .any(|one| self.missions.iter().any(|other| other.service_code != one.service_code));
        let missions = self
            .missions
            .iter()
            .map(|one| {
                let label = if several {
                    format!("{} – {}", one.service_name, one.label)
                } else {
                    one.label.clone()
                };
                let picked = mission == one.id.to_string() || self.missions.len() == 1;
                Choice::new(one.id.to_string(), label).picked_if(picked)
            })
            .collect();
        LookUpForm { number: number.to_owned(), missions, faults, perimeter: self.perimeter() }
    }

    /// Where the agent may read, in words.
    fn perimeter(&self) -> String {
        let mut all = Perimeter::default();
        for Held { holding, .. } in &self.holdings {
            all.departements.extend(holding.perimeter.departements.iter().copied());
            all.communes.extend(holding.perimeter.communes.iter().copied());
        }
        let names = all.names();
        match names.len() {
            0 => "aucun".to_owned(),
            1..=3 => names.join(", "),
            more => format!(
                "{} et {} autres",
                names.iter().take(2).cloned().collect::<Vec<_>>().join(", "),
                more - 2
            ),
        }
    }

    fn of(&self, membership: MembershipId) -> Vec<Holding> {
        let under = |held: &&Held| held.membership == membership;
        self.holdings.iter().filter(under).map(|held| held.holding.clone()).collect()
    }

    /// Those of these grants that serve for the first time of the day: their last use is kept to the day.
    fn unused_today(&self, grants: &[GrantId], visit: &Visit) -> Vec<GrantId> {
        let today = visit.today();
        let used = |held: &Held| held.used_at.is_some_and(|at| visit.zone.day(at) >= today);
        let fresh = self.holdings.iter().filter(|held| !used(held)).map(|held| held.holding.grant);
        fresh.filter(|grant| grants.contains(grant)).collect()
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
    let number = faults.take("numero", fields.numero.parse::<FileNumber>());
    let mission = rights.missions.iter().find(|one| one.id.to_string() == fields.mission);
    if mission.is_none() {
        faults.push("mission", if fields.mission.is_empty() { Fault::Missing } else { Fault::NotOffered });
    }
    let (Some(number), Some(mission)) = (number, mission) else {
        let form = rights.form(&shortened(&fields.numero), &fields.mission, faults);
        return refused(&look_up_page(&app, &visit, &rights, form, None).await?);
    };
    let mark = mark(&app, &visit, number);
    let looked_up = |result| Fact::FileLookedUp {
        file: mark.clone(),
        service: mission.service_code.clone(),
        mission: mission.label.clone(),
        result,
    };
    let sheet = source::ask(app.files(), visit.organism, &number).await;
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
        let form = rights.form(number.as_str(), &fields.mission, Faults::new());
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
        number_sealed: kit.keys.seal(kit.entropy.bytes(), CONSULTATION, number.as_str()),
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
    let number: FileNumber = app
        .kit()
        .keys
        .open(CONSULTATION, &opened.number_sealed)
        .ok()
        .and_then(|number| number.parse().ok())
        .ok_or(Problem::NotFound)?;
    let mark = mark(&app, &visit, number);
    let refuse = async |result| {
        let form = rights.form(number.as_str(), &opened.mission_id.to_string(), Faults::new());
        let looked_up = Fact::FileLookedUp {
            file: mark.clone(),
            service: opened.service_code.clone(),
            mission: opened.mission.clone(),
            result,
        };
        nothing_shown(&app, &visit, &rights, form, looked_up).await
    };
    let Ok(sheet) = source::ask(app.files(), visit.organism, &number).await else {
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

/// A file as a trace keeps it.
fn mark(app: &App, visit: &Visit, number: FileNumber) -> FileMark {
    file_mark::of(app.kit(), visit.organism, number.as_str())
}

/// What was typed is kept, but not without end.
fn shortened(typed: &str) -> String {
    typed.chars().take(32).collect()
}

fn nothing_to_show() -> Notice {
    Notice {
        tone: Tone::Warn,
        title: "Aucun dossier à afficher pour ce numéro".to_owned(),
        text: vec![
            "Soit le numéro n’existe pas, soit le dossier n’entre pas dans ce que vous pouvez consulter. Par discrétion, la réponse est la même.".to_owned(),
            "Relisez le numéro sur un courrier de la caisse. Si la famille a changé de commune, parlez-en à votre gestionnaire.".to_owned(),
        ],
        links: Vec::new(),
    }
}

fn source_failed() -> Notice {
    Notice {
        tone: Tone::Bad,
        title: "Les dossiers ne répondent pas".to_owned(),
        text: vec![
            "La caisse ne parvient pas à lire ses dossiers en ce moment. Rien n’a été affiché, et votre demande est inscrite au journal.".to_owned(),
            "Réessayez dans quelques minutes : le numéro et la mission sont conservés.".to_owned(),
        ],
        links: Vec::new(),
    }
}
