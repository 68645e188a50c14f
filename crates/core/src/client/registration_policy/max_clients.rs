//! `max-clients`: a realm is not filled with clients by whoever likes to. The count is taken by the store, in the
//! work that makes the client.

use std::sync::Arc;

use super::{Options, Preset, Property, Provider, RegistrationPolicy};

pub(super) const PROVIDER: Provider = Provider {
    id: "max-clients",
    help: "Nobody registers once the realm has so many clients.",
    properties: &[Property {
        name: NAME,
        key: NAME,
        kind: "String",
        preset: Preset::Text("200"),
        options: Options::None,
    }],
    configure: |config| {
        let text = config.get(NAME).and_then(|values| values.first()).filter(|text| !text.is_empty());
        let most = text.map_or(Ok(PRESET), |text| text.parse());
        match most {
            Ok(most) if most >= 0 => Ok(Arc::new(MaxClients(most))),
            _ => Err(format!("{NAME} is not a number of clients")),
        }
    },
};

const NAME: &str = "max-clients";
const PRESET: i64 = 200;

struct MaxClients(i64);

impl RegistrationPolicy for MaxClients {
    fn most_clients(&self) -> Option<i64> {
        Some(self.0)
    }
}
