//! A stored password in Keycloak's form: `credentialData` says how, `secretData` holds salt and value.

use std::{fmt, str::FromStr};

use aws_lc_rs::constant_time;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    Password,
    parameters::{Argon2Parameters, Digest, Parameters, ParametersError, Pbkdf2Parameters, Variant, Version},
};
use crate::hashing::{Blocks, HashError, derive};

/// A hash and how it was made; enough to check a password, so it is never printed.
#[derive(Clone)]
pub struct StoredPassword(Form);

/// What is wrong with the stored form. Says nothing of the secret part.
#[derive(Debug, thiserror::Error)]
pub enum StoredPasswordError {
    /// `credentialData` is not what Keycloak writes.
    #[error("credentialData is not readable")]
    CredentialData(#[source] serde_json::Error),
    /// `secretData` is not what Keycloak writes. No source: its message could quote the hash.
    #[error("secretData is not readable")]
    SecretData,
    /// Made by a plugin we do not know.
    #[error("password hash algorithm {0:?} is not known")]
    AlgorithmUnknown(String),
    /// A parameter of the algorithm is missing or not one of its values.
    #[error("password hash parameter {0} is missing or not readable")]
    Parameter(&'static str),
    /// The parameters are refused.
    #[error(transparent)]
    Bounds(#[from] ParametersError),
}

#[derive(Clone)]
enum Form {
    Derived {
        parameters: Parameters,
        salt: Vec<u8>,
        value: Vec<u8>,
    },
    /// The plugins for it keep the whole crypt string in `value`; `hashIterations` is kept for the way
    /// back, though the string has the cost.
    Bcrypt {
        crypt: String,
        iterations: i64,
    },
}

/// Would this hash be made differently today? Then it is replaced once the password is known.
pub fn needs_upgrade(stored: &StoredPassword, wanted: &Parameters) -> bool {
    match &stored.0 {
        Form::Derived { parameters, .. } => parameters != wanted,
        Form::Bcrypt { .. } => true,
    }
}

impl StoredPassword {
    /// Reads the two JSON strings of a credential.
    pub fn parse(credential_data: &str, secret_data: &str) -> Result<Self, StoredPasswordError> {
        let how: CredentialData =
            serde_json::from_str(credential_data).map_err(StoredPasswordError::CredentialData)?;
        let secret: SecretData =
            serde_json::from_str(secret_data).map_err(|_| StoredPasswordError::SecretData)?;
        match how.algorithm.as_str() {
            "argon2" => argon2(&how, &secret).map(Self),
            "bcrypt" => bcrypt(&how, secret).map(Self),
            algorithm => match Digest::find(algorithm) {
                Some(digest) => pbkdf2(digest, &how, &secret).map(Self),
                None => Err(StoredPasswordError::AlgorithmUnknown(how.algorithm)),
            },
        }
    }

    /// How it was made, as Keycloak writes it.
    pub fn credential_data(&self) -> String {
        let how = match &self.0 {
            Form::Derived { parameters: Parameters::Argon2(argon2), .. } => CredentialData::of_argon2(argon2),
            Form::Derived { parameters: Parameters::Pbkdf2(pbkdf2), .. } => {
                CredentialData::plain(pbkdf2.digest.algorithm(), pbkdf2.iterations.into())
            }
            Form::Bcrypt { iterations, .. } => CredentialData::plain("bcrypt", *iterations),
        };
        written(&how)
    }

    /// Salt and value, as Keycloak writes them.
    pub fn secret_data(&self) -> String {
        let (value, salt) = match &self.0 {
            Form::Derived { value, salt, .. } => {
                (BASE64_STANDARD.encode(value), BASE64_STANDARD.encode(salt))
            }
            Form::Bcrypt { crypt, .. } => (crypt.clone(), String::new()),
        };
        written(&SecretData { value, salt: Some(salt), additional_parameters: Nothing {} })
    }

    pub(crate) fn make(
        password: &Password,
        parameters: Parameters,
        salt: [u8; 16],
        blocks: &mut Blocks,
    ) -> Result<Self, HashError> {
        let value = derive(&parameters, password.as_bytes(), &salt, blocks)?;
        Ok(Self(Form::Derived { parameters, salt: salt.to_vec(), value }))
    }

    /// Compares in constant time.
    pub(crate) fn matches(&self, password: &Password, blocks: &mut Blocks) -> Result<bool, HashError> {
        match &self.0 {
            Form::Derived { parameters, salt, value } => {
                let derived = derive(parameters, password.as_bytes(), salt, blocks)?;
                Ok(constant_time::verify_slices_are_equal(&derived, value).is_ok())
            }
            Form::Bcrypt { crypt, .. } => {
                ::bcrypt::verify(password.as_bytes(), crypt).map_err(|_| HashError::Refused)
            }
        }
    }
}

impl fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredPassword")
            .field("credential_data", &self.credential_data())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    #[serde(default)]
    hash_iterations: Option<i64>,
    algorithm: String,
    #[serde(default)]
    additional_parameters: Option<AdditionalParameters>,
}

/// In the order in which Keycloak's hash map lists them: an export of ours equals one of Keycloak's.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AdditionalParameters {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hash_length: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    memory: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    r#type: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parallelism: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretData {
    value: String,
    #[serde(default)]
    salt: Option<String>,
    #[serde(default, skip_deserializing)]
    additional_parameters: Nothing,
}

#[derive(Default, Serialize)]
struct Nothing {}

impl CredentialData {
    fn plain(algorithm: &str, iterations: i64) -> Self {
        Self {
            hash_iterations: Some(iterations),
            algorithm: algorithm.to_owned(),
            additional_parameters: Some(AdditionalParameters::default()),
        }
    }

