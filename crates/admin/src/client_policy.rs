//! Client profiles and policies, as an administrator reads and saves them: whole lists, checked before.

use sekisho_core::policy::profile::{global_policies, global_profiles};
use sekisho_core::policy::{notice, save};
use sekisho_protocol::keycloak::{ClientPoliciesRepresentation, ClientProfilesRepresentation};

use crate::permit::Admin;
use crate::realm::settings;
use crate::{AdminError, policy};

/// Whether a list shows what the server adds to every realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Globals {
    Shown,
    LeftOut,
}

/// The realm's profiles.
pub async fn profiles(
    admin: &Admin<'_>,
    globals: Globals,
) -> Result<ClientProfilesRepresentation, AdminError> {
    let mut found = settings::find(admin).await?.client_profiles.unwrap_or_default();
    found.profiles.get_or_insert_default();
    found.global_profiles = (globals == Globals::Shown).then(|| global_profiles().to_vec());
    Ok(found)
}

/// The realm's policies.
pub async fn policies(
    admin: &Admin<'_>,
    globals: Globals,
) -> Result<ClientPoliciesRepresentation, AdminError> {
    let mut found = settings::find(admin).await?.client_policies.unwrap_or_default();
    found.policies.get_or_insert_default();
    let global = || global_policies(admin.realm.security);
    found.global_policies = (globals == Globals::Shown).then(global);
    Ok(found)
}

/// Saves the realm's profiles, in place of all that it has. Answers what there is to know of them.
pub async fn save_profiles(
    admin: &Admin<'_>,
    mut sent: ClientProfilesRepresentation,
) -> Result<Vec<String>, AdminError> {
    save::check_profiles(&sent)?;
    sent.global_profiles = None;
    sent.profiles.get_or_insert_default();
    settings::change_realm(admin, |realm| {
        realm.client_profiles = Some(sent.clone());
        Ok(())
    })
    .await?;
    let policies = settings::find(admin).await?.client_policies.unwrap_or_default();
    let mut notices = notice::of_profiles(&sent);
    notices.extend(notice::of_missing_profiles(&policies, &sent));
    Ok(notices)
}

/// Saves the realm's policies, in place of all that it has. Answers what there is to know of them: that one can be
/// about no client, and why.
pub async fn save_policies(
    admin: &Admin<'_>,
    mut sent: ClientPoliciesRepresentation,
) -> Result<Vec<String>, AdminError> {
    save::check_scopes(&sent, &admin.realm)?;
    for policy in sent.policies.get_or_insert_default() {
        policy.enabled.get_or_insert(false);
        policy.conditions.get_or_insert_default();
        policy.profiles.get_or_insert_default();
    }
    let security = admin.realm.security;
    settings::change_realm(admin, |realm| {
        save::check_policies(&sent, realm.client_profiles.as_ref(), security)?;
        realm.client_policies = Some(ClientPoliciesRepresentation { global_policies: None, ..sent.clone() });
        Ok(())
    })
    .await?;
    let profiles = settings::find(admin).await?.client_profiles;
    policy::warnings(admin, profiles.as_ref(), &sent).await
}
