//! Puts a guard together, and refuses what could not protect.

use std::collections::BTreeMap;
use std::sync::Arc;

use sekisho_jose::Algorithm;
use sekisho_outbound::{AddressError, Client, Configured, Options, OutboundError};
use sekisho_protocol::{Clock, Scopes};
use url::Url;

use crate::clock::SystemClock;
use crate::guard::{Guard, Rules};
use crate::metadata::{Metadata, ProtectedResource, Root};
use crate::origin::Origins;
use crate::verifier::{Acceptance, HeaderType, Verifier};

/// Why a guard cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The resource is not an absolute `http` or `https` URL without query and fragment.
    #[error("the resource is not the URL of a service")]
    Resource,
    /// No issuer was named.
    #[error("no issuer is named")]
    IssuerMissing,
    /// The issuer is not an absolute `http` or `https` URL.
    #[error("the issuer cannot be used: {0}")]
    Issuer(#[from] AddressError),
    /// Not a scope token (RFC 6749 §3.3), or `offline_access`, which is no business of a resource.
    #[error("{0:?} cannot be required as a scope")]
    Scope(String),
    /// Not an origin as browsers send it: scheme, host, port.
    #[error("{0:?} is not an origin")]
    Origin(String),
    /// A symmetric algorithm: whoever can verify with it can sign.
    #[error("{0} is not for resource servers")]
    Algorithm(Algorithm),
    /// No HTTP client could be made to fetch keys with.
    #[error("keys cannot be fetched: {0}")]
    Outbound(#[from] OutboundError),
}

/// Collects what a [`Guard`] needs to know. Only resource and issuer have no default.
#[must_use]
pub struct GuardBuilder {
    resource: String,
    issuer: Option<String>,
    audiences: Vec<String>,
    algorithms: Option<Vec<Algorithm>>,
    header_type: HeaderType,
    leeway_seconds: Option<i64>,
    scopes: Vec<String>,
    tools: Vec<(String, Vec<String>)>,
    implied: Vec<(String, Vec<String>)>,
    origins: Vec<String>,
    resource_name: Option<String>,
    resource_documentation: Option<String>,
    root: Root,
    body_limit: usize,
    client: Option<Client>,
    clock: Arc<dyn Clock>,
}

impl GuardBuilder {
    pub(crate) fn new(resource: String) -> Self {
        Self {
            resource,
            issuer: None,
            audiences: Vec::new(),
            algorithms: None,
            header_type: HeaderType::Required,
            leeway_seconds: None,
            scopes: Vec::new(),
            tools: Vec::new(),
            implied: Vec::new(),
            origins: Vec::new(),
            resource_name: None,
            resource_documentation: None,
            root: Root::Answered,
            body_limit: 1024 * 1024,
            client: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The issuer whose tokens are accepted, exactly as it writes itself.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Accepts another name of this resource in `aud`, for issuers that cannot put its URL there.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts these signature algorithms only.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Whether the token's header must name a type; it must if not said.
    pub fn header_type(mut self, header_type: HeaderType) -> Self {
        self.header_type = header_type;
        self
    }

    /// How far the issuer's clock may be from ours; 30 seconds if not said.
    pub fn leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = Some(seconds.into());
        self
    }

    /// Scopes that every request needs. They are also what metadata and challenges ask clients to get.
    pub fn require_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Scopes that calls of `tool` need besides. From the first such line on, bodies are read.
    pub fn scope_for_tool<S: Into<String>>(
        mut self,
        tool: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.tools.push((tool.into(), scopes.into_iter().map(Into::into).collect()));
        self
    }

    /// Whoever has `scope` has these too, and what they imply.
    pub fn scope_implies<S: Into<String>>(
        mut self,
        scope: impl Into<String>,
        implied: impl IntoIterator<Item = S>,
    ) -> Self {
        self.implied.push((scope.into(), implied.into_iter().map(Into::into).collect()));
        self
    }

    /// Lets pages of `origin` call, beside those of the resource's own; and beside those on loopback when
    /// the resource is there.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// The name that clients show for the resource.
    pub fn resource_name(mut self, name: impl Into<String>) -> Self {
        self.resource_name = Some(name.into());
        self
    }

    /// A page for developers about the resource.
    pub fn resource_documentation(mut self, url: impl Into<String>) -> Self {
        self.resource_documentation = Some(url.into());
        self
    }

    /// Leaves `/.well-known/oauth-protected-resource` to another resource of the same host.
    pub fn leave_root_metadata(mut self) -> Self {
        self.root = Root::Left;
        self
    }

    /// The largest body that is read to find the tool called; 1 MiB if not said.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Fetches keys through `client`: other limits, or an authority of one's own.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Reads the time from `clock`.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The guard. Keys are fetched when the first token comes, so the issuer need not be up yet.
    pub fn build(self) -> Result<Guard, BuildError> {
        let resource = resource_url(&self.resource)?;
        let issuer = self.issuer.clone().ok_or(BuildError::IssuerMissing)?;
        let mut origins = Origins::new(&resource);
        if let Some(origin) = self.origins.iter().find(|origin| !origins.allow(origin)) {
            return Err(BuildError::Origin(origin.clone()));
        }
        let required = checked(&self.scopes)?;
        let document = ProtectedResource {
            resource: self.resource.clone(),
            authorization_servers: vec![issuer.clone()],
            scopes_supported: required.clone(),
            bearer_methods_supported: ["header"],
            resource_name: self.resource_name.clone(),
            resource_documentation: self.resource_documentation.clone(),
        };
        let rules = Rules {
            metadata: Metadata::new(&document, &resource, self.root).map_err(|_| BuildError::Resource)?,
            origins,
            required,
            tools: checked_map(&self.tools)?,
            implied: checked_map(&self.implied)?,
            body_limit: self.body_limit,
        };
        let verifier = self.verifier(issuer, &resource)?;
        Ok(Guard::new(rules, verifier))
    }

    fn verifier(self, issuer: String, resource: &Url) -> Result<Verifier, BuildError> {
        let mut acceptance = Acceptance::new(issuer, self.resource);
        if resource.path() == "/" {
            // `https://host` and `https://host/` are one resource, and clients write both.
            let origin = resource.origin().ascii_serialization();
            acceptance.audiences.extend([format!("{origin}/"), origin]);
        }
        acceptance.audiences.extend(self.audiences);
        if let Some(algorithms) = self.algorithms {
            if let Some(symmetric) = algorithms.iter().find(|algorithm| algorithm.is_symmetric()) {
                return Err(BuildError::Algorithm(*symmetric));
            }
            acceptance.algorithms = algorithms;
        }
        acceptance.header_type = self.header_type;
        acceptance.leeway_seconds = self.leeway_seconds.unwrap_or(acceptance.leeway_seconds);
        let client = match self.client {
            Some(client) => client,
            None => Client::new(&Options::default())?,
        };
        Ok(Verifier::new(acceptance, client, self.clock)?)
    }
}

fn resource_url(resource: &str) -> Result<Url, BuildError> {
    Configured::parse(resource).map_err(|_| BuildError::Resource)?;
    let url = Url::parse(resource).map_err(|_| BuildError::Resource)?;
    if url.query().is_some() { Err(BuildError::Resource) } else { Ok(url) }
}

fn checked(scopes: &[String]) -> Result<Scopes, BuildError> {
    match scopes.iter().find(|scope| !Scopes::is_token(scope) || *scope == "offline_access") {
        Some(refused) => Err(BuildError::Scope(refused.clone())),
        None => Ok(scopes.iter().map(String::as_str).collect()),
    }
}

fn checked_map(entries: &[(String, Vec<String>)]) -> Result<BTreeMap<String, Scopes>, BuildError> {
    let mut map = BTreeMap::<String, Scopes>::new();
    for (name, scopes) in entries {
        let known = map.entry(name.clone()).or_default();
        checked(scopes)?.iter().for_each(|scope| known.insert(scope));
    }
    Ok(map)
}
