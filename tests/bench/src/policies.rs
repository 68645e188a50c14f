//! What client policies cost a request: one evaluation in this process, in a realm with fifty of them.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sekisho_core::client::read::{self, Place};
use sekisho_core::keys::RealmKeys;
use sekisho_core::policy::event::{Event, Occasion, TokenRequest};
use sekisho_core::policy::lookup::Findings;
use sekisho_core::policy::{SecurityProfile, Verdict, evaluate};
use sekisho_core::realm::assemble::{Stored, assemble};
use sekisho_core::{Client, Realm};
use sekisho_jose::verify::Keys;
use sekisho_protocol::{Params, Scopes, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::latency::micros;
use crate::load::as_number;
use crate::process::own_cpu;

/// Policies of the realm, a fifth of which are about the client that asks.
const POLICIES: usize = 50;
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Evaluations between two looks at the clock.
const BATCH: usize = 1000;

/// Processor time of one evaluation of a token request, in microseconds.
pub(crate) fn measure(span: Duration) -> Result<f64> {
    let (realm, client) = (realm()?, client()?);
    let params = Params::from_pairs([("grant_type", "authorization_code"), ("code_verifier", VERIFIER)]);
    let granted = Scopes::parse("openid hello");
    let request = TokenRequest {
        granted: Some(&granted),
        challenge: Some(CHALLENGE),
        ..TokenRequest::new(&client, &params)
    };
    let event = Event {
        realm: &realm,
        at: Timestamp(0),
        occasion: Occasion::TokenRequest(request),
        findings: Findings::NONE,
    };
    let (before, begun, mut calls) = (own_cpu()?, Instant::now(), 0);
    while begun.elapsed() < span {
        for _ in 0..BATCH {
            let verdict = evaluate(&realm.policies, black_box(&event), &mut ());
            ensure!(matches!(verdict, Verdict::Pass(_)), "not let pass: {verdict:?}");
        }
        calls += BATCH;
    }
    Ok(micros(own_cpu()?.saturating_sub(before)) / as_number(calls))
}

fn realm() -> Result<Realm> {
    let policies: Vec<Value> = (0..POLICIES).map(policy).collect();
    let document = json!({
        "enabled": true,
        "clientPolicies": {"policies": policies},
        "clientProfiles": {"profiles": [{"name": "p", "executors": [
            {"executor": "secure-session"},
            {"executor": "pkce-enforcer", "configuration": {"auto-configure": true}},
            {"executor": "secure-client-authenticator",
                "configuration": {"allowed-client-authenticators": ["client-secret"]}},
        ]}]},
    });
    let (signing, refresh, sealing) = (Vec::new(), Vec::new(), Vec::new());
    Ok(assemble(Stored {
        id: Uuid::from_u128(1),
        name: "bench".to_owned(),
        revision: 1,
        importing: false,
        issuer: "https://as.example/realms/bench".to_owned(),
        representation: serde_json::from_value(document)?,
        security: SecurityProfile::None,
        keys: RealmKeys { signing, verifying: Keys::new(Vec::new()), jwks: String::new(), refresh, sealing },
        scopes: Vec::new(),
        roles: Vec::new(),
        groups: Vec::new(),
        resources: Vec::new(),
        client_ids: HashMap::new(),
    }))
}

fn policy(number: usize) -> Value {
    let team = if number.is_multiple_of(5) { "0" } else { "1" };
    json!({"name": number.to_string(), "enabled": true, "profiles": ["p"], "conditions": [
        {"condition": "client-type", "configuration": {"protocol": "openid-connect"}},
        {"condition": "client-scopes", "configuration": {"type": "Optional", "scopes": ["hello"]}},
        {"condition": "client-attributes",
            "configuration": {"attributes": json!([{"key": "team", "value": team}]).to_string()}},
    ]})
}

fn client() -> Result<Client> {
    let document = json!({
        "clientId": "c", "publicClient": false, "attributes": {"team": "0"},
        "optionalClientScopes": ["hello"],
    });
    let place = Place { id: Uuid::from_u128(7), realm: Uuid::from_u128(1), version: 1 };
    Ok(read::client(place, serde_json::from_value(document)?, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_let_pass() {
        assert!(measure(Duration::from_millis(1)).is_ok_and(f64::is_finite));
    }
}
