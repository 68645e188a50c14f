//! What is logged while a test listens. One subscriber for the whole process: with one for each test, a place
//! in the code that another test passes first would be taken for one that nobody listens to.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::prelude::*;

thread_local! {
    /// A test runs on one thread, and so does all that it does.
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Sets the subscriber up, before anything is logged.
pub fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let listens = dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some));
        let layer =
            tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Heard).with_filter(listens);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
            .expect("the first one");
    });
}

/// Begins to listen on this thread.
pub fn listen() {
    HEARD.set(Some(Vec::new()));
}

/// Ends it, and gives all that was logged, at whatever level.
pub fn heard() -> String {
    String::from_utf8(HEARD.take().expect("somebody listens")).expect("text")
}

struct Heard;

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
