//! Where things are: the départements and communes of France, and the perimeters made of them.
//! The tables are embedded (their origin and licence: `territory/README.md`).

mod perimeter;
mod places;
mod tables;

pub use perimeter::{Perimeter, PerimeterError};
pub use places::PlacesError;
pub use tables::{
    Commune, CommuneCode, Departement, DepartementCode, UnknownCode, commune, communes, departement,
    departements, find_communes,
};
