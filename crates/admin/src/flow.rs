//! Authentication flows, as they stand in the realm's document. They are kept and shown, so that what was written for
//! them finds them; users sign in as this server has it, whatever a flow says.

mod authenticator;

use sekisho_core::ids::row_id;
use sekisho_protocol::keycloak::{
    AuthenticationExecutionExportRepresentation, AuthenticationExecutionInfoRepresentation,
    AuthenticationFlowRepresentation, RealmRepresentation,
};

use crate::AdminError;
use crate::error::What;
use crate::permit::Admin;
use crate::realm::settings;

/// A document may have a flow in itself, or twice in each of a row of others: neither is followed to its end.
const MAX_LEVEL: i32 = 16;
const MAX_STEPS: usize = 1000;

/// Of this one Keycloak says nothing, though it can be asked for.
const UNLISTED: &str = "saml ecp";

/// The flows that are not part of others.
pub async fn list(admin: &Admin<'_>) -> Result<Vec<AuthenticationFlowRepresentation>, AdminError> {
    let mut flows = settings::document(admin).await?.authentication_flows.unwrap_or_default();
    flows.retain(|flow| flow.top_level != Some(false) && flow.alias.as_deref() != Some(UNLISTED));
    Ok(flows)
}

/// The flow with this id, part of another or not.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<AuthenticationFlowRepresentation, AdminError> {
    let flows = settings::document(admin).await?.authentication_flows.unwrap_or_default();
    let found = flows.into_iter().find(|flow| flow.id.as_deref() == Some(id));
    found.ok_or(AdminError::NotFound(What::Flow))
}

/// The steps of a flow with those of the flows in it, in order.
pub async fn executions(
    admin: &Admin<'_>,
    alias: &str,
) -> Result<Vec<AuthenticationExecutionInfoRepresentation>, AdminError> {
    let realm = settings::document(admin).await?;
    let steps = Steps { admin, realm: &realm };
    let mut found = Vec::new();
    steps.collect(flow(&realm, alias).ok_or(AdminError::NotFound(What::NamedFlow))?, 0, &mut found);
    Ok(found)
}

/// What speaks against a new flow, before all else.
pub async fn check_new(admin: &Admin<'_>, sent: &AuthenticationFlowRepresentation) -> Result<(), AdminError> {
    let alias = sent.alias.as_deref().unwrap_or_default();
    if alias.is_empty() {
        return Err(AdminError::Exists("Failed to create flow with empty alias name".to_owned()));
    }
    match flow(&settings::document(admin).await?, alias) {
        Some(_) => Err(AdminError::Exists(format!("Flow {alias} already exists"))),
        None => Ok(()),
    }
}

fn flow<'a>(realm: &'a RealmRepresentation, alias: &str) -> Option<&'a AuthenticationFlowRepresentation> {
    realm.authentication_flows.iter().flatten().find(|flow| flow.alias.as_deref() == Some(alias))
}

struct Steps<'a> {
    admin: &'a Admin<'a>,
    realm: &'a RealmRepresentation,
}

impl Steps<'_> {
    fn collect(
        &self,
        flow: &AuthenticationFlowRepresentation,
        level: i32,
        found: &mut Vec<AuthenticationExecutionInfoRepresentation>,
    ) {
        let mut steps: Vec<_> = flow.authentication_executions.iter().flatten().collect();
        steps.sort_by_key(|step| step.priority);
        for (index, step) in (0..).zip(steps) {
            let inner = step.flow_alias.as_deref().and_then(|alias| self::flow(self.realm, alias));
            let place = format!("{}/{index}", flow.id.as_deref().unwrap_or_default());
            found.push(AuthenticationExecutionInfoRepresentation {
                // A document has no ids for steps.
                id: Some(row_id(self.admin.realm.id, &place).to_string()),
                level: Some(level),
                index: Some(index),
                ..self.described(step, inner)
            });
            if let Some(inner) = inner.filter(|_| level < MAX_LEVEL && found.len() < MAX_STEPS) {
                self.collect(inner, level + 1, found);
            }
        }
    }

    fn described(
        &self,
        step: &AuthenticationExecutionExportRepresentation,
        inner: Option<&AuthenticationFlowRepresentation>,
    ) -> AuthenticationExecutionInfoRepresentation {
        let configuration = step.authenticator_config.as_deref();
        let known = self.realm.authenticator_config.iter().flatten();
        let configuration = known.into_iter().find(|known| known.alias.as_deref() == configuration);
        let authenticator = authenticator::find(step.authenticator.as_deref().unwrap_or_default());
        let shown = AuthenticationExecutionInfoRepresentation {
            requirement: step.requirement.clone(),
            provider_id: step.authenticator.clone(),
            priority: step.priority,
            alias: configuration.and_then(|known| known.alias.clone()),
            authentication_config: configuration.and_then(|known| known.id.clone()),
            ..Default::default()
        };
        let choices = |choices: &[&str]| Some(choices.iter().copied().map(str::to_owned).collect());
        match inner {
            Some(flow) => AuthenticationExecutionInfoRepresentation {
                display_name: flow.alias.clone(),
                description: flow.description.clone(),
                requirement_choices: choices(authenticator::of_flow(flow.provider_id.as_deref())),
                configurable: Some(false),
                authentication_flow: Some(true),
                flow_id: flow.id.clone(),
                ..shown
            },
            None => AuthenticationExecutionInfoRepresentation {
                display_name: authenticator.map(|known| known.name.to_owned()).or(step.authenticator.clone()),
                requirement_choices: choices(
                    authenticator.map_or(authenticator::FREE, |known| known.choices),
                ),
                configurable: Some(authenticator.is_some_and(|known| known.configurable)),
                ..shown
            },
        }
    }
}
