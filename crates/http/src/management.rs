//! The management port: health and metrics. Bound to loopback unless said otherwise (DESIGN §5.17).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use sekisho_endpoints::Server;
use serde_json::json;

use crate::json;

/// What the management port shows.
#[derive(Clone)]
pub struct Management {
    pub server: Arc<Server>,
    pub metrics: PrometheusHandle,
}

/// Routes of the management port.
pub fn router(management: Management) -> Router {
    Router::new()
        .route("/health", get(ready))
        .route("/health/ready", get(ready))
        .route("/health/live", get(live))
        .route("/health/started", get(live))
        .route("/metrics", get(metrics))
        .with_state(management)
}

/// Up as soon as the process answers.
async fn live() -> Response {
    json::uncached(StatusCode::OK, &json!({"status": "UP", "checks": []}))
}

/// Ready while the database answers and the node knows what others did.
async fn ready(State(management): State<Management>) -> Response {
    let store = &management.server.store;
    let database = store.realm_names().await.is_ok();
    let up = database && store.is_current();
    let word = |up: bool| if up { "UP" } else { "DOWN" };
    let status = if up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let checks = json!([{"name": "Database", "status": word(database)}, {"name": "Changes", "status": word(store.is_current())}]);
    json::uncached(status, &json!({"status": word(up), "checks": checks}))
}

async fn metrics(State(management): State<Management>) -> String {
    management.metrics.run_upkeep();
    management.metrics.render()
}
