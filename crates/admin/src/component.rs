//! Components: what gives a realm its keys, and what else a provider of Keycloak is configured with. The realm's
//! document holds them; keys have rows of their own.

mod key;
mod provider;
mod tree;

use sekisho_core::event::OperationType;
use sekisho_core::secrets;
use sekisho_core::work::Work;
use sekisho_protocol::keycloak::{
    ComponentExportRepresentation, ComponentRepresentation, RealmRepresentation,
};

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::settings;

/// The longest name that a row has room for in Keycloak.
const MAX_NAME: usize = 255;

/// Which components; whatever is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub parent: Option<String>,
    pub provider_type: Option<String>,
    pub name: Option<String>,
}

/// Components of the realm, secrets as stars.
pub async fn list(admin: &Admin<'_>, filter: &Filter) -> Result<Vec<ComponentRepresentation>, AdminError> {
    let wants = |wanted: &Option<String>, value: &Option<String>| wanted.is_none() || wanted == value;
    let mut found = shown(admin).await?;
    found.retain(|component| {
        wants(&filter.parent, &component.parent_id)
            && wants(&filter.provider_type, &component.provider_type)
            && wants(&filter.name, &component.name)
    });
    Ok(found)
}

/// The component with this id.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<ComponentRepresentation, AdminError> {
    let found = shown(admin).await?.into_iter().find(|component| component.id.as_deref() == Some(id));
    found.ok_or(AdminError::NotFound(What::Component))
}

async fn shown(admin: &Admin<'_>) -> Result<Vec<ComponentRepresentation>, AdminError> {
    let realm = settings::hidden(admin).await?;
    Ok(tree::all(&realm))
}

/// Makes a component, and the key of one that gives keys. Answers its id.
pub async fn create(admin: &Admin<'_>, sent: ComponentRepresentation) -> Result<String, AdminError> {
    let id = sent.id.clone().unwrap_or_else(|| admin.context.fresh_id().to_string());
    let sent = ComponentRepresentation { id: Some(id.clone()), ..sent };
    change(admin, &Edit { id: &id, sent: Some(&sent), operation: OperationType::Create }).await?;
    Ok(id)
}

/// Changes a component: entries of its configuration that were not sent stay, empty ones go.
pub async fn update(admin: &Admin<'_>, id: &str, sent: &ComponentRepresentation) -> Result<(), AdminError> {
    change(admin, &Edit { id, sent: Some(sent), operation: OperationType::Update }).await
}

/// Removes a component, with its key and with what is below it.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    change(admin, &Edit { id, sent: None, operation: OperationType::Delete }).await
}

/// A change of one component.
struct Edit<'a> {
    id: &'a str,
    sent: Option<&'a ComponentRepresentation>,
    operation: OperationType,
}

/// Decides on the realm's document as it is, and commits; decides anew when somebody else was faster.
async fn change(admin: &Admin<'_>, edit: &Edit<'_>) -> Result<(), AdminError> {
    let done = Done {
        operation: edit.operation,
        resource: "COMPONENT",
        path: format!("components/{}", edit.id),
        sent: edit.sent,
    };
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let (stored, mut realm) = settings::whole(&admin).await?;
        let work = edit.apply(&admin, &mut realm).await?;
        let work = settings::storing(&admin, work, &stored, &realm)?;
        let taken = || AdminError::Exists(format!("Component {} already exists", edit.id));
        // A guard beside the first is that of a new key's row.
        if admin.commit(admin.recorded(work, &done), |guard| (guard > 0).then(taken)).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

impl Edit<'_> {
    async fn apply(&self, admin: &Admin<'_>, realm: &mut RealmRepresentation) -> Result<Work, AdminError> {
        match (self.operation, self.sent) {
            (OperationType::Create, Some(sent)) => self.make(admin, realm, sent).await,
            (_, Some(sent)) => self.replace(admin, realm, sent).await,
            (_, None) => {
                let removed = tree::remove(realm, self.id).ok_or(AdminError::NotFound(What::Component))?;
                key::removed(admin, realm, &removed).await
            }
        }
    }

    async fn make(
        &self,
        admin: &Admin<'_>,
        realm: &mut RealmRepresentation,
        sent: &ComponentRepresentation,
    ) -> Result<Work, AdminError> {
        let (provider_type, provider_id) = (sent.provider_type.as_deref(), sent.provider_id.as_deref());
        let unknown = || AdminError::Refused("Invalid provider type or no such provider".to_owned());
        let provider_type =
            provider_type.filter(|kind| provider::is_known(kind, provider_id)).ok_or_else(unknown)?;
        if tree::find(realm, self.id).is_some() {
            return Err(AdminError::Duplicate);
        }
        let mut component =
            ComponentExportRepresentation { id: Some(self.id.to_owned()), ..Default::default() };
        overlay(sent, &mut component)?;
        provider::check(provider_type, &component)?;
        let work = key::changed(admin, realm, provider_type, &mut component, None).await?;
        tree::put(realm, sent.parent_id.as_deref(), provider_type, component)?;
        Ok(work)
    }

    async fn replace(
        &self,
        admin: &Admin<'_>,
        realm: &mut RealmRepresentation,
        sent: &ComponentRepresentation,
    ) -> Result<Work, AdminError> {
        let found = tree::find(realm, self.id).ok_or(AdminError::NotFound(What::Component))?;
        let (provider_type, before) = (found.provider_type.to_owned(), found.component.clone());
        let stays = |sent: &Option<String>, known: Option<&String>| sent.is_none() || sent.as_ref() == known;
        if !stays(&sent.provider_type, Some(&provider_type))
            || !stays(&sent.provider_id, before.provider_id.as_ref())
        {
            return Err(AdminError::Invalid("providerId: a component stays with its provider".to_owned()));
        }
        let mut component = before.clone();
        overlay(sent, &mut component)?;
        provider::check(&provider_type, &component)?;
        let work = key::changed(admin, realm, &provider_type, &mut component, Some(&before)).await?;
        tree::replace(realm, self.id, component);
        Ok(work)
    }
}

/// What was sent over what is there.
/// What was sent over what is there.
fn overlay(
    sent: &ComponentRepresentation,
    component: &mut ComponentExportRepresentation,
) -> Result<(), AdminError> {
    for (value, member) in [
        (&sent.name, &mut component.name),
        (&sent.provider_id, &mut component.provider_id),
        (&sent.sub_type, &mut component.sub_type),
    ] {
        if value.is_some() {
            member.clone_from(value);
        }
    }
    if component.name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
        return Err(AdminError::Invalid(format!(
            "name: a component's name has at most {MAX_NAME} characters"
        )));
    }
    component.sub_components.get_or_insert_default();
    let config = component.config.get_or_insert_default();
    for (name, values) in sent.config.iter().flatten() {
        let values: Vec<String> = values.iter().filter(|value| !value.trim().is_empty()).cloned().collect();
        match values.first() {
            None => drop(config.remove(name)),
            // Stars stand for what is there already.
            Some(first) if secrets::is_hidden(first) => {}
            Some(_) => drop(config.insert(name.clone(), values)),
        }
    }
    Ok(())
}
