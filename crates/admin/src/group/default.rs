//! Groups that every new user is put into: paths in the realm's document.

use std::collections::BTreeMap;

use sekisho_core::Work;
use sekisho_core::ids::row_id;
use sekisho_protocol::keycloak::GroupRepresentation;

use super::read::{Detail, Tree, shown};
use crate::AdminError;
use crate::error::What;
use crate::permit::Admin;
use crate::realm::settings;
use crate::user::membership::check_roles;

/// The default groups.
pub async fn list(admin: &Admin<'_>) -> Result<Vec<GroupRepresentation>, AdminError> {
    let paths = settings::document(admin).await?.default_groups.unwrap_or_default();
    let tree = Tree::load(admin).await?;
    let found = tree.0.iter().filter(|record| paths.contains(&record.path));
    found.map(|record| shown(admin, record, Detail::Brief)).collect()
}

/// Makes a group a default one.
pub async fn add(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    check_roles(admin, row_id(admin.realm.id, id))?;
    let path = path(admin, id).await?;
    settings::change_realm(admin, |realm| {
        let paths = realm.default_groups.get_or_insert_default();
        if !paths.contains(&path) {
            paths.push(path.clone());
        }
        Ok(())
    })
    .await
}

/// A default group is one no more.
pub async fn remove(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let path = path(admin, id).await?;
    settings::change_realm(admin, |realm| {
        realm.default_groups.get_or_insert_default().retain(|known| *known != path);
        Ok(())
    })
    .await
}

async fn path(admin: &Admin<'_>, id: &str) -> Result<String, AdminError> {
    let tree = Tree::load(admin).await?;
    let record = tree.find(row_id(admin.realm.id, id));
    record.map(|record| record.path.clone()).map_err(|_| AdminError::NotFound(What::JoinedGroup))
}

/// Adds to a work what the default groups are once these paths are others, or gone.
pub(super) async fn follow(
    admin: &Admin<'_>,
    paths: &BTreeMap<String, Option<String>>,
    work: Work,
) -> Result<Work, AdminError> {
    let (stored, mut realm) = settings::whole(admin).await?;
    let before = realm.default_groups.clone().unwrap_or_default();
    let after = |path: &String| paths.get(path).map_or_else(|| Some(path.clone()), Clone::clone);
    let after: Vec<String> = before.iter().filter_map(after).collect();
    if after == before {
        return Ok(work);
    }
    realm.default_groups = Some(after);
    settings::storing(admin, work, &stored, &realm)
}
