//! What is asked of the outside: by policies metadata documents, intents, host names; by client authentication key sets. What cannot be had, for whatever
//! reason, is [`Finding::Failed`]; the reason stands in the log.

mod key_sets;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use quick_cache::sync::Cache;
use sekisho_core::policy::lookup::{Finding, Lookup};
use sekisho_outbound::{Client, Foreign, Limits, Options, OutboundError, Request, Resolve, Response};
use sekisho_protocol::Timestamp;
use serde_json::{Map, Value, json};

use self::key_sets::KeySets;

/// Keycloak's limit for a client metadata document; answers about an intent are smaller still.
const LARGEST: usize = 5000;

/// How many documents a node remembers.
const DOCUMENTS: usize = 1000;

/// Keycloak's bounds for `max-age` of a document, in seconds: five minutes, whatever it says, and three days.
const LIFE: (i64, i64) = (300, 259_200);

/// The way out; clones share connections and what was fetched.
#[derive(Clone)]
pub struct Outside(Arc<Ways>);

struct Ways {
    client: Client,
    resolver: Arc<dyn Resolve>,
    documents: Cache<String, Document>,
    key_sets: KeySets,
}

/// A metadata document that was fetched. A failure is never kept (draft-ietf-oauth-client-id-metadata-document §6.5).
#[derive(Clone)]
struct Document {
    claims: Arc<Map<String, Value>>,
    fresh_until: Timestamp,
}

/// Why something could not be looked up.
#[derive(Debug)]
struct Failure(String);

impl<E: Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Outside {
    /// A way out with these exceptions, authorities and resolver; the limit of an answer's size is our own.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(options: Options) -> Result<Self, OutboundError> {
        let key_sets = KeySets::new(&options)?;
        let limits = Limits { size: LARGEST, ..options.limits };
        let resolver = Arc::clone(&options.resolver);
        let client = Client::new(&Options { limits, ..options })?;
        Ok(Self(Arc::new(Ways { client, resolver, documents: Cache::new(DOCUMENTS), key_sets })))
    }

    /// Looks something up.
    pub async fn look_up(&self, lookup: &Lookup, at: Timestamp) -> Finding {
        let (what, found) = match lookup {
            Lookup::ClientMetadata { url } => ("client metadata", self.document(url, at).await),
            Lookup::Intent { endpoint, intent_id, client_id } => {
                ("intent", self.intent(endpoint, intent_id, client_id).await)
            }
            Lookup::Addresses { host } => ("addresses", self.addresses(host).await),
            Lookup::HostName { address } => ("host name", self.host_name(address).await),
        };
        found.unwrap_or_else(|Failure(cause)| {
            tracing::warn!(lookup.kind = what, error.cause = %cause, "what a policy needs could not be looked up");
            Finding::Failed
        })
    }

    async fn document(&self, url: &str, at: Timestamp) -> Result<Finding, Failure> {
        if let Some(known) = self.0.documents.get(url).filter(|known| at < known.fresh_until) {
            return Ok(Finding::Document(Map::clone(&known.claims)));
        }
        // The executor decided whether plain HTTP will do.
        let address = Foreign::parse_with_http(url)?;
        let response = self.0.client.send(Request::get(&address).accept("application/json")).await?;
        let claims = Arc::new(read(&response)?);
        let fresh_until = at.plus_seconds(max_age(&response.headers).clamp(LIFE.0, LIFE.1));
        self.0.documents.insert(url.to_owned(), Document { claims: Arc::clone(&claims), fresh_until });
        Ok(Finding::Document(Map::clone(&claims)))
    }

    async fn intent(&self, endpoint: &str, intent_id: &str, client_id: &str) -> Result<Finding, Failure> {
        // An administrator of one realm wrote it, who need not be the operator: it leads nowhere a client's could not.
        let address = Foreign::parse_within(endpoint, self.0.key_sets.allow())?;
        let body = json!({"intent_id": intent_id, "client_id": client_id}).to_string();
        let request = Request::post(&address, HeaderValue::from_static("application/json"), body);
        let response = self.0.client.send(request.accept("application/json")).await?;
        let bound = read(&response)?.get("is_bound").and_then(Value::as_bool);
        bound.map(Finding::Bound).ok_or_else(|| Failure("the answer has no is_bound".to_owned()))
    }

    async fn addresses(&self, host: &str) -> Result<Finding, Failure> {
        if let Ok(address) = host.parse() {
            return Ok(Finding::Addresses(vec![address]));
        }
        Ok(Finding::Addresses(self.0.resolver.resolve(host).await?))
    }

    async fn host_name(&self, address: &str) -> Result<Finding, Failure> {
        let address: IpAddr = address.parse()?;
        Ok(Finding::HostName(self.0.resolver.name_of(address).await?))
    }
}

/// A JSON object, said to be one.
fn read(response: &Response) -> Result<Map<String, Value>, Failure> {
    if response.status != StatusCode::OK {
        return Err(Failure(format!("status {}", response.status.as_u16())));
    }
    let media_type = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    if media_type != "application/json" && !media_type.ends_with("+json") {
        return Err(Failure(format!("media type {media_type:?}")));
    }
    Ok(serde_json::from_slice(&response.body)?)
}

/// `max-age` (RFC 9111 §5.2.2.1) in seconds, none where the answer should not be kept.
fn max_age(headers: &HeaderMap) -> i64 {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = directives.flat_map(|value| value.split(',')).map(str::trim);
    let seconds = directives.find_map(|directive| directive.strip_prefix("max-age="));
    seconds.and_then(|seconds| seconds.trim_matches('"').parse().ok()).unwrap_or(0)
}
