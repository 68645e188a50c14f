//! Responses that go on after their token has ended.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use serde_json::json;
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};

use super::fixture::{Issuer, NOW, key, post, status};

/// One frame a second, for half an hour.
struct Ticks(u32, Pin<Box<tokio::time::Sleep>>);

impl Ticks {
    fn new() -> Self {
        Self(0, Box::pin(tokio::time::sleep(tokio::time::Duration::from_secs(1))))
    }
}

impl Body for Ticks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0 == 1800 {
            return Poll::Ready(None);
        }
        std::task::ready!(std::future::Future::poll(self.1.as_mut(), context));
        self.0 += 1;
        let next = Instant::now() + tokio::time::Duration::from_secs(1);
        self.1.as_mut().reset(next);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b".")))))
    }
}

#[tokio::test]
async fn a_stream_of_events_ends_with_its_token_and_other_responses_do_not() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let token = issuer.token(&key, &json!({ "exp": NOW + 60 }));
    assert_eq!(status(&guard, &token).await, 200);
    // The keys are there: from here on nothing waits but for the timer.
    tokio::time::pause();
    // The token and the leeway of 30 seconds; the 90th second belongs to nobody.
    let cases = [
        ("text/event-stream", 89..=90),
        ("Text/Event-Stream; charset=utf-8", 89..=90),
        ("application/json", 1800..=1800),
        ("text/event", 1800..=1800),
    ];
    for (content_type, expected) in cases {
        let service = service_fn(move |_| async move {
            let mut response = Response::new(Ticks::new());
            response.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
            Ok::<_, Infallible>(response)
        });
        let response = guard.layer().layer(service).oneshot(post(&token, "")).await.unwrap();
        let frames = response.into_body().collect().await.unwrap().to_bytes().len();
        assert!(expected.contains(&frames), "{content_type}: {frames}");
    }
}
