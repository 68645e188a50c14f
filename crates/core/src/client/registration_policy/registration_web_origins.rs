//! `registration-web-origins`: pages that may register clients from a browser.

use std::sync::Arc;

use super::{Options, Preset, Property, Provider, RegistrationPolicy, texts};

pub(super) const PROVIDER: Provider = Provider {
    id: "registration-web-origins",
    help: "Origins of the pages that may register clients from a browser.",
    properties: &[Property {
        name: NAME,
        key: "registration-web-origins",
        kind: "MultivaluedString",
        preset: Preset::None,
        options: Options::None,
    }],
    configure: |config| Ok(Arc::new(RegistrationWebOrigins(texts(config, NAME)))),
};

const NAME: &str = "web-origins";

struct RegistrationWebOrigins(Vec<String>);

impl RegistrationPolicy for RegistrationWebOrigins {
    fn web_origins(&self) -> &[String] {
        &self.0
    }
}
