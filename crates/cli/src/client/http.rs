//! The HTTP client of the command line: no redirects, a limit on size and time.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::header::{ACCEPT, AUTHORIZATION};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use url::Url;

use super::Secret;

/// Metadata documents and token responses are a few kilobytes.
const LONGEST_ANSWER: usize = 512 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("sekisho/", env!("CARGO_PKG_VERSION"));

/// Asks authorization servers and resource servers for their documents and tokens.
pub(crate) struct Http(Client);

/// What came back, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

impl Http {
    pub(crate) fn new() -> anyhow::Result<Self> {
        // A redirect is no answer of the address that was asked; a code or secret must not follow it.
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(USER_AGENT)
            .build()
            .context("cannot set up the HTTP client")?;
        Ok(Self(client))
    }

    /// GET of a JSON document.
    pub(crate) async fn fetch(&self, url: &Url) -> anyhow::Result<Answer> {
        self.send(url, self.0.get(url.clone())).await
    }

    /// POST of a form; `authorization` is the whole header value.
    pub(crate) async fn submit(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        authorization: Option<&Secret>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.0.post(url.clone()).form(form);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value.expose());
        }
        self.send(url, request).await
    }

    async fn send(&self, url: &Url, request: RequestBuilder) -> anyhow::Result<Answer> {
        let mut response = request
            .header(ACCEPT, "application/json")
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .with_context(|| format!("cannot reach {}", origin(url)))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                bail!("the answer of {} is longer than {LONGEST_ANSWER} bytes", origin(url));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// The body as JSON of the shape asked for.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// The address without path and query, which is enough to say who was asked.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
