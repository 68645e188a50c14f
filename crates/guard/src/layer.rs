//! The guard as a tower layer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, Version};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::answer;
use crate::body::GuardBody;
use crate::guard::{Admission, Guard};

/// Puts a [`Guard`] before a service. Made by [`Guard::layer`].
#[derive(Clone, Debug)]
pub struct GuardLayer {
    guard: Guard,
}

/// A service behind a [`Guard`]: it sees no request that was not admitted.
#[derive(Clone, Debug)]
pub struct GuardService<S> {
    guard: Guard,
    service: S,
}

impl GuardLayer {
    pub(crate) fn new(guard: Guard) -> Self {
        Self { guard }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, service: S) -> GuardService<S> {
        GuardService { guard: self.guard.clone(), service }
    }
}

impl<S, B, R> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<GuardBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Body<Data = Bytes> + Send + 'static,
    R: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<GuardBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready goes along; its clone stays and becomes ready by itself.
        let fresh = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, fresh);
        let guard = self.guard.clone();
        let unread = !request.body().is_end_stream() && request.version() < Version::HTTP_2;
        Box::pin(async move {
            match guard.admit(request).await {
                Admission::Answered(mut response) => {
                    if unread {
                        // A body that nobody reads makes the server end the connection: say so, or the client
                        // sends its next request into it.
                        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    }
                    Ok(response.map(GuardBody::whole))
                }
                Admission::Admitted(request, terms) => {
                    let mut response = service.call(request).await?;
                    let lifetime = lifetime(response.headers());
                    answer::share(response.headers_mut(), terms.origin);
                    Ok(response.map(|body| match lifetime {
                        Lifetime::Token => GuardBody::ending(body, terms.remaining),
                        Lifetime::Own => GuardBody::passing(body),
                    }))
                }
            }
        })
    }
}

/// What ends a response.
enum Lifetime {
    Own,
    Token,
}

/// Whatever is not a stream of events ends by itself; cutting a large download short would only break it.
fn lifetime(headers: &HeaderMap) -> Lifetime {
    let media_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    match media_type.get(..EVENT_STREAM.len()) {
        Some(start) if start.eq_ignore_ascii_case(EVENT_STREAM) => Lifetime::Token,
        _ => Lifetime::Own,
    }
}

const EVENT_STREAM: &[u8] = b"text/event-stream";
