//! Pages as structs, HTML as the result: templates, words in every language and the files they link to.
//!
//! Nothing here knows a realm, a store or a request. A caller fills a page, says in which [`Frame`] it
//! stands and gets a document; times and dates arrive as text.

mod asset;
mod catalogue;
mod filter;
mod language;
mod page;
mod render;
mod template;

pub use asset::{ASSET_PREFIX, Asset, asset};
pub use language::Language;
pub use page::client::{ClientLabel, quoted};
pub use page::consent::{
    ClientIdentity, ConsentPage, KnownScope, RedirectTarget, ResourceLabel, ScopeChoice, ScopeKind,
    Verification,
};
pub use page::error::{ErrorKind, ErrorPage};
pub use page::expired::ExpiredPage;
pub use page::form_post::FormPostPage;
pub use page::info::{InfoKind, InfoPage};
pub use page::login::{LoginFailure, LoginPage};
pub use page::logout::LogoutPage;
pub use render::{Frame, LanguageLink, Page, Renderer, UiError};
