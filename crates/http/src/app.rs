//! What every route works with.

use std::net::IpAddr;
use std::sync::Arc;

use sekisho_endpoints::Server;
use sekisho_ui::{Renderer, UiError};

/// Settings of the HTTP side.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed (DESIGN §5.17).
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the public address is `https`: then cookies are `Secure`.
    pub secure: bool,
}

/// Shared by all routes; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    pub server: Arc<Server>,
    pub renderer: Renderer,
    pub settings: Settings,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`UiError`] when a template or a locale cannot be read: a defect of the build.
    pub fn new(server: Arc<Server>, settings: Settings) -> Result<Self, UiError> {
        // Assets are reached below the path that the server itself is reached at.
        let hostname = url::Url::parse(server.store.urls().hostname());
        let renderer = Renderer::at(hostname.as_ref().map_or("", url::Url::path))?;
        Ok(Self(Arc::new(Parts { server, renderer, settings })))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
