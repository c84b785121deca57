//! How a person or an office is reached: a mail address, a telephone number.

mod mail;
mod phone;

pub use mail::{MailAddress, MailError};
pub use phone::{Phone, PhoneError};
