//! A body that is the guard's own, or was read by it, or passes through untouched.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;

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
        Passing { #[pin] body: B },
    }
}

impl<B> GuardBody<B> {
    pub(crate) fn whole(bytes: Full<Bytes>) -> Self {
        Self { kind: Kind::Whole { bytes } }
    }

    pub(crate) fn passing(body: B) -> Self {
        Self { kind: Kind::Passing { body } }
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
            KindProjected::Passing { body } => body.poll_frame(context),
            KindProjected::Whole { bytes } => {
                Poll::Ready(ready!(bytes.poll_frame(context)).map(|Ok(frame)| Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole { bytes } => bytes.is_end_stream(),
            Kind::Passing { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole { bytes } => bytes.size_hint(),
            Kind::Passing { body } => body.size_hint(),
        }
    }
}
