//! What the guard adds to a call: `Verifier::verify` in this process, on tokens of the running server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sekisho_guard::outbound::{Client, Options};
use sekisho_guard::{Acceptance, SystemClock, Verifier};
use serde::Serialize;

use crate::http::Connection;
use crate::latency::micros;
use crate::load::as_number;
use crate::process::own_cpu;
use crate::provider::Provider;
use crate::realm::{REALM, RESOURCE, SERVICE};
use crate::rows::for_resource;

/// Fewer than a verifier remembers, so that each is verified once and found ever after.
const TOKENS: usize = 4000;

/// Processor time of one call, in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct GuardFigures {
    pub(crate) first_time: f64,
    pub(crate) verified_before: f64,
}

/// Measures the verifier. The runtime must be of one thread: it is this thread's time that is read.
pub(crate) async fn measure(provider: &Provider, span: Duration) -> Result<GuardFigures> {
    let tokens = tokens(provider).await?;
    let issuer = format!("http://{}/realms/{REALM}", provider.host);
    let client = Client::new(&Options::default())?;
    let verifier = Verifier::new(Acceptance::new(issuer, RESOURCE), client, Arc::new(SystemClock))?;
    let Some((for_keys, tokens)) = tokens.split_first() else { return Ok(GuardFigures::NONE) };
    verifier.verify(for_keys).await?;

    let before = own_cpu()?;
    for token in tokens {
        verifier.verify(token).await?;
    }
    let first_time = micros(own_cpu()?.saturating_sub(before)) / as_number(tokens.len());

    let (before, begun, mut calls) = (own_cpu()?, Instant::now(), 0);
    while begun.elapsed() < span {
        for token in tokens {
            let caller = verifier.verify(token).await?;
            ensure!(caller.client_id() == Some(SERVICE.id), "a token of another client");
        }
        calls += tokens.len();
    }
    let verified_before = micros(own_cpu()?.saturating_sub(before)) / as_number(calls);
    Ok(GuardFigures { first_time, verified_before })
}

impl GuardFigures {
    const NONE: Self = Self { first_time: 0.0, verified_before: 0.0 };
}

async fn tokens(provider: &Provider) -> Result<Vec<String>> {
    let mut connection = Connection::open(provider.address).await?;
    let [resource, scope] = for_resource();
    let fields = [("grant_type", "client_credentials"), resource, scope];
    let mut tokens = Vec::new();
    for _ in 0..TOKENS {
        tokens.push(SERVICE.ask(&mut connection, provider, &fields).await?.access_token);
    }
    Ok(tokens)
}
