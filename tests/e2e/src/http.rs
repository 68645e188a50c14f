//! A plain HTTP client that follows nothing and keeps nothing.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header's value, empty where there is none.
    pub fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("not JSON: {}", self.body))
    }
}

pub async fn get(url: &str) -> Result<Answer> {
    send(Request::get(url).body(String::new())?).await
}

/// POSTs a form (`application/x-www-form-urlencoded`).
pub async fn post_form(url: &str, fields: &[(&str, &str)]) -> Result<Answer> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)?;
    send(request).await
}

pub async fn send(request: Request<String>) -> Result<Answer> {
    let uri = request.uri().to_string();
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let response =
        client.request(request.map(|body| Full::from(Bytes::from(body)))).await.context(uri.clone())?;
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.context(uri)?.to_bytes();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    })
}
