//! The pages of circonscriptions: the list, and the form that draws one.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::commands::{self, Drawing, Drawn};
use super::store::{self, Territory};
use crate::app::App;
use crate::domain::circonscriptions::draw;
use crate::domain::id::PartnerId;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::counted;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Circonscription, Circonscriptions, NewCirconscription, Partner, Partners};
use crate::web::problem::Problem;
use crate::web::reading::NAME;
use crate::web::visit::Visit;

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self) -> Option<Notice> {
        let (title, text) = match self.fait.as_str() {
            "creee" => {
                ("C’est fait : la circonscription est créée", "Elle se choisit quand on habilite un agent.")
            }
            "corrigee" => (
                "C’est fait : la circonscription est corrigée",
                "Les agents habilités pour elle suivent son nouveau tracé dès leur prochaine action.",
            ),
            _ => return None,
        };
        Some(Notice {
            tone: Tone::Ok,
            title: title.to_owned(),
            text: vec![text.to_owned()],
            links: Vec::new(),
        })
    }
}

/// Where such a page stands.
fn trail(partner: PartnerId, name: &str) -> Vec<(String, String)> {
    vec![("Partenaires".to_owned(), Partners.to_string()), (name.to_owned(), Partner { partner }.to_string())]
}

#[derive(Template)]
#[template(path = "circonscriptions/list.html")]
struct ListPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    partner: String,
    new: NewCirconscription,
    /// Whether a membership reaches anywhere yet.
    reaches: bool,
    sheet: Partner,
    lines: Vec<Line>,
}

struct Line {
    href: Circonscription,
    name: String,
    places: String,
    communes: String,
    people: i64,
}

/// The circonscriptions of a partner.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    path: Circonscriptions,
    Query(asked): Query<Asked>,
) -> Answer {
    let Circonscriptions { partner } = path;
    let mut reader = app.read(&visit.actor).await?;
    let territory = store::territory(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let rows = store::all(&mut reader, partner).await?;
    drop(reader);
    let line = |row: store::Row| {
        let perimeter = store::perimeter(&row.perimeter)?;
        let communes = u32::try_from(perimeter.covered().count()).unwrap_or(u32::MAX);
        Ok::<Line, Problem>(Line {
            href: Circonscription { partner, circonscription: row.id },
            name: row.name,
            places: perimeter.names().join(", "),
            communes: counted(communes, "commune"),
            people: row.people,
        })
    };
    shown(&ListPage {
        shell: visit.shell_with("Circonscriptions", asked.notice()),
        trail: trail(partner, &territory.partner),
        new: NewCirconscription { partner },
        reaches: !territory.within.is_empty(),
        sheet: Partner { partner },
        lines: rows.into_iter().map(line).collect::<Result<_, _>>()?,
        partner: territory.partner,
    })
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    nom: String,
    lieux: String,
    version: String,
}

impl Typed {
    fn read(&self, territory: &Territory, faults: &mut Faults) -> Option<Drawn> {
        let name = faults.line("nom", &self.nom, NAME);
        let perimeter = faults.take("lieux", draw(&self.lieux, &territory.within))?;
        faults.is_empty().then_some(Drawn { name, perimeter })
    }
}

#[derive(Template)]
#[template(path = "circonscriptions/form.html")]
struct FormPage {
    shell: Shell,
    key: String,
    trail: Vec<(String, String)>,
    action: String,
    back: Circonscriptions,
    within: String,
    /// How many people follow it, when it is there already.
    people: Option<i64>,
    typed: Typed,
    faults: Faults,
}

/// Where a form is sent, and what it is about.
struct Subject {
    action: String,
    title: &'static str,
    people: Option<i64>,
}

fn page(
    visit: &Visit,
    (partner, territory): (PartnerId, &Territory),
    subject: Subject,
    key: String,
    typed: Typed,
    faults: Faults,
) -> FormPage {
    let back = Circonscriptions { partner };
    let mut trail = trail(partner, &territory.partner);
    trail.push(("Circonscriptions".to_owned(), back.to_string()));
    FormPage {
        shell: visit.shell(subject.title),
        key,
        trail,
        action: subject.action,
        back,
        within: territory.within.names().join(", "),
        people: subject.people,
        typed,
        faults,
    }
}

fn creation(path: NewCirconscription) -> Subject {
    Subject { action: path.to_string(), title: "Nouvelle circonscription", people: None }
}

/// The empty form.
pub(super) async fn new(State(app): State<App>, visit: Visit, path: NewCirconscription) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let territory = store::territory(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    let of = (path.partner, &territory);
    let typed = visit.resumed().unwrap_or_default();
    shown(&page(&visit, of, creation(path), new_key(&app), typed, Faults::new()))
}

/// The form as it is sent.
pub(super) async fn create(
    State(app): State<App>,
    visit: Visit,
    path: NewCirconscription,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let territory = store::territory(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let mut faults = Faults::new();
    if let Some(drawn) = typed.read(&territory, &mut faults) {
        match commands::create(&app, &visit, path.partner, &key, &drawn).await? {
            Drawing::Act(act) => return acted(&act),
            other => fail(&other, &drawn, &mut faults),
        }
    }
    refused(&page(&visit, (path.partner, &territory), creation(path), key, typed, faults))
}

fn fail(drawing: &Drawing, drawn: &Drawn, faults: &mut Faults) {
    match drawing {
        Drawing::Act(_) => {}
        Drawing::Taken => faults.push("nom", Fault::CirconscriptionTaken),
        Drawing::Outside => {
            faults.push("lieux", Fault::PerimeterOutside { places: drawn.perimeter.names() });
        }
    }
}

async fn found(app: &App, visit: &Visit, path: Circonscription) -> Result<(Territory, store::Row), Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let territory = store::territory(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    let row = store::one(&mut reader, path.partner, path.circonscription).await?.ok_or(Problem::NotFound)?;
    Ok((territory, row))
}

fn correction(path: Circonscription, people: i64) -> Subject {
    Subject { action: path.to_string(), title: "Corriger la circonscription", people: Some(people) }
}

/// The form, as the circonscription is.
pub(super) async fn edit(State(app): State<App>, visit: Visit, path: Circonscription) -> Answer {
    let (territory, row) = found(&app, &visit, path).await?;
    let lieux = store::perimeter(&row.perimeter)?.lines();
    let known = Typed { nom: row.name, lieux, version: row.version.to_string() };
    let typed = visit.resumed().unwrap_or(known);
    let of = (path.partner, &territory);
    shown(&page(&visit, of, correction(path, row.people), new_key(&app), typed, Faults::new()))
}

/// The form as it is sent.
pub(super) async fn correct(
    State(app): State<App>,
    visit: Visit,
    path: Circonscription,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let (territory, row) = found(&app, &visit, path).await?;
    let version: i64 = typed.version.parse().map_err(|_| Problem::Unreadable)?;
    let mut faults = Faults::new();
    if let Some(drawn) = typed.read(&territory, &mut faults) {
        match commands::correct(&app, &visit, path, &key, version, &drawn).await? {
            Drawing::Act(act) => return acted(&act),
            other => fail(&other, &drawn, &mut faults),
        }
    }
    refused(&page(&visit, (path.partner, &territory), correction(path, row.people), key, typed, faults))
}
