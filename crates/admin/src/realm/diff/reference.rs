//! Secrets by reference: `${env:NAME}` and `${file:path}` in the place of a secret, so that a file can be kept
//! where others read it.

use sekisho_core::secrets;
use sekisho_protocol::keycloak::RealmRepresentation;
use serde_json::Value;

use super::member::readable;
use crate::AdminError;
use crate::error::Fault;

/// Where a secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A variable of the environment.
    Environment(&'a str),
    /// A file, relative to the one that names it.
    File(&'a str),
}

/// The document with the secrets that it refers to, and the places of those that stand in it themselves.
///
/// # Errors
/// The first reference that leads nowhere, with its place; `find` says why.
pub fn resolve(
    document: &RealmRepresentation,
    find: impl Fn(Reference<'_>) -> Result<String, String>,
) -> Result<(RealmRepresentation, Vec<String>), AdminError> {
    let unwritable = || AdminError::Unwritable("realm");
    let mut document = serde_json::to_value(document).map_err(|_| unwritable())?;
    let mut found = secrets::take(&mut document);
    refuse_elsewhere(&document, "")?;
    let mut literal = Vec::new();
    for (place, secret) in &mut found {
        match Reference::parse(secret) {
            Ok(Some(reference)) => {
                let text = secret.clone();
                *secret = find(reference).map_err(|reason| refused(place, format!("{text}: {reason}")))?;
            }
            Ok(None) if secrets::is_hidden(secret) => {}
            Ok(None) => literal.push(readable(place)),
            Err(reason) => return Err(refused(place, reason)),
        }
    }
    secrets::put_back(&mut document, &found).ok_or_else(unwritable)?;
    Ok((serde_json::from_value(document).map_err(|_| unwritable())?, literal))
}

impl<'a> Reference<'a> {
    /// `None` for a secret that stands there itself.
    fn parse(text: &'a str) -> Result<Option<Self>, String> {
        let Some(inner) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
            return if is_reference(text) {
                Err("a reference stands alone in its place".to_owned())
            } else {
                Ok(None)
            };
        };
        match inner.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Some(Self::Environment(name))),
            Some(("file", path)) if !path.is_empty() => Ok(Some(Self::File(path))),
            _ => Err("a reference is ${env:NAME} or ${file:path}".to_owned()),
        }
    }
}

fn is_reference(text: &str) -> bool {
    text.contains("${env:") || text.contains("${file:")
}

/// A reference in another place would be taken for the text that it is.
fn refuse_elsewhere(value: &Value, at: &str) -> Result<(), AdminError> {
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            refuse_elsewhere(member, &format!("{at}/{}", name.replace('/', "~1")))
        }),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .try_for_each(|(index, element)| refuse_elsewhere(element, &format!("{at}/{index}"))),
        Value::String(text) if is_reference(text) => {
            Err(refused(at, format!("{text}: only a secret may stand elsewhere")))
        }
        _ => Ok(()),
    }
}

fn refused(pointer: &str, reason: String) -> AdminError {
    AdminError::Document { place: readable(pointer), fault: Fault::Reference(reason) }
}
