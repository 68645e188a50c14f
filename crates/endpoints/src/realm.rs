//! The realm of a request.

use std::net::IpAddr;
use std::sync::Arc;

use sekisho_core::Realm;
use sekisho_core::realm::SslRequired;
use sekisho_protocol::Cause;

use crate::server::OrCause;
use crate::{Server, Transport};

/// Bytes of a realm's name.
const MAX_NAME: usize = 255;

/// The realm with this name, switched on or not: its document, discovery and keys are served either way.
///
/// # Errors
/// [`Cause::RealmUnknown`], or that the store failed.
pub async fn load(server: &Server, name: &str) -> Result<Arc<Realm>, Cause> {
    // What no realm can be called is not asked of the database, which may not take it.
    if name.chars().any(char::is_control) || name.len() > MAX_NAME {
        return Err(Cause::RealmUnknown);
    }
    server.store.realm(name).await.or_cause()?.ok_or(Cause::RealmUnknown)
}

/// The realm for a request that decides something: switched on, over a connection that is good enough, on
/// a node that knows what others revoked.
///
/// # Errors
/// [`Cause::RealmUnknown`], [`Cause::RealmDisabled`], [`Cause::HttpsRequired`] or [`Cause::Unavailable`].
pub async fn open(server: &Server, name: &str, transport: &Transport<'_>) -> Result<Arc<Realm>, Cause> {
    let realm = load(server, name).await?;
    if !server.store.is_current() {
        return Err(Cause::Unavailable);
    }
    if !realm.enabled {
        return Err(Cause::RealmDisabled);
    }
    if !transport.secure && wants_https(realm.login.ssl_required, transport.address) {
        return Err(Cause::HttpsRequired);
    }
    Ok(realm)
}

/// `external` lets private and loopback addresses come by plain HTTP, as in Keycloak.
fn wants_https(rule: SslRequired, address: &str) -> bool {
    match rule {
        SslRequired::None => false,
        SslRequired::All => true,
        SslRequired::External => {
            !address.parse::<IpAddr>().is_ok_and(|address| is_local(address.to_canonical()))
        }
    }
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_peers_must_come_by_https() {
        for (rule, address, wants) in [
            (SslRequired::External, "127.0.0.1", false),
            (SslRequired::External, "::1", false),
            (SslRequired::External, "10.1.2.3", false),
            (SslRequired::External, "::ffff:192.168.0.1", false),
            (SslRequired::External, "203.0.113.9", true),
            (SslRequired::External, "garbage", true),
            (SslRequired::All, "127.0.0.1", true),
            (SslRequired::None, "203.0.113.9", false),
        ] {
            assert_eq!(wants_https(rule, address), wants, "{rule:?} {address}");
        }
    }
}
