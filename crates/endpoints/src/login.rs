//! Login steps: each is a POST that returns to `interaction::drive`; steps never lead to one another.

pub mod consent;
pub mod password;
pub mod sign_in;
