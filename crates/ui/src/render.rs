//! From a page and its frame to HTML.

use std::sync::Arc;

use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;

use crate::language::Language;
use crate::template;

/// A document: what it shows is the struct, how is the template.
pub trait Page: Serialize {
    const TEMPLATE: &'static str;
}

/// What every page has around it.
#[derive(Serialize)]
pub struct Frame<'a> {
    /// The realm's display name.
    pub realm_title: &'a str,
    pub language: Language,
    /// The page in each language; no switch where empty.
    pub language_links: Vec<LanguageLink>,
    /// Where the realm's name leads, if anywhere.
    pub home: Option<&'a str>,
}

/// Where this page is in a language.
#[derive(Clone, Serialize)]
pub struct LanguageLink {
    pub language: Language,
    pub url: String,
}

/// Templates and words, read once.
pub struct Renderer {
    english: Environment<'static>,
    japanese: Environment<'static>,
}

impl Renderer {
    /// For a server whose assets are under [`ASSET_PREFIX`](crate::ASSET_PREFIX).
    pub fn new() -> Result<Self, UiError> {
        Self::at("")
    }

    /// For one that is reached below a path ("/auth").
    pub fn at(base_path: &str) -> Result<Self, UiError> {
        let base_path: Arc<str> = base_path.trim_end_matches('/').into();
        Ok(Self {
            english: template::environment(Language::English, &base_path)?,
            japanese: template::environment(Language::Japanese, &base_path)?,
        })
    }

    /// The document for `page`, complete from the doctype on.
    pub fn render<P: Page>(&self, page: &P, frame: &Frame) -> Result<String, UiError> {
        let environment = match frame.language {
            Language::English => &self.english,
            Language::Japanese => &self.japanese,
        };
        let shown = context! { page => Serde(page), frame => Serde(frame) };
        Ok(environment.get_template(P::TEMPLATE)?.render(shown)?)
    }
}

/// A page that cannot be made: a mistake of ours, or a link that would run script.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UiError {
    #[error("page cannot be rendered")]
    Template(#[from] minijinja::Error),
    #[error("catalogue {language} cannot be read: {problem}")]
    Catalogue { language: &'static str, problem: String },
}
