//! A running server: its ports, its jobs, and its end.

use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sekisho_endpoints::Server;
use sekisho_http::{App, Management, Settings};
use sekisho_jobs::Jobs;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::open::Opened;

/// Ports that are already taken.
pub(crate) struct Ports {
    pub(crate) main: TcpListener,
    pub(crate) management: Option<TcpListener>,
}

/// Runs the server until `stop` is ready; then lets what is under way end, and writes what waits.
pub(crate) async fn run(opened: Opened, settings: Settings, ports: Ports, stop: Stop) -> anyhow::Result<()> {
    let Opened { store, clock, entropy, passwords, outside } = opened;
    let jobs = Jobs { store: store.clone(), clock: clock.clone(), entropy: entropy.clone() };
    let registrations = Arc::default();
    let server = Arc::new(Server { store, clock, entropy, passwords, outside, registrations });
    let router = sekisho_http::router(App::new(server.clone(), settings)?, sekisho_rest::router());
    if let Some(listener) = ports.management {
        let metrics = PrometheusBuilder::new().install_recorder()?;
        tokio::spawn(keep_small(metrics.clone()));
        let router = sekisho_http::management_router(Management { server, metrics });
        tokio::spawn(sekisho_http::serve(listener, router, stop.clone().wait()));
    }
    tokio::select! {
        () = sekisho_http::serve(ports.main, router, stop.wait()) => {}
        () = jobs.run() => {}
    }
    jobs.finish().await;
    Ok(())
}

/// Folds durations into their distribution: until then each one is kept by itself, for ever where nobody
/// asks for the metrics.
async fn keep_small(metrics: PrometheusHandle) {
    let mut fold = tokio::time::interval(Duration::from_secs(5));
    loop {
        fold.tick().await;
        metrics.run_upkeep();
    }
}

/// Ready at the first Ctrl-C or SIGTERM; every clone learns of it.
#[derive(Clone)]
pub(crate) struct Stop(tokio::sync::watch::Receiver<bool>);

impl Stop {
    /// Puts the signal handlers in place, before anything is started that must be ended.
    pub(crate) fn on_signal() -> anyhow::Result<Self> {
        let (sender, receiver) = tokio::sync::watch::channel(false);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            sender.send_replace(true);
        });
        Ok(Self(receiver))
    }

    /// Waits for the signal.
    pub(crate) async fn wait(mut self) {
        // An error means that the sender is gone, which is an end as well.
        let _ended = self.0.wait_for(|stopped| *stopped).await;
    }
}
