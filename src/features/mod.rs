//! One slice of the product a module: its pages, its commands, its SQL. A slice never uses another.

pub mod help;
