//! A body that is the guard's own, or was read by it, or passes through untouched.
//!
//! A stream of events may outlive the token that opened it: such a body ends when the token does.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tokio::time::{Sleep, sleep};

pin_project_lite::pin_project! {
    /// The body of requests behind the guard and of responses before it: either `B`, frame by frame as it
    /// comes, or bytes that are here already.
    pub struct GuardBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjected]
    enum Kind<B> {
        Whole { #[pin] bytes: Full<Bytes> },
        Passing { #[pin] body: B, end: Option<Pin<Box<Sleep>>> },
    }
}

impl<B> GuardBody<B> {
    pub(crate) fn whole(bytes: Full<Bytes>) -> Self {
        Self { kind: Kind::Whole { bytes } }
    }

    pub(crate) fn passing(body: B) -> Self {
        Self { kind: Kind::Passing { body, end: None } }
    }

    pub(crate) fn ending(body: B, after: Duration) -> Self {
        Self { kind: Kind::Passing { body, end: Some(Box::pin(sleep(after))) } }
    }
}

impl<B: Body<Data = Bytes>> Body for GuardBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjected::Passing { body, end } => {
                let ended = end.as_mut().is_some_and(|end| end.as_mut().poll(context).is_ready());
                if ended { Poll::Ready(None) } else { body.poll_frame(context) }
            }
            KindProjected::Whole { bytes } => {
                Poll::Ready(ready!(bytes.poll_frame(context)).map(|Ok(frame)| Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole { bytes } => bytes.is_end_stream(),
            Kind::Passing { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole { bytes } => bytes.size_hint(),
            Kind::Passing { body, .. } => body.size_hint(),
        }
    }
}
