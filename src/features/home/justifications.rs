//! What the organism asks a partner to justify: it waits on the home page of who administers it, but for his own case.

use super::Decision;
use crate::db::{DbError, FromRow, Reader};
use crate::domain::day::Day;
use crate::domain::id::JustificationId;
use crate::web::filters::day_of;
use crate::web::paths::Justification;

/// A request that waits for an answer.
#[derive(FromRow)]
struct Waiting {
    id: JustificationId,
    person: String,
    day: Day,
    due_on: Day,
}

/// Those that wait, the most pressing first.
pub(super) async fn awaited(reader: &mut Reader, today: Day) -> Result<Vec<Decision>, DbError> {
    let me = reader.visible().account();
    let waiting: Vec<Waiting> = reader
        .select(
            "SELECT j.id, a.given_name || ' ' || a.surname AS person, j.day, j.due_on FROM justification j \
             JOIN account a ON a.id = j.account_id WHERE j.organism_id = $1 AND j.partner_id = $2 \
             AND j.account_id <> $3 AND j.answered_at IS NULL ORDER BY j.due_on, j.id LIMIT 20",
        )
        .bind(me)
        .fetch_all()
        .await?;
    Ok(waiting.into_iter().map(|request| decision(&request, today)).collect())
}

fn decision(request: &Waiting, today: Day) -> Decision {
    let late = request.due_on < today;
    Decision {
        tone: if late { "bad" } else { "warn" },
        delay: if late { "En retard".to_owned() } else { format!("Avant le {}", day_of(request.due_on)) },
        kind: "Demande de justification",
        fact: format!("L’organisme vous interroge sur {}", request.person),
        cause: format!(
            "Sur ce que cette personne a fait ici le {}. Votre réponse est attendue.",
            day_of(request.day)
        ),
        href: Justification { justification: request.id }.to_string(),
        act: "Répondre",
    }
}
