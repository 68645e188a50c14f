//! OAuth and OpenID Connect over HTTP: routes, pages, cookies, refusals. Decides nothing.

pub mod administration;
mod app;
mod assets;
mod authorize;
mod cookies;
mod cors;
mod discovery;
mod headers;
mod impatient;
mod json;
mod logout;
mod management;
mod metrics;
mod page;
mod register;
mod request;
mod serve;
mod token;
mod userinfo;
mod watched;

use axum::Router;
use axum::routing::{any, get, post};

pub use app::{App, Settings};
pub use management::{Management, router as management_router};
pub use serve::serve;

const CONNECT: &str = "/realms/{realm}/protocol/openid-connect";

/// Every route of the server's main port: those of this room, and those that other rooms bring along.
pub fn router(app: App, others: Router<App>) -> Router {
    let connect = |path: &str| format!("{CONNECT}{path}");
    Router::new()
        .route("/realms/{realm}", get(discovery::realm).options(cors::preflight_get))
        .route("/realms/{realm}/", get(discovery::realm).options(cors::preflight_get))
        .route(
            "/realms/{realm}/.well-known/{document}",
            get(discovery::document).options(cors::preflight_get),
        )
        .route(
            "/.well-known/{document}/realms/{realm}",
            get(discovery::document_first).options(cors::preflight_get),
        )
        .route(&connect("/certs"), get(discovery::keys).options(cors::preflight_get))
        .route(&connect("/auth"), get(authorize::get).post(authorize::post))
        .route(&connect("/token"), post(token::exchange).options(cors::preflight_post))
        .route(&connect("/token/introspect"), post(token::introspect))
        .route(&connect("/revoke"), post(token::revoke).options(cors::preflight_post))
        .route(&connect("/userinfo"), get(userinfo::get).post(userinfo::post).options(cors::preflight_get))
        .route(&connect("/logout"), get(logout::get).post(logout::post).options(cors::preflight_get))
        .route(&connect("/logout/logout-confirm"), post(logout::confirm))
        .route("/realms/{realm}/login-actions/authenticate", get(authorize::restart).post(authorize::sign_in))
        .route("/realms/{realm}/login-actions/consent", get(authorize::restart).post(authorize::consent))
        .route(
            "/realms/{realm}/clients-registrations/{provider}",
            get(register::list).post(register::create).options(register::preflight),
        )
        .route(
            "/realms/{realm}/clients-registrations/{provider}/{client}",
            get(register::client).put(register::client).delete(register::client).options(register::preflight),
        )
        .route(
            "/realms/{realm}/clients-registrations/install/{client}",
            get(register::install).options(register::preflight),
        )
        .route("/resources/{asset}", get(assets::serve))
        .merge(others)
        .fallback(any(page::not_found))
        .method_not_allowed_fallback(json::method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(app.clone(), headers::secure))
        .layer(axum::middleware::from_fn(metrics::count))
        .with_state(app)
}
