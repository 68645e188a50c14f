//! Tokens while people sign in: what a queue of password hashes does to those who sign in by no password.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::load::{Lane, Run, closed, open, open_lanes};
use crate::provider::Provider;
use crate::realm::{SERVICE, WEB};
use crate::rows::for_resource;
use crate::scenario::{Login, Repeat};

/// Tokens a second: little enough to leave the core to the hashes.
const TOKENS_PER_SECOND: f64 = 500.0;
/// Browsers that sign in one time after the other.
const BROWSERS: usize = 4;

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct CrowdFigures {
    /// Tokens alone.
    pub(crate) quiet: Run,
    /// Tokens at the same rate while the browsers sign in.
    pub(crate) crowded: Run,
    pub(crate) logins: Run,
}

pub(crate) async fn measure(provider: &Provider, span: Duration, rounds: usize) -> Result<CrowdFigures> {
    let request = SERVICE.client_credentials(provider, &for_resource());
    let tokens = Repeat { request, holds: "\"access_token\"" };
    let login = Login { provider, client: WEB };
    let mut token_lanes: Vec<Lane<Repeat>> = open_lanes(&tokens, provider, BROWSERS).await?;
    let mut login_lanes: Vec<Lane<Login<'_>>> = open_lanes(&login, provider, BROWSERS).await?;
    let pace = (span, TOKENS_PER_SECOND);
    let mut kept: Option<CrowdFigures> = None;
    for _ in 0..rounds.max(1) {
        let quiet = open(&tokens, provider, &mut token_lanes, pace).await?;
        let (crowded, logins) = tokio::try_join!(
            open(&tokens, provider, &mut token_lanes, pace),
            closed(&login, provider, &mut login_lanes, span),
        )?;
        // The least disturbed round is the one in which the machine was quiet when we were.
        if kept.is_none_or(|kept| quiet.latency.p99 < kept.quiet.latency.p99) {
            kept = Some(CrowdFigures { quiet, crowded, logins });
        }
    }
    kept.context("no round")
}
