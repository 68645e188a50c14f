//! The management port: health and metrics.

use axum::body::Body;
use axum::http::Request;
use metrics_exporter_prometheus::PrometheusBuilder;
use sekisho_http::{Management, management_router};
use serde_json::json;
use tower::ServiceExt;

use super::support::answer::Answer;
use super::support::town::town;
use super::support::world::World;

async fn ask(world: &World, path: &str) -> Answer {
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    metrics::with_local_recorder(&recorder, || metrics::counter!("sekisho_test_total").increment(3));
    let router = management_router(Management { server: world.server.clone(), metrics });
    let request = Request::get(path).body(Body::empty()).expect("a request");
    Answer::read(router.oneshot(request).await.unwrap_or_else(|never| match never {})).await
}

/// A node that lost touch is alive, and not ready (DESIGN §5.7).
#[tokio::test]
async fn a_node_is_ready_while_it_knows_what_others_did() {
    let world = town().await;
    for (seconds, status, word) in [(0, 200, "UP"), (10, 503, "DOWN")] {
        world.clock.advance(seconds);
        for path in ["/health", "/health/ready"] {
            let answer = ask(&world, path).await;
            assert_eq!((answer.status(), &answer.json()["status"]), (status, &json!(word)), "{path}");
        }
        for path in ["/health/live", "/health/started"] {
            let answer = ask(&world, path).await;
            assert_eq!((answer.status(), &answer.json()["status"]), (200, &json!("UP")), "{path}");
        }
    }
}

#[tokio::test]
async fn metrics_are_in_the_text_that_prometheus_reads() {
    let answer = ask(&town().await, "/metrics").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text.contains("sekisho_test_total 3"), "{}", answer.text);
}

/// Nothing of it is on the main port.
#[tokio::test]
async fn the_main_port_shows_none_of_it() {
    let world = town().await;
    for path in ["/health", "/health/live", "/health/ready", "/metrics"] {
        assert_eq!(world.get(path).await.status(), 404, "{path}");
    }
}
