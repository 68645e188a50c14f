//! The key sets of clients that keep them at an address of their own (`jwks_uri`, RFC 7591 §2). Anybody may send an
//! assertion with an invented key id, so a set is fetched by one request at a time, and not again shortly after.

use std::convert::Infallible;
use std::sync::Arc;

use http::StatusCode;
use quick_cache::sync::Cache;
use sekisho_jose::{JwkSet, Keys};
use sekisho_outbound::{Allow, Client, Foreign, Limits, Options, OutboundError, Request};
use sekisho_protocol::Timestamp;
use tokio::sync::Mutex;

use super::{Failure, Outside, max_age};

/// Some keys with their certificates.
const LARGEST: usize = 64 * 1024;

/// How many sets a node remembers.
const SETS: usize = 1000;

/// Bounds for `max-age`, in seconds: below, nearly every call would fetch; above, a key that was withdrawn would live on
/// for too long.
const LIFE: (i64, i64) = (300, 86_400);

/// How long an address is left alone after it was asked, in seconds.
const COOLDOWN: i64 = 10;

/// What was fetched, and the way to fetch it.
pub(super) struct KeySets {
    client: Client,
    allow: Vec<Allow>,
    known: Cache<String, KeySet>,
    /// When an address was asked last; whoever asks holds the lock.
    asked: Cache<String, Arc<Mutex<Option<Timestamp>>>>,
}

#[derive(Clone)]
struct KeySet {
    keys: Arc<Keys>,
    fresh_until: Timestamp,
}

impl KeySets {
    pub(super) fn new(options: &Options) -> Result<Self, OutboundError> {
        let limits = Limits { size: LARGEST, ..options.limits };
        let client = Client::new(&Options { limits, ..options.clone() })?;
        Ok(Self { client, allow: options.allow.clone(), known: Cache::new(SETS), asked: Cache::new(SETS) })
    }

    /// What the operator lets addresses from outside lead to.
    pub(super) fn allow(&self) -> &[Allow] {
        &self.allow
    }

    /// The keys that are known and have not become too old.
    fn fresh(&self, url: &str, at: Timestamp) -> Option<Arc<Keys>> {
        self.known.get(url).filter(|known| at < known.fresh_until).map(|known| known.keys)
    }

    async fn fetch(&self, url: &str, at: Timestamp) -> Result<Arc<Keys>, Failure> {
        let address = Foreign::parse_within(url, &self.allow)?;
        let request = Request::get(&address).accept("application/jwk-set+json, application/json");
        let response = self.client.send(request).await?;
        if response.status != StatusCode::OK {
            return Err(Failure(format!("status {}", response.status.as_u16())));
        }
        // Whatever its media type: many are served from where files lie.
        let keys = Arc::new(Keys::from_set(&JwkSet::parse(&response.body)?));
        let fresh_until = at.plus_seconds(max_age(&response.headers).clamp(LIFE.0, LIFE.1));
        self.known.insert(url.to_owned(), KeySet { keys: Arc::clone(&keys), fresh_until });
        Ok(keys)
    }
}

impl Outside {
    /// The key set at an address that a client named: the one that is known, and fetched anew where that does not
    /// suffice. `None` when it cannot be had; the reason stands in the log.
    pub async fn key_set(
        &self,
        url: &str,
        suffices: impl Fn(&Keys) -> bool + Send + Sync,
        at: Timestamp,
    ) -> Option<Arc<Keys>> {
        let sets = &self.0.key_sets;
        if let Some(keys) = sets.fresh(url, at).filter(|keys| suffices(keys)) {
            return Some(keys);
        }
        let Ok(turn) = sets.asked.get_or_insert_with(url, || Ok::<_, Infallible>(Arc::default()));
        let mut asked = turn.lock().await;
        let known = sets.fresh(url, at);
        let rests = asked.is_some_and(|last| at < last.plus_seconds(COOLDOWN));
        if rests || known.as_deref().is_some_and(&suffices) {
            return known;
        }
        *asked = Some(at);
        match sets.fetch(url, at).await {
            Ok(keys) => Some(keys),
            Err(Failure(cause)) => {
                tracing::warn!(error.cause = %cause, "the key set of a client could not be fetched");
                known
            }
        }
    }
}

#[cfg(test)]
mod tests;
