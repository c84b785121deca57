//! The decisions of a page of the review. What is confirmed is kept at once; before anything is withdrawn, and before
//! a page is confirmed as a whole, another page says of whom.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;

use super::commands::{self, AT_ONCE};
use super::lines::Line;
use super::store;
use super::store::holdings::{self, Side, View};
use crate::app::App;
use crate::domain::access::Office;
use crate::domain::id::GrantId;
use crate::domain::reviews::Verdict;
use crate::web::answer::{Answer, acted, see_other, shown};
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Review, ReviewDecisions, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// The choice made on a line: its field is named after the grant.
const CHOICE: &str = "d_";

/// What a page sends: one choice a line, and the lines that it shows.
#[derive(Debug, Default)]
struct Choices {
    made: Vec<(GrantId, Verdict)>,
    shown: Vec<GrantId>,
    /// The whole page is to be confirmed, but for what stands alone.
    whole: bool,
    /// The consequences were read.
    sure: bool,
    view: String,
}

impl Choices {
    fn read(fields: Vec<(String, String)>) -> Result<Self, Problem> {
        let mut choices = Self::default();
        for (name, value) in fields {
            match (name.strip_prefix(CHOICE).map(str::parse), name.as_str()) {
                (Some(Ok(grant)), _) => match value.as_str() {
                    "confirmer" => choices.made.push((grant, Verdict::Confirmed)),
                    "retirer" => choices.made.push((grant, Verdict::Withdrawn)),
                    _ => {}
                },
                (None, "ligne") => choices.shown.extend(value.parse::<GrantId>().ok()),
                (None, "geste") => choices.whole = value == "page",
                (None, "etape") => choices.sure = value == "sur",
                (None, "vue") => View::parse(&value).code().clone_into(&mut choices.view),
                _ => {}
            }
        }
        if choices.made.len() > AT_ONCE || choices.shown.len() > AT_ONCE {
            return Err(Problem::Unreadable);
        }
        Ok(choices)
    }

    fn chose(&self, grant: GrantId) -> bool {
        self.made.iter().any(|(chosen, _)| *chosen == grant)
    }

    fn withdraws(&self) -> bool {
        self.made.iter().any(|(_, verdict)| *verdict == Verdict::Withdrawn)
    }
}

#[derive(Template)]
#[template(path = "reviews/sure.html")]
struct SurePage {
    shell: Shell,
    key: String,
    path: ReviewDecisions,
    back: String,
    view: String,
    year: i32,
    withdrawn: Vec<Line>,
    confirmed: Vec<Line>,
    /// Lines of the page that only a choice of their own confirms.
    left: usize,
}

impl SurePage {
    fn verb(&self) -> String {
        let (withdrawn, confirmed) = (self.withdrawn.len(), self.confirmed.len());
        let rights = |count| if count > 1 { "habilitations" } else { "habilitation" };
        match (withdrawn, confirmed) {
            (0, _) => format!("Confirmer {confirmed} {}", rights(confirmed)),
            (_, 0) => format!("Retirer {withdrawn} {}", rights(withdrawn)),
            _ => format!("Retirer {withdrawn} {} et en confirmer {confirmed}", rights(withdrawn)),
        }
    }
}

/// The page that says of whom.
async fn sure(app: &App, visit: &Visit, path: ReviewDecisions, choices: &Choices) -> Answer {
    let partner = path.partner;
    let mut reader = app.read(&visit.actor).await?;
    store::employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let review = store::open(&mut reader, partner).await?;
    let review = review.ok_or_else(|| Problem::Stale { href: Review { partner }.to_string() })?;
    let look = commands::look(partner, &review, &visit.zone, visit.now);
    let (mut withdrawn, mut confirmed, mut left) = (Vec::new(), Vec::new(), 0);
    let whole = choices.shown.iter().filter(|_| choices.whole).map(|grant| (*grant, None));
    let made = choices.made.iter().map(|(grant, verdict)| (*grant, Some(*verdict)));
    for (grant, verdict) in made.chain(whole.filter(|(grant, _)| !choices.chose(*grant))) {
        let Some(holding) = holdings::one(&mut reader, &look, grant).await? else { continue };
        if holding.office != Office::User {
            return Err(Problem::NotFound);
        }
        let group = holding.group().filter(|_| verdict == Some(Verdict::Withdrawn));
        let lost = match group {
            // Whoever leaves a group loses all that it gives him.
            Some(group) => holdings::by_group(&mut reader, &look, holding.account_id, group.id).await?,
            None => vec![holding],
        };
        for holding in lost {
            let line = Line::of(holding, review.opened_at, &visit.zone, look.today, partner)?;
            match verdict {
                Some(Verdict::Withdrawn) => withdrawn.push(line),
                None if line.alone => left += 1,
                Some(Verdict::Confirmed) | None => confirmed.push(line),
            }
        }
    }
    drop(reader);
    let mut seen = BTreeSet::new();
    withdrawn.retain(|line: &Line| seen.insert(line.grant));
    confirmed.retain(|line: &Line| !seen.contains(&line.grant));
    let back = format!("{}?vue={}", Review { partner }, choices.view);
    if withdrawn.is_empty() && confirmed.is_empty() {
        return see_other(&told(&Review { partner }, "rien"));
    }
    let title =
        if withdrawn.is_empty() { "Confirmer ces habilitations ?" } else { "Retirer ces habilitations ?" };
    shown(&SurePage {
        shell: visit.shell(title),
        key: new_key(app),
        path,
        back,
        view: choices.view.clone(),
        year: review.year,
        withdrawn,
        confirmed,
        left,
    })
}

/// Keeps the decisions, once their consequences are known.
pub(super) async fn decide(
    State(app): State<App>,
    visit: Visit,
    path: ReviewDecisions,
    Sent { key, fields }: Sent<Vec<(String, String)>>,
) -> Answer {
    let choices = Choices::read(fields)?;
    if (choices.whole || choices.withdraws()) && !choices.sure {
        return sure(&app, &visit, path, &choices).await;
    }
    let page = Review { partner: path.partner };
    let location = format!("{}&vue={}", told(&page, "decide"), choices.view);
    let kept = commands::decide(&app, &visit, Side::People, path.partner, &key, (&choices.made, location));
    match kept.await? {
        Some(act) => acted(&act),
        None => see_other(&told(&page, "rien")),
    }
}
