//! Hears what other nodes changed, on a connection of its own, for as long as the engine lives.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use sekisho_store::engine::{BoxFuture, Hint};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_postgres::{AsyncMessage, Config, Error, NoTls};

use crate::Shared;
use crate::connection::describe;

/// Hints that may wait; what comes on top is dropped, since nodes look by themselves every second.
const WAITING: usize = 1_024;
const PAUSE: Duration = Duration::from_secs(1);

/// The hints that were heard.
pub(crate) struct Changes {
    hints: Arc<Mutex<mpsc::Receiver<Hint>>>,
    /// Ends the listener with the engine.
    _listener: JoinSet<()>,
}

impl Changes {
    pub(crate) fn listen(shared: &Shared) -> Self {
        let (heard, hints) = mpsc::channel(WAITING);
        let mut listener = JoinSet::new();
        if shared.options.notify {
            listener.spawn(listen(shared.config.clone(), heard));
        }
        Self { hints: Arc::new(Mutex::new(hints)), _listener: listener }
    }

    pub(crate) fn next(&self) -> BoxFuture<Hint> {
        let hints = Arc::clone(&self.hints);
        Box::pin(async move {
            match hints.lock().await.recv().await {
                Some(hint) => hint,
                None => std::future::pending().await,
            }
        })
    }
}

async fn listen(config: Config, heard: mpsc::Sender<Hint>) {
    loop {
        if let Err(error) = hear(&config, &heard).await {
            tracing::warn!(error.cause = describe(&error), "no hints from other nodes, polling only");
        }
        sleep(PAUSE).await;
    }
}

/// Hears until the connection breaks.
async fn hear(config: &Config, heard: &mpsc::Sender<Hint>) -> Result<(), Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let hearing = async {
        while let Some(message) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message?
                && let Some(hint) = Hint::parse(notification.payload())
            {
                let _ = heard.try_send(hint);
            }
        }
        Ok(())
    };
    let asking = async {
        client.batch_execute("LISTEN sekisho").await?;
        std::future::pending().await
    };
    tokio::select! {
        heard = hearing => heard,
        asked = asking => asked,
    }
}
