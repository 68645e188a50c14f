//! A realm's own texts, by language and key.

use std::collections::BTreeMap;

use crate::AdminError;
use crate::error::What;
use crate::permit::Admin;
use crate::realm::settings;

/// The longest key or language that a row has room for in Keycloak.
const MAX_NAME: usize = 255;

type Texts = BTreeMap<String, String>;

/// The languages that have texts.
pub async fn languages(admin: &Admin<'_>) -> Result<Vec<String>, AdminError> {
    Ok(all(admin).await?.into_keys().collect())
}

/// The texts of a language; none where it has none.
pub async fn texts(admin: &Admin<'_>, language: &str) -> Result<Texts, AdminError> {
    Ok(all(admin).await?.remove(language).unwrap_or_default())
}

/// A text of a language.
pub async fn find(admin: &Admin<'_>, language: &str, key: &str) -> Result<String, AdminError> {
    texts(admin, language).await?.remove(key).ok_or(AdminError::NotFound(What::LocalizedText))
}

/// Puts texts beside those of a language, in the place of those with the same keys.
pub async fn save(admin: &Admin<'_>, language: &str, texts: &Texts) -> Result<(), AdminError> {
    for (what, name) in
        std::iter::once(("locale", language)).chain(texts.keys().map(|key| ("key", key.as_str())))
    {
        if name.is_empty() || name.chars().count() > MAX_NAME {
            return Err(AdminError::Invalid(format!("{what}: has 1 to {MAX_NAME} characters")));
        }
    }
    settings::change_realm(admin, |realm| {
        let known = realm.localization_texts.get_or_insert_default().entry(language.to_owned()).or_default();
        known.extend(texts.clone());
        Ok(())
    })
    .await
}

/// Removes a text of a language. The language stays.
pub async fn remove(admin: &Admin<'_>, language: &str, key: &str) -> Result<(), AdminError> {
    settings::change_realm(admin, |realm| {
        let texts = realm.localization_texts.as_mut().and_then(|known| known.get_mut(language));
        let removed = texts.and_then(|texts| texts.remove(key));
        removed.map(drop).ok_or(AdminError::NotFound(What::LocalizedText))
    })
    .await
}

/// Removes a language with its texts.
pub async fn remove_language(admin: &Admin<'_>, language: &str) -> Result<(), AdminError> {
    settings::change_realm(admin, |realm| {
        let removed = realm.localization_texts.as_mut().and_then(|known| known.remove(language));
        let absent = || AdminError::NoTexts(language.to_owned());
        removed.map(drop).ok_or_else(absent)
    })
    .await
}

async fn all(admin: &Admin<'_>) -> Result<BTreeMap<String, Texts>, AdminError> {
    Ok(settings::document(admin).await?.localization_texts.unwrap_or_default())
}
