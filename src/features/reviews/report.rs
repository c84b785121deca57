//! A review as it was transmitted: read from the frozen text, never from rows that moved since, with whether that text
//! is still what was transmitted. It prints as it is shown.

use askama::Template;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;
use time::OffsetDateTime;

use super::lines::places;
use super::proof::is_intact;
use super::store::{self, proof};
use crate::app::App;
use crate::crypto::hex;
use crate::db::DbError;
use crate::db::seal::Covering;
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::PartnerId;
use crate::domain::reviews::{Act, Proof, Right, Verdict, Why};
use crate::domain::time::Timestamp;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters::{self, day_of};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Review, ReviewReport, Reviews, Trace};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// A right, as the report writes it.
pub(super) struct Row {
    pub(super) right: Right,
    pub(super) places: String,
    pub(super) period: String,
    pub(super) granted_on: String,
    /// The day of its last use, in words.
    pub(super) used_on: Option<String>,
    pub(super) decided: Option<(Verdict, Act)>,
    /// The day on which a confirmed right went all the same.
    pub(super) gone_on: Option<String>,
    pub(super) why: Option<Why>,
}

/// A day of the text, as it is read.
fn day(text: &str) -> String {
    Day::parse(text).map_or_else(|| text.to_owned(), day_of)
}

impl Row {
    fn of(right: &Right) -> Self {
        let period = match &right.ends_on {
            Some(end) => format!("du {} au {}", day(&right.starts_on), day(end)),
            None => format!("depuis le {}, sans date de fin", day(&right.starts_on)),
        };
        Self {
            // A text that cannot be read any more is shown as it is: the page says that it is not intact.
            places: places(&right.perimeter).unwrap_or_else(|_| right.perimeter.clone()),
            period,
            granted_on: day(&right.granted_on),
            used_on: right.used_on.as_deref().map(day),
            right: right.clone(),
            decided: None,
            gone_on: None,
            why: None,
        }
    }
}

/// The rights decided on in that way; with none, those that were not decided on.
pub(super) fn rows(proof: &Proof, verdict: Option<Verdict>) -> Vec<Row> {
    let Some(verdict) = verdict else {
        return proof
            .aside
            .iter()
            .map(|aside| Row { why: Some(aside.why), ..Row::of(&aside.right) })
            .collect();
    };
    let of = proof.decisions.iter().filter(|line| line.verdict == verdict);
    of.map(|line| Row {
        decided: Some((line.verdict, line.decided.clone())),
        gone_on: line.gone_on.as_deref().map(day),
        ..Row::of(&line.right)
    })
    .collect()
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self, organism: &str) -> Option<Notice> {
        (self.fait == "transmise").then(|| Notice {
            tone: Tone::Ok,
            title: "C’est fait : votre revue est transmise".to_owned(),
            text: vec![format!(
                "{organism} peut la lire dès maintenant. Rien ne peut plus y être changé, ni par vous ni par elle."
            )],
            links: Vec::new(),
        })
    }
}

#[derive(Template)]
#[template(path = "reviews/report.html")]
struct ReportPage {
    shell: Shell,
    crumbs: Vec<(String, String)>,
    proof: Proof,
    intact: bool,
    digest: String,
    withdrawn: Vec<Row>,
    confirmed: Vec<Row>,
    aside: Vec<Row>,
    witness: Witness,
}

/// The checkpoint of the log that covers the transmission.
struct Witness {
    covering: Covering,
    /// Of the trace, for who may prove it.
    trace: Option<Trace>,
    /// When the checkpoint was signed.
    at: Option<OffsetDateTime>,
}

impl Witness {
    async fn of(
        app: &App,
        visit: &Visit,
        partner: PartnerId,
        transmitted: Timestamp,
    ) -> Result<Self, DbError> {
        let covering = app.db().covering(partner, TRANSMITTED, transmitted).await?;
        let (trace, at) = match &covering {
            Covering::By(trace, signed) => (Some(*trace), Some(signed.at)),
            Covering::Erased(Some(signed)) => (None, Some(signed.at)),
            Covering::Awaited | Covering::Erased(None) => (None, None),
        };
        let may = visit.actor.may(Permission::ProveTraces);
        Ok(Self {
            covering,
            trace: trace.filter(|_| may).map(|trace| Trace { trace }),
            at: at.map(|at| visit.zone.local(at)),
        })
    }
}

/// The code of the fact by which a review is transmitted.
const TRANSMITTED: &str = "review.transmitted";

/// The report.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    path: ReviewReport,
    Query(asked): Query<Asked>,
) -> Answer {
    let ReviewReport { partner, review } = path;
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let kept = proof::kept(&mut reader, partner, review).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let intact = is_intact(&app.kit().keys, partner, review, &kept);
    let proof = Proof::read(&kept.proof)
        .ok_or_else(|| DbError::Defect("a proof that its own reader refuses".to_owned()))?;
    let transmitted = Timestamp::new(proof.transmitted.at);
    let witness = Witness::of(&app, &visit, partner, transmitted).await?;
    let may = |permission| visit.actor.may(permission);
    let mut crumbs = visit.way_to(partner, &employer.legal_name);
    if may(Permission::FollowReviews) {
        crumbs.push(("Revues inverses".to_owned(), Reviews.to_string()));
    } else if may(Permission::ReviewHoldings) {
        crumbs.push(("Revue inverse".to_owned(), Review { partner }.to_string()));
    }
    let page = ReportPage {
        shell: visit.shell_with(
            format!("Revue inverse {} : {}", proof.year, proof.partner),
            asked.notice(&employer.organism),
        ),
        crumbs,
        intact,
        digest: hex(&kept.digest),
        withdrawn: rows(&proof, Some(Verdict::Withdrawn)),
        confirmed: rows(&proof, Some(Verdict::Confirmed)),
        aside: rows(&proof, None),
        witness,
        proof,
    };
    let subject = Some(review.to_string());
    shown(&page).reading(vec![Fact::PageRead { route: ReviewReport::PATH.to_owned(), subject }])
}
