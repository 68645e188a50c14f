//! `full-scope-disabled`: a client's tokens carry only the roles that its scopes name.

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::policy::configuration::{Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "full-scope-disabled",
    help: Text {
        en: "No client has full scope: its tokens carry only roles that its scope mappings name.",
        ja: "クライアントのフルスコープを禁止し、スコープマッピングで指定したロールだけをトークンに含めます。",
    },
    properties: &[auto_configure(true)],
    events: EventSet::PROPOSALS,
    configure: configure::<FullScopeDisabled>,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct FullScopeDisabled {
    auto_configure: Switch,
}

impl Executor for FullScopeDisabled {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(proposal) = event.proposal() else { return Reaction::Pass };
        if proposal.result.full_scope_allowed == Some(false) {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::FullScopeAllowed(false)))
        } else {
            Reaction::refuse("invalid_registration", "Not permitted to enable fullScopeAllowed")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_with_full_scope_is_refused_or_put_right() {
        let refused = Reaction::refuse("invalid_registration", "Not permitted to enable fullScopeAllowed");
        let changed = Reaction::Change(Effect::Client(ClientEdit::FullScopeAllowed(false)));
        for (configuration, full_scope, expected) in [
            (json!({}), None, refused.clone()),
            (json!({"auto-configure": "false"}), Some(true), refused),
            (json!({"auto-configure": "true"}), None, changed.clone()),
            (json!({"auto-configure": true}), Some(true), changed),
            (json!({}), Some(false), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            scene.result.full_scope_allowed = full_scope;
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {full_scope:?}");
            }
        }
    }
}
