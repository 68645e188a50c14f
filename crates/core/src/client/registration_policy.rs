//! Registration policies: components of a realm that say who may register what, one file each and one line in
//! [`PROVIDERS`]. They are asked before the client policies, at dynamic registration only.

mod allowed_client_templates;
mod allowed_protocol_mappers;
mod client_disabled;
mod consent_required;
mod max_clients;
mod registration_web_origins;
mod scope;
mod trusted_hosts;

use std::collections::BTreeMap;
use std::sync::Arc;

use sekisho_protocol::RegistrationRefusal;
use sekisho_protocol::keycloak::{ClientRepresentation, ComponentExportRepresentation, RealmRepresentation};

use crate::Realm;
use crate::client::registration_token::Standing;
use crate::policy::effect::ClientEdit;
use crate::policy::lookup::{Findings, Lookup};

/// The type of the components that are registration policies.
pub const PROVIDER_TYPE: &str = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

/// Every registration policy there is, by id.
pub const PROVIDERS: &[Provider] = &[
    allowed_client_templates::PROVIDER,
    allowed_protocol_mappers::PROVIDER,
    client_disabled::PROVIDER,
    consent_required::PROVIDER,
    max_clients::PROVIDER,
    registration_web_origins::PROVIDER,
    scope::PROVIDER,
    trusted_hosts::PROVIDER,
];

/// The configuration of a component: lists of texts by name.
pub type Config = BTreeMap<String, Vec<String>>;

/// A registration policy by its Keycloak id.
pub struct Provider {
    pub id: &'static str,
    pub help: &'static str,
    pub properties: &'static [Property],
    /// Reads its configuration; the error is a sentence for the administrator.
    pub configure: fn(&Config) -> Result<Arc<dyn RegistrationPolicy>, String>,
}

/// A member of a configuration, as forms show it.
pub struct Property {
    pub name: &'static str,
    /// What labels and help texts are called in Keycloak's message bundles.
    pub key: &'static str,
    /// Keycloak's type of the member.
    pub kind: &'static str,
    pub preset: Preset,
    pub options: Options,
}

/// What a form shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    None,
    Switch(bool),
    Text(&'static str),
}

/// What a form offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Options {
    None,
    /// The client scopes of the realm.
    Scopes,
    These(&'static [&'static str]),
}

/// What a registration policy demands.
pub trait RegistrationPolicy: Send + Sync {
    /// Whether somebody at this address may register, read, change or remove a client at all.
    fn admit(&self, _address: &str, _findings: &Findings) -> Admission {
        Admission::Open
    }

    /// What it says to a client that shall be made or changed, or how it changes it.
    ///
    /// # Errors
    /// What the client is told.
    fn judge(&self, _asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        Ok(None)
    }

    /// Origins whose pages may register.
    fn web_origins(&self) -> &[String] {
        &[]
    }

    /// How many clients the realm may have when another one registers.
    fn most_clients(&self) -> Option<i64> {
        None
    }
}

/// What a policy says to somebody at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    Open,
    /// What the client is told.
    Closed(String),
    /// Ask again once this is known.
    Need(Lookup),
}

/// Why somebody at an address may not go on yet.
#[derive(Debug)]
pub enum Stopped {
    Refused(RegistrationRefusal),
    /// Ask again once this is known.
    Need(Lookup),
}

/// A client that shall be made or changed.
pub struct Asked<'a> {
    pub realm: &'a Realm,
    /// As it is now; `None` for a new one.
    pub current: Option<&'a ClientRepresentation>,
    /// What was sent.
    pub sent: &'a ClientRepresentation,
    /// What would come of it. This is what is judged (attack 43).
    pub result: &'a ClientRepresentation,
}

/// The registration policies of a realm.
#[derive(Clone, Default)]
pub struct RegistrationPolicies {
    anonymous: Vec<Bound>,
    authenticated: Vec<Bound>,
}

/// A policy with the name that refusals have for it.
#[derive(Clone)]
struct Bound {
    name: String,
    policy: Arc<dyn RegistrationPolicy>,
}

/// A policy that cannot be read lets nobody pass.
struct Unreadable;

impl RegistrationPolicy for Unreadable {
    fn admit(&self, _: &str, _: &Findings) -> Admission {
        Admission::Closed("The policy is not one that can be followed".to_owned())
    }
}

