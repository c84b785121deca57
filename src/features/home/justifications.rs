//! What the organism asks a partner to justify: it waits on the home page of who administers it, but for his own case.

use super::Decision;
use super::store::{self, AwaitedJustification};
use crate::db::{DbError, Reader};
use crate::domain::day::Day;
use crate::web::deadline::time_left;
use crate::web::filters::day_of;
use crate::web::paths::Justification;

/// Those that wait, the most pressing first.
pub(super) async fn awaited(reader: &mut Reader, today: Day) -> Result<Vec<Decision>, DbError> {
    let awaited = store::awaited_justifications(reader).await?;
    Ok(awaited.iter().map(|request| decision(request, today)).collect())
}

fn decision(request: &AwaitedJustification, today: Day) -> Decision {
    let (tone, delay) = time_left(request.due_on, today);
    Decision {
        tone,
        delay,
        kind: "Demande de justification",
        fact: format!("L’organisme vous interroge sur {}", request.person),
        cause: format!(
            "Sur ce que cette personne a fait ici le {}. Réponse attendue avant le {}.",
            day_of(request.day),
            day_of(request.due_on)
        ),
        href: Justification { justification: request.id }.to_string(),
        act: "Répondre",
    }
}
