//! The walk of a request: origin, token, scopes, service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use sekisho_protocol::Scopes;

use crate::body::GuardBody;
use crate::builder::GuardBuilder;
use crate::caller::Caller;
use crate::layer::GuardLayer;
use crate::metadata::Metadata;
use crate::origin::Origins;
use crate::refusal::Refusal;
use crate::tools::{self, ToolScopes};
use crate::verifier::Verifier;
use crate::{answer, authorization};

/// Stands before one protected resource. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rules: Rules,
    verifier: Verifier,
}

/// What a guard asks of a request beside a token.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) metadata: Metadata,
    pub(crate) origins: Origins,
    pub(crate) required: Scopes,
    pub(crate) tools: ToolScopes,
    pub(crate) implied: BTreeMap<String, Scopes>,
    pub(crate) body_limit: usize,
}

impl Guard {
    /// Begins a guard for `resource`: the URL that clients call, letter by letter as tokens name it in `aud`.
    pub fn builder(resource: impl Into<String>) -> GuardBuilder {
        GuardBuilder::new(resource.into())
    }

    /// The layer that puts this guard before a service.
    pub fn layer(&self) -> GuardLayer {
        GuardLayer::new(self.clone())
    }

    /// The verifier of this guard, for requests that come another way.
    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub(crate) fn new(rules: Rules, verifier: Verifier) -> Self {
        Self(Arc::new(Inner { rules, verifier }))
    }

    /// Lets the request through with its [`Caller`], or says what to answer instead.
    pub(crate) async fn admit<B: Body<Data = Bytes>>(&self, request: Request<B>) -> Admission<B> {
        let Inner { rules, verifier } = &*self.0;
        let (mut parts, body) = request.into_parts();
        if let Some(answer) = rules.metadata.answer(&parts.method, parts.uri.path()) {
            return Admission::Answered(answer);
        }
        let origin = match rules.origins.check(&parts.headers) {
            Ok(origin) => origin,
            Err(refusal) => return Admission::Answered(rules.refuse(&refusal, None)),
        };
        if let Some(mut preflight) = answer::preflight(&parts, origin.as_ref()) {
            answer::share(preflight.headers_mut(), origin);
            return Admission::Answered(preflight);
        }
        match rules.check(verifier, &parts, body).await {
            Ok((caller, body)) => {
                let remaining = verifier.remaining(&caller);
                parts.extensions.insert(caller);
                Admission::Admitted(Request::from_parts(parts, body), Terms { origin, remaining })
            }
            Err(refusal) => Admission::Answered(rules.refuse(&refusal, origin)),
        }
    }
}

/// What becomes of a request.
pub(crate) enum Admission<B> {
    /// The service may have it.
    Admitted(Request<GuardBody<B>>, Terms),
    /// The guard has answered.
    Answered(Response<Full<Bytes>>),
}

/// What holds for the response.
pub(crate) struct Terms {
    /// The page that may read it.
    pub(crate) origin: Option<HeaderValue>,
    /// How long the token lasts.
    pub(crate) remaining: Duration,
}

impl Rules {
    async fn check<B: Body<Data = Bytes>>(
        &self,
        verifier: &Verifier,
        parts: &Parts,
        body: B,
    ) -> Result<(Caller, GuardBody<B>), Refusal> {
        let caller = verifier.verify(authorization::token(parts)?).await?;
        let granted = self.widen(caller.scopes());
        // Before the body is read: who lacks these has no claim on our memory.
        permit(&granted, &self.required)?;
        if self.tools.is_empty() || !may_call(&parts.method) {
            return Ok((caller, GuardBody::passing(body)));
        }
        let bytes = self.read(body).await?;
        permit(&granted, &self.needed(&parts.headers, &bytes)?)?;
        Ok((caller, GuardBody::whole(Full::new(bytes))))
    }

    fn needed(&self, headers: &HeaderMap, body: &[u8]) -> Result<Scopes, Refusal> {
        tools::needed(&self.tools, headers, body, self.required.clone())
    }

    async fn read<B: Body<Data = Bytes>>(&self, body: B) -> Result<Bytes, Refusal> {
        // `Limited` wants errors it can box; those of `B` may be anything.
        let body = body.map_err(|_| Incomplete);
        match Limited::new(body, self.body_limit).collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge),
            Err(_) => Err(Refusal::BodyIncomplete),
        }
    }

    /// The scopes granted and all that they imply.
    fn widen(&self, granted: &Scopes) -> Scopes {
        let mut all = granted.clone();
        let mut fresh: Vec<&str> = granted.iter().collect();
        while let Some(scope) = fresh.pop() {
            for implied in self.implied.get(scope).into_iter().flat_map(Scopes::iter) {
                if !all.contains(implied) {
                    all.insert(implied);
                    fresh.push(implied);
                }
            }
        }
        all
    }

    fn refuse(&self, refusal: &Refusal, origin: Option<HeaderValue>) -> Response<Full<Bytes>> {
        tracing::info!(error.cause = %refusal, "request refused: {refusal}");
        let mut response = answer::refuse(refusal, &self.metadata.url, &self.required);
        answer::share(response.headers_mut(), origin);
        response
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body broke off")]
struct Incomplete;

fn permit(granted: &Scopes, needed: &Scopes) -> Result<(), Refusal> {
    if needed.is_subset(granted) { Ok(()) } else { Err(Refusal::ScopeMissing { needed: needed.clone() }) }
}

/// Methods that MCP gives no body. Everything else may carry a call.
fn may_call(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS)
}
