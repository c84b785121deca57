//! Use, month by month (004 art. 7): what was counted from the traces, for the organism of all its partners, for a
//! partner of its own people. Nobody is told apart there. What one person did is another page, the auditor's, who says
//! why he asks; asking is traced under that person's name.
//!
//! `asked` reads what is asked for, `store` the rows, `figures` says them, `pages` shows them, `file` gives them away,
//! `statements` shows again what was mailed of them, `person` counts one person.

mod asked;
mod figures;
mod file;
mod pages;
mod person;
mod statements;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{PersonStatistics, Statements, Statistics, StatisticsFile};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let all = Access::Needs(Permission::ReadStatistics);
    let one = Access::Needs(Permission::CountOnePerson);
    routes
        .get(Statistics::PATH, all, pages::show)
        .get(StatisticsFile::PATH, all, file::give)
        .get(Statements::PATH, all, statements::show)
        .get(PersonStatistics::PATH, one, person::ask)
        .post(PersonStatistics::PATH, one, person::count)
}
