//! The edges: what a request goes through, who passes, how a form is read, what every page shares.
//! No rule of the trade lives here: pages are told what is true, and say it.

pub mod answer;
pub mod arrival;
pub mod assets;
pub mod budget;
pub mod chart;
pub mod choice;
pub mod conditions;
pub mod csv;
pub mod deadline;
pub mod fault;
pub mod file_mark;
pub mod filters;
pub mod form;
pub mod gauge;
pub mod kept_form;
pub mod kit;
pub mod layers;
pub mod page;
pub mod paging;
pub mod paths;
pub mod problem;
pub mod reading;
pub mod routes;
pub mod specimen;
pub mod standing;
pub mod typography;
pub mod visit;
#[cfg(test)]
pub(crate) mod well_made;
