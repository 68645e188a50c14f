//! A request body that knows whether it was read to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// The body as it comes in.
pub(crate) struct Watched {
    body: Incoming,
    ended: Arc<AtomicBool>,
}

/// Says of a body that was handed away whether it was read to its end.
pub(crate) struct Watch(Arc<AtomicBool>);

/// Watches a body.
pub(crate) fn watch(body: Incoming) -> (Watched, Watch) {
    let ended = Arc::new(AtomicBool::new(body.is_end_stream()));
    (Watched { body, ended: ended.clone() }, Watch(ended))
}

impl Watch {
    /// Whether nothing of the body is left on the connection.
    pub(crate) fn is_read(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if self.body.is_end_stream() || matches!(polled, Poll::Ready(None)) {
            self.ended.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
