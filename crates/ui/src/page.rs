//! One file for each page: what it shows, and the template that shows it.

pub(crate) mod client;
pub(crate) mod consent;
pub(crate) mod error;
pub(crate) mod expired;
pub(crate) mod form_post;
pub(crate) mod info;
pub(crate) mod login;
pub(crate) mod logout;
