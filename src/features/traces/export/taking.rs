//! Taking a file away: by who asked for it, as long as he may, for a day. Each time leaves its trace before the first byte.
//! The file is read piece by piece as it leaves.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use futures_util::stream::try_unfold;

use super::pages::{is_ready, own};
use super::preparing::may_have;
use super::store;
use crate::app::App;
use crate::db::{Db, DbError};
use crate::domain::facts::Fact;
use crate::domain::id::TraceExportId;
use crate::domain::trace_export::Format;
use crate::web::answer::{Answer, Tracing as _};
use crate::web::paths::TraceExportFile;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// The file.
pub(super) async fn take(State(app): State<App>, visit: Visit, path: TraceExportFile) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let found = store::one(&mut reader, path.export, own(&visit)?, visit.now).await?;
    drop(reader);
    let export = found
        .filter(|export| is_ready(export) && may_have(&visit.actor, export.format))
        .ok_or(Problem::NotFound)?;
    let name = format!("traces-{}-{}.{}", export.from_day, export.to_day, export.format.code());
    let headers = [
        (header::CONTENT_TYPE, kind(export.format).to_owned()),
        (header::CONTENT_LENGTH, export.bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let body = pieces(app.db().clone(), export.id, export.pieces);
    let fact = Fact::TraceExportTaken { export: export.id, traces: export.traces.unsigned_abs() };
    Ok((headers, body).into_response()).reading(vec![fact])
}

fn kind(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Proof => "application/x-ndjson",
    }
}

fn pieces(db: Db, id: TraceExportId, count: i32) -> Body {
    Body::from_stream(try_unfold((db, 0), move |(db, number)| async move {
        if number >= count {
            return Ok::<_, DbError>(None);
        }
        let piece = db.export_piece(id, number).await?;
        Ok(Some((Bytes::from(piece), (db, number + 1))))
    }))
}