impl RegistrationPolicies {
    /// The policies that a realm document has.
    pub fn of(realm: &RealmRepresentation) -> Self {
        let components = realm.components.iter().flatten();
        let policies = components.filter(|(kind, _)| *kind == PROVIDER_TYPE).flat_map(|(_, list)| list);
        let mut all = Self::default();
        for component in policies {
            match component.sub_type.as_deref() {
                Some("anonymous") => all.anonymous.push(Bound::of(component)),
                Some("authenticated") => all.authenticated.push(Bound::of(component)),
                _ => {}
            }
        }
        all
    }

    fn about(&self, standing: Standing) -> &[Bound] {
        match standing {
            Standing::Anonymous => &self.anonymous,
            Standing::Authenticated => &self.authenticated,
        }
    }

    /// Whether somebody at this address may do anything here.
    ///
    /// # Errors
    /// The first refusal, or what must be looked up first.
    pub fn admit(&self, standing: Standing, address: &str, findings: &Findings) -> Result<(), Stopped> {
        let mut bound = self.about(standing).iter();
        bound.try_for_each(|bound| match bound.policy.admit(address, findings) {
            Admission::Open => Ok(()),
            Admission::Closed(detail) => Err(Stopped::Refused(bound.refusal(detail))),
            Admission::Need(lookup) => Err(Stopped::Need(lookup)),
        })
    }

    /// What the policies change about a client that shall be made or changed.
    ///
    /// # Errors
    /// The first refusal.
    pub fn judge(
        &self,
        standing: Standing,
        asked: &Asked<'_>,
    ) -> Result<Vec<ClientEdit>, RegistrationRefusal> {
        let mut edits = Vec::new();
        for bound in self.about(standing) {
            edits.extend(bound.policy.judge(asked).map_err(|detail| bound.refusal(detail))?);
        }
        Ok(edits)
    }

    /// Whether a page of this origin may register.
    pub fn allows_origin(&self, standing: Standing, origin: &str) -> bool {
        self.about(standing).iter().any(|bound| names(bound.policy.web_origins(), origin))
    }

    /// Origins whose pages may register, once each.
    pub fn web_origins(&self, standing: Standing) -> Vec<String> {
        let mut origins: Vec<String> =
            self.about(standing).iter().flat_map(|bound| bound.policy.web_origins()).cloned().collect();
        origins.sort();
        origins.dedup();
        origins
    }

    /// How many clients the realm may have, and what is said once it has them.
    pub fn most_clients(&self, standing: Standing) -> Option<(i64, RegistrationRefusal)> {
        let limits = self.about(standing).iter().filter_map(|bound| {
            let most = bound.policy.most_clients()?;
            Some((most, bound.refusal(format!("It's allowed to have max {most} clients per realm"))))
        });
        limits.min_by_key(|(most, _)| *most)
    }
}

impl Bound {
    fn of(component: &ComponentExportRepresentation) -> Self {
        let name = component.name.clone().unwrap_or_default();
        let id = component.provider_id.as_deref().unwrap_or_default();
        let config = component.config.clone().unwrap_or_default();
        let policy = configure(id, &config).unwrap_or_else(|_| Arc::new(Unreadable));
        Self { name, policy }
    }

    fn refusal(&self, detail: String) -> RegistrationRefusal {
        RegistrationRefusal { policy: self.name.clone(), detail }
    }
}

/// A policy with its configuration.
///
/// # Errors
/// A sentence for the administrator.
pub fn configure(id: &str, config: &Config) -> Result<Arc<dyn RegistrationPolicy>, String> {
    let provider = PROVIDERS.iter().find(|provider| provider.id == id);
    let provider = provider.ok_or_else(|| format!("There is no registration policy {id}"))?;
    (provider.configure)(config)
}

/// Whether a list of origins names this one.
pub fn names(origins: &[String], origin: &str) -> bool {
    origins.iter().any(|allowed| allowed == "*" || allowed.trim_end_matches('/') == origin)
}

/// The texts of a configuration's member that are not empty.
fn texts(config: &Config, name: &str) -> Vec<String> {
    config.get(name).into_iter().flatten().filter(|text| !text.is_empty()).cloned().collect()
}

/// A switch of a configuration.
fn switch(config: &Config, name: &str, preset: bool) -> Result<bool, String> {
    match config.get(name).and_then(|values| values.first()).map(String::as_str) {
        None | Some("") => Ok(preset),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(format!("{name} is true or false")),
    }
}

#[cfg(test)]
mod tests;