    fn of_argon2(parameters: &Argon2Parameters) -> Self {
        let additional = AdditionalParameters {
            hash_length: vec![parameters.hash_length.to_string()],
            memory: vec![parameters.memory_kib.to_string()],
            r#type: vec![parameters.variant.name().to_owned()],
            version: vec![parameters.version.name().to_owned()],
            parallelism: vec![parameters.parallelism.to_string()],
        };
        Self {
            additional_parameters: Some(additional),
            ..Self::plain("argon2", parameters.iterations.into())
        }
    }

    fn iterations(&self) -> Result<u32, StoredPasswordError> {
        let iterations = self.hash_iterations.and_then(|iterations| u32::try_from(iterations).ok());
        iterations.ok_or(StoredPasswordError::Parameter("hashIterations"))
    }
}

impl SecretData {
    fn value(&self) -> Result<Vec<u8>, StoredPasswordError> {
        BASE64_STANDARD.decode(&self.value).map_err(|_| StoredPasswordError::SecretData)
    }

    /// Of at least `bytes` bytes.
    fn salt(&self, bytes: usize) -> Result<Vec<u8>, StoredPasswordError> {
        let salt = self.salt.as_deref().and_then(|salt| BASE64_STANDARD.decode(salt).ok());
        salt.filter(|salt| salt.len() >= bytes).ok_or(StoredPasswordError::SecretData)
    }
}

fn argon2(how: &CredentialData, secret: &SecretData) -> Result<Form, StoredPasswordError> {
    let none = AdditionalParameters::default();
    let additional = how.additional_parameters.as_ref().unwrap_or(&none);
    let parameters = Argon2Parameters {
        variant: first("type", &additional.r#type, Variant::find)?,
        version: first("version", &additional.version, Version::find)?,
        memory_kib: number("memory", &additional.memory)?,
        iterations: how.iterations()?,
        parallelism: number("parallelism", &additional.parallelism)?,
        hash_length: number("hashLength", &additional.hash_length)?,
    };
    let parameters = parameters.check()?;
    let value = secret.value()?;
    if value.len() != parameters.hash_length {
        return Err(StoredPasswordError::SecretData);
    }
    let salt = secret.salt(::argon2::MIN_SALT_LEN)?;
    Ok(Form::Derived { parameters: Parameters::Argon2(parameters), salt, value })
}

/// Keycloak takes the length from the stored value, and so do we: 27 500 rounds of SHA-256 come with 64
/// bytes from old servers and with 32 from newer ones.
fn pbkdf2(digest: Digest, how: &CredentialData, secret: &SecretData) -> Result<Form, StoredPasswordError> {
    let value = secret.value()?;
    let parameters = Pbkdf2Parameters { digest, iterations: how.iterations()?, hash_length: value.len() };
    let parameters = Parameters::Pbkdf2(parameters.check()?);
    Ok(Form::Derived { parameters, salt: secret.salt(1)?, value })
}

const MAX_BCRYPT_COST: u32 = 16;

fn bcrypt(how: &CredentialData, secret: SecretData) -> Result<Form, StoredPasswordError> {
    let parts = ::bcrypt::HashParts::from_str(&secret.value).map_err(|_| StoredPasswordError::SecretData)?;
    match parts.get_cost() {
        0..4 => Err(ParametersError::TooCheap.into()),
        4..=MAX_BCRYPT_COST => {
            Ok(Form::Bcrypt { crypt: secret.value, iterations: how.hash_iterations.unwrap_or(-1) })
        }
        _ => Err(ParametersError::TooCostly.into()),
    }
}

fn number<T: FromStr>(name: &'static str, values: &[String]) -> Result<T, StoredPasswordError> {
    first(name, values, |value| value.parse().ok())
}

fn first<T>(
    name: &'static str,
    values: &[String],
    find: impl Fn(&str) -> Option<T>,
) -> Result<T, StoredPasswordError> {
    values.first().and_then(|value| find(value)).ok_or(StoredPasswordError::Parameter(name))
}

/// Structs of strings and numbers always serialise.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
