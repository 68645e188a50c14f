//! `consent-required`: users are asked before the client gets anything of theirs.

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::policy::configuration::{Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventSet, Proposal};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "consent-required",
    help: Text {
        en: "Every client asks its users for consent.",
        ja: "すべてのクライアントでユーザーの同意を必須にします。",
    },
    properties: &[auto_configure(true)],
    events: EventSet::PROPOSALS,
    configure: configure::<ConsentRequired>,
};

#[derive(Deserialize)]
#[serde(default, rename_all = "kebab-case")]
#[derive(Default)]
struct ConsentRequired {
    auto_configure: Switch,
}

impl Executor for ConsentRequired {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(proposal) = event.proposal() else { return Reaction::Pass };
        if proposal.result.consent_required == Some(true) {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(edit(&proposal)))
        } else {
            Reaction::refuse("invalid_registration", "Client is required to enable consentRequired")
        }
    }
}

/// A new client that says nothing of full scope has it unless it asks for consent, which it now does.
fn edit(proposal: &Proposal<'_>) -> ClientEdit {
    let unmentioned = proposal.current.is_none() && proposal.sent.full_scope_allowed.is_none();
    if unmentioned && proposal.result.full_scope_allowed == Some(true) {
        ClientEdit::Several(vec![ClientEdit::ConsentRequired(true), ClientEdit::FullScopeAllowed(false)])
    } else {
        ClientEdit::ConsentRequired(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_without_consent_is_refused_or_put_right() {
        let refused =
            Reaction::refuse("invalid_registration", "Client is required to enable consentRequired");
        let changed = Reaction::Change(Effect::Client(ClientEdit::ConsentRequired(true)));
        for (configuration, consent, expected) in [
            (json!({}), None, refused.clone()),
            (json!({"auto-configure": false}), Some(false), refused),
            (json!({"auto-configure": "true"}), None, changed.clone()),
            (json!({"auto-configure": true}), Some(false), changed),
            (json!({}), Some(true), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            scene.result.consent_required = consent;
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {consent:?}");
            }
        }
    }

    #[test]
    fn a_new_client_that_is_to_ask_has_no_full_scope_unless_it_said_so() {
        let scope = ClientEdit::FullScopeAllowed(false);
        let both = ClientEdit::Several(vec![ClientEdit::ConsentRequired(true), scope]);
        let consent = ClientEdit::ConsentRequired(true);
        for (event, said, expected) in [
            (EventName::Register, None, both),
            (EventName::Register, Some(true), consent.clone()),
            (EventName::Update, None, consent),
        ] {
            let mut scene = Scene::default();
            scene.sent.full_scope_allowed = said;
            scene.result.full_scope_allowed = Some(true);
            let reaction = react(&PROVIDER, &json!({"auto-configure": true}), &scene.event(event));
            assert_eq!(reaction, Reaction::Change(Effect::Client(expected)), "{event:?} {said:?}");
        }
    }
}
