//! What an act of administration stands on: the realm as it is, and proof of who may do what in it.

use std::sync::Arc;

use sekisho_core::access::{AdminRoles, Caller, Right};
use sekisho_core::event::{Actor, AdminEventRecord, OperationType};
use sekisho_core::policy::event::Updater;
use sekisho_core::work::{Guard, Outcome, Record, Work};
use sekisho_core::{Realm, secrets};
use serde::Serialize;
use uuid::Uuid;

use crate::error::What;
use crate::{AdminError, Context};

/// How often a change is decided anew when somebody else was faster.
pub(crate) const TRIES: usize = 6;

/// What somebody may do in one realm.
#[derive(Clone)]
pub struct Permit {
    roles: AdminRoles,
    updater: Updater,
    actor: Option<Actor>,
    /// `None`: whoever runs a command on the machine itself.
    caller: Option<Caller>,
}

/// An administrator at work in one realm.
#[derive(Clone)]
pub struct Admin<'a> {
    pub context: Context<'a>,
    pub realm: Arc<Realm>,
    pub permit: Permit,
}

impl Permit {
    /// What a caller may do in the realm of this name.
    pub fn of(caller: &Caller, realm: &str) -> Self {
        let actor = Actor {
            realm: Some(caller.realm().id.to_string()),
            client: Some(caller.client().id.to_string()),
            user: Some(caller.user().id.to_string()),
            ip_address: Some(caller.address().to_owned()),
        };
        Self {
            roles: caller.admin_roles(realm),
            updater: caller.updater(realm),
            actor: Some(actor),
            caller: Some(caller.clone()),
        }
    }

    /// Whoever runs a command on the machine itself may do all.
    pub const fn operator() -> Self {
        Self { roles: AdminRoles::ALL, updater: Updater::operator(), actor: None, caller: None }
    }

    /// Demands one of these roles.
    ///
    /// # Errors
    /// [`AdminError::Forbidden`].
    pub const fn require(&self, one_of: AdminRoles) -> Result<(), AdminError> {
        if self.roles.meets(one_of) { Ok(()) } else { Err(AdminError::Forbidden) }
    }

    /// Whether one of these roles is there.
    pub const fn has(&self, one_of: AdminRoles) -> bool {
        self.roles.meets(one_of)
    }

    /// Whether a role may be given to others and taken from them: nobody makes an administrator of somebody who may
    /// then do more than they may themselves (attack 80). What comes with the role counts too.
    pub fn may_give(&self, realm: &Realm, role: Uuid) -> bool {
        self.caller.as_ref().is_none_or(|caller| caller.covers(realm, [role]))
    }

    /// Demands a right over a realm.
    ///
    /// # Errors
    /// [`AdminError::Forbidden`].
    pub fn require_right(&self, right: Right<'_>) -> Result<(), AdminError> {
        let held = self.caller.as_ref().is_none_or(|caller| caller.holds(right));
        if held { Ok(()) } else { Err(AdminError::Forbidden) }
    }

    /// As conditions of policies see it.
    pub const fn updater(&self) -> &Updater {
        &self.updater
    }

    /// Who it is; nobody with an account for a command on the machine.
    pub const fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }
}

/// What an admin event says of what was done.
pub(crate) struct Done<'a, T> {
    pub(crate) operation: OperationType,
    /// Keycloak's word.
    pub(crate) resource: &'static str,
    /// Under the realm, without a slash before it.
    pub(crate) path: String,
    /// What was sent.
    pub(crate) sent: Option<&'a T>,
}

impl<'a> Admin<'a> {
    /// An administrator at work in the realm of this name.
    ///
    /// # Errors
    /// That there is no such realm, or that it is being imported.
    pub async fn open(context: Context<'a>, name: &str, permit: Permit) -> Result<Self, AdminError> {
        let realm = context.store.realm(name).await?.ok_or(AdminError::NotFound(What::Realm))?;
        Ok(Self { context, realm, permit })
    }

    /// A work that is decided on the realm in hand: lost, where somebody else changed it since.
    pub(crate) fn begin(&self) -> Work {
        let (realm, revision) = (self.realm.id, self.realm.revision);
        Work::new(self.context.fresh_id()).guard(Guard::MoveRealmFrom { realm, revision })
    }

    /// The same on the realm as it is now. What another node changed is known here within a second; a change must not
    /// be refused for what it did before that.
    pub(crate) async fn current(&self) -> Result<Self, AdminError> {
        let stored = self.context.store.stored_realm(&self.realm.name).await?;
        let is_current = stored.is_some_and(|stored| stored.revision == self.realm.revision);
        if is_current { Ok(self.clone()) } else { self.refreshed().await }
    }

    /// The same with the realm as it is now, for what was decided on a realm that somebody else changed.
    pub(crate) async fn refreshed(&self) -> Result<Self, AdminError> {
        let realm = self.context.store.reload_realm(&self.realm.name).await?;
        Ok(Self { realm: realm.ok_or(AdminError::NotFound(What::Realm))?, ..self.clone() })
    }

    /// The work with its admin event, where the realm records them (DESIGN §5.8).
    pub(crate) fn recorded<T: Serialize>(&self, work: Work, done: &Done<'_, T>) -> Work {
        self.recorded_of(work, done, None)
    }

    /// The same of somebody, whose name the event tells.
    pub(crate) fn recorded_of<T: Serialize>(
        &self,
        work: Work,
        done: &Done<'_, T>,
        username: Option<&str>,
    ) -> Work {
        match self.told(done, username) {
            Some(event) => work.insert(Record::AdminEvent(Box::new(event))),
            None => work,
        }
    }

    /// What an admin event tells of an act, where the realm records them.
    pub(crate) fn told<T: Serialize>(
        &self,
        done: &Done<'_, T>,
        username: Option<&str>,
    ) -> Option<AdminEventRecord> {
        let settings = &self.realm.events;
        settings.admin.then(|| self.record(done, settings.admin_details, username))
    }

    /// The work with its admin event, whatever the realm records.
    pub(crate) fn event<T: Serialize>(
        &self,
        work: Work,
        done: &Done<'_, T>,
        with_representation: bool,
        username: Option<&str>,
    ) -> Work {
        work.insert(Record::AdminEvent(Box::new(self.record(done, with_representation, username))))
    }

    fn record<T: Serialize>(
        &self,
        done: &Done<'_, T>,
        with_representation: bool,
        username: Option<&str>,
    ) -> AdminEventRecord {
        let representation = done.sent.filter(|_| with_representation).and_then(|sent| {
            let mut document = serde_json::to_value(sent).ok()?;
            secrets::take(&mut document);
            Some(document.to_string())
        });
        AdminEventRecord {
            id: self.context.fresh_id(),
            realm: self.realm.id,
            at: self.context.now(),
            operation: done.operation,
            resource_type: done.resource.to_owned(),
            resource_path: done.path.clone(),
            representation,
            error: None,
            actor: self.permit.actor.clone().unwrap_or_default(),
            details: username.map(|name| ("username".to_owned(), name.to_owned())).into_iter().collect(),
        }
    }

    /// Commits; `false` when a guard was lost that `lost` has no error for: then it must be decided anew.
    pub(crate) async fn commit(
        &self,
        work: Work,
        lost: impl FnOnce(usize) -> Option<AdminError>,
    ) -> Result<bool, AdminError> {
        match self.context.store.commit(work).await? {
            Outcome::Won => Ok(true),
            Outcome::Unknown => Err(AdminError::Unknown),
            Outcome::Lost(guard) => lost(guard).map_or(Ok(false), Err),
        }
    }
}
