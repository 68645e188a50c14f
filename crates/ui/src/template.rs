//! Templates compiled in, and what they may call: `t` and `has_text` for words, `asset_url`, `icon`,
//! `language_name`.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::catalogue::Catalogue;
use crate::language::Language;
use crate::render::UiError;
use crate::{asset, filter};

const TEMPLATES: &[(&str, &str)] = &[
    ("gate.html", include_str!("../templates/gate.html")),
    ("consent.html", include_str!("../templates/consent.html")),
    ("error.html", include_str!("../templates/error.html")),
    ("expired.html", include_str!("../templates/expired.html")),
    ("form-post.html", include_str!("../templates/form-post.html")),
    ("info.html", include_str!("../templates/info.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("login-form.html", include_str!("../templates/login-form.html")),
    ("login-locked.html", include_str!("../templates/login-locked.html")),
    ("logout.html", include_str!("../templates/logout.html")),
];

const ICONS: &str = include_str!("../templates/icons.svg");

/// Everything pages in one language need.
pub(crate) fn environment(language: Language, base_path: &Arc<str>) -> Result<Environment<'static>, UiError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(filter::format);
    environment.add_filter("breakable", filter::breakable);
    environment.add_filter("isolated", filter::isolated);
    environment.add_filter("link", filter::link);
    environment.add_filter("marked", filter::marked);
    add_words(&mut environment, Arc::new(Catalogue::load(language)?));
    let base_path = Arc::clone(base_path);
    environment.add_function("asset_url", move |name: &str| asset_url(&base_path, name));
    environment.add_function("icon", icon);
    environment.add_function("language_name", |tag: &str| Language::find(tag).map(Language::name));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

fn add_words(environment: &mut Environment<'static>, catalogue: Arc<Catalogue>) {
    let words = Arc::clone(&catalogue);
    environment.add_function("t", move |id: &str, values: Kwargs| text(&words, id, &values));
    environment.add_function("has_text", move |id: &str| catalogue.has(id));
}

/// `t("login-question", realm=…)`: HTML, whatever is put in escaped.
fn text(catalogue: &Catalogue, id: &str, values: &Kwargs) -> Result<Value, Error> {
    let mut arguments = FluentArgs::new();
    for name in values.args() {
        arguments.set(name.to_owned(), argument(id, name, &values.get(name)?)?);
    }
    catalogue.text(id, &arguments).map(Value::from_safe_string).map_err(wrong)
}

fn argument(id: &str, name: &str, value: &Value) -> Result<FluentValue<'static>, Error> {
    if value.is_undefined() || value.is_none() {
        return Err(wrong(format!("text {id}: nothing for {name}")));
    }
    Ok(match value.as_i64() {
        Some(number) => FluentValue::from(number),
        None => FluentValue::from(filter::html_of(value)),
    })
}

fn asset_url(base_path: &str, name: &str) -> Result<String, Error> {
    let served_as = asset::served_as(name).ok_or_else(|| wrong(format!("no asset {name}")))?;
    Ok(format!("{base_path}{}{served_as}", asset::ASSET_PREFIX))
}

/// A symbol of the sprite, drawn in place: it takes the colour of its text, and needs no request.
fn icon(name: &str) -> Result<Value, Error> {
    let start = format!("<symbol id=\"{name}\" viewBox=\"0 0 16 16\">");
    let drawing = ICONS.split_once(&start).and_then(|(_, rest)| rest.split_once("</symbol>"));
    let (drawing, _) = drawing.ok_or_else(|| wrong(format!("no icon {name}")))?;
    Ok(Value::from_safe_string(format!(
        r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{drawing}</svg>"#
    )))
}

fn wrong(problem: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem)
}
