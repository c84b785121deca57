//! Erasing files: a day after they were ready, and at once what a failure left of one.

use super::{JOB, store};
use crate::app::App;
use crate::db::Refused;
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::Fact;

/// Erases what is due; gives how many exports went.
pub async fn erase_due(app: &App) -> Result<u64, Refused> {
    let mut reader = app.read(&app.job(JOB, None)).await?;
    let expired = store::expired(&mut reader, app.now()).await?;
    let left = store::left_by_failures(&mut reader).await?;
    drop(reader);
    for (id,) in left {
        app.db().erase_export_pieces(id).await?;
    }
    let mut erased = 0;
    for export in expired {
        app.db().erase_export_pieces(export.id).await?;
        let organism = export.organism_id;
        let job = app.job(JOB, Some(organism));
        let mut tx = app.write(&job).await?.permit(Permission::PrepareExports, Scope::Organism(organism))?;
        if store::erase(&mut tx, export.id).await? {
            let (account, partner) = (export.account_id, export.partner_id);
            let _receipt =
                tx.commit([Fact::TraceExportErased { export: export.id, account, partner }]).await?;
            erased += 1;
        }
    }
    Ok(erased)
}
