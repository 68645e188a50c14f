//! From a page and its frame to HTML.

use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;

use crate::language::Language;

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
    templates: Environment<'static>,
}

impl Renderer {
    pub fn new() -> Result<Self, UiError> {
        let mut templates = Environment::new();
        templates.add_function("asset_url", |name: &str| crate::asset::served_as(name));
        Ok(Self { templates })
    }

    /// The document for `page`, complete from the doctype on.
    pub fn render<P: Page>(&self, page: &P, frame: &Frame) -> Result<String, UiError> {
        let template = self.templates.get_template(P::TEMPLATE)?;
        Ok(template.render(context! { page => Serde(page), frame => Serde(frame) })?)
    }
}

/// A page that cannot be made. All of these are mistakes of ours, none is of the reader.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UiError {
    #[error("page cannot be rendered")]
    Template(#[from] minijinja::Error),
    #[error("catalogue {language} cannot be read: {problem}")]
    Catalogue { language: &'static str, problem: String },
}
