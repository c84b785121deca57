//! What every home page begins with: forms that wait to be finished, and when the person was here before.

use super::store::{self, KeptForm};
use crate::db::{DbError, Reader};
use crate::web::kept_form::{form_at, resuming};
use crate::web::paths::EraseForm;
use crate::web::standing::moment;
use crate::web::visit::Visit;

/// The beginning of a home page.
pub(super) struct Welcome {
    pub(super) unfinished: Vec<Unfinished>,
    /// The sign-in before this one; none the first time.
    pub(super) before: Option<String>,
}

/// A form that was kept.
pub(super) struct Unfinished {
    pub(super) act: &'static str,
    pub(super) left: String,
    pub(super) resume: String,
    pub(super) erase: EraseForm,
}

/// Reads it.
pub(super) async fn welcome(reader: &mut Reader, visit: &Visit) -> Result<Welcome, DbError> {
    let kept = store::kept_forms(reader, visit.now).await?;
    let moment = |at| moment(at, &visit.zone, visit.today());
    let unfinished = |form: KeptForm| {
        let (_, act) = form_at(&form.path)?;
        let resume = resuming(&form.path, form.id);
        Some(Unfinished { act, left: moment(form.kept_at), resume, erase: EraseForm { form: form.id } })
    };
    Ok(Welcome {
        unfinished: kept.into_iter().filter_map(unfinished).collect(),
        before: visit.signed_in_before_at.map(moment),
    })
}
