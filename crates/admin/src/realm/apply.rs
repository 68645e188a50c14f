//! What a file says, brought into a realm through the same operations as everybody's changes, so that the policies
//! judge them. Each change happens whole or not at all; what was done stays done.

use sekisho_core::client::register::Draft;
use sekisho_core::policy::event::Occasion;
use sekisho_core::policy::{notice, save};
use sekisho_protocol::keycloak::{ClientRepresentation, ClientScopeRepresentation};
use sekisho_store::StoredClient;

use super::diff::{self, Change, Desired, Kind, MemberChange, Stored, Subject, Unnamed};
use super::settings;
use crate::error::What;
use crate::judge::ask_to_look;
use crate::permit::Admin;
use crate::{AdminError, client, client_scope, policy};

/// How often a client is brought nearer to the file: the making of one gives it what every client gets, and the
/// file may say otherwise.
const STEPS: usize = 2;

/// What a file changes in a realm.
#[derive(Debug)]
pub struct Plan {
    /// In the order in which they work.
    pub changes: Vec<Change>,
    /// What the file asks for in vain: a policy, or a rule that holds for every client, keeps it as it is.
    pub kept: Vec<Change>,
    /// What there is to know of the file: what of its profiles and policies nobody reads or carries out, secrets that
    /// it does not have.
    pub notices: Vec<String>,
}

/// What became of a change.
#[derive(Debug)]
pub enum Outcome {
    Done,
    Failed(AdminError),
    /// Not tried, since something that comes before it failed.
    Left,
}

/// What the file would change.
///
/// # Errors
/// What in the file cannot be; that the realm cannot be read.
pub async fn plan(admin: &Admin<'_>, desired: &Desired, unnamed: Unnamed) -> Result<Plan, AdminError> {
    let security = admin.realm.security;
    let changes = diff::compare(desired, &load(admin).await?, unnamed, security)?;
    let of_profiles = desired.profiles.iter().flat_map(notice::of_profiles);
    let of_policies = desired.policies.iter().flat_map(notice::of_policies);
    let notices = of_profiles.chain(of_policies).chain(invented_secrets(desired, &changes)).collect();
    if changes.iter().any(|change| is_of_policies(change.what)) {
        // Clients will be judged by other policies than there are.
        return Ok(Plan { changes, kept: Vec::new(), notices });
    }
    let mut plan = Plan { changes: Vec::new(), kept: Vec::new(), notices };
    for change in changes {
        let client = (change.what == Subject::Client && change.kind == Kind::Update)
            .then(|| desired_client(desired, &change.name))
            .flatten();
        let outlook = match client {
            Some(client) => outlook(admin, client).await.unwrap_or_default(),
            None => None,
        };
        let Some(outlook) = outlook else {
            plan.changes.push(change);
            continue;
        };
        let Outlook { open, kept } = outlook;
        for (list, members) in [(&mut plan.changes, open), (&mut plan.kept, kept)] {
            if !members.is_empty() {
                list.push(Change { members, name: change.name.clone(), ..change });
            }
        }
    }
    Ok(plan)
}

/// Stars keep the secret that a client has; one that is new has none.
fn invented_secrets(desired: &Desired, changes: &[Change]) -> Vec<String> {
    let new = changes.iter().filter(|change| change.what == Subject::Client && change.kind == Kind::Create);
    new.filter(|change| desired.hidden.contains(&change.name))
        .map(|change| {
            format!(
                "client {:?} is new, and stars are no secret: the server makes one, unless the file refers to it with \
                 ${{env:NAME}} or ${{file:path}}",
                change.name
            )
        })
        .collect()
}

/// Makes the changes of a plan, and tells each as soon as it is known what became of it. Answers whether all were
/// made.
pub async fn apply(
    admin: &Admin<'_>,
    desired: &Desired,
    changes: &[Change],
    tell: &mut dyn FnMut(&Change, &Outcome),
) -> bool {
    let (policies, others): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| is_of_policies(change.what));
    let (mut complete, mut guarded) = (true, true);
    let mut policies_due = !policies.is_empty();
    for change in others {
        if policies_due && (change.what != Subject::ClientScope || change.kind == Kind::Delete) {
            guarded = apply_policies(admin, desired, &policies, tell).await;
            (complete, policies_due) = (complete && guarded, false);
        }
        let leave = match change.kind {
            Kind::Delete => !complete,
            // What the policies should have judged is not let pass without them.
            _ => !guarded,
        };
        let outcome =
            if leave { Outcome::Left } else { attempted(Box::pin(one(admin, desired, change)).await) };
        complete &= matches!(outcome, Outcome::Done);
        tell(change, &outcome);
    }
    if policies_due {
        complete &= apply_policies(admin, desired, &policies, tell).await;
    }
    complete
}

/// What an administrator should know of profiles and policies as they are now: what of them nobody reads or carries
/// out, and that a policy is about no client.
///
/// # Errors
/// That the realm cannot be read.
pub async fn warnings(admin: &Admin<'_>) -> Result<Vec<String>, AdminError> {
    let admin = reopened(admin).await?;
    let stored = load(&admin).await?;
    let mut warnings = notice::of_profiles(&stored.profiles);
    for warning in policy::warnings(&admin, Some(&stored.profiles), &stored.policies).await? {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    Ok(warnings)
}

fn attempted(outcome: Result<(), AdminError>) -> Outcome {
    outcome.map_or_else(Outcome::Failed, |()| Outcome::Done)
}

/// Whether a change is one of client profiles or policies.
pub const fn is_of_policies(what: Subject) -> bool {
    matches!(what, Subject::ClientProfile | Subject::ClientPolicy | Subject::ClientPolicies)
}

/// All of them in one work: no policy is without its profiles in between.
async fn apply_policies(
    admin: &Admin<'_>,
    desired: &Desired,
    changes: &[&Change],
    tell: &mut dyn FnMut(&Change, &Outcome),
) -> bool {
    let mut outcome = attempted(save_policies(admin, desired, changes).await);
    let done = matches!(outcome, Outcome::Done);
    for change in changes {
        tell(change, &outcome);
        if !done {
            outcome = Outcome::Left;
        }
    }
    done
}

/// Lists are replaced whole: what was not shown since somebody else added it meanwhile must not go with them.
async fn save_policies(admin: &Admin<'_>, desired: &Desired, shown: &[&Change]) -> Result<(), AdminError> {
    let admin = reopened(admin).await?;
    let security = admin.realm.security;
    if let Some(policies) = &desired.policies {
        save::check_scopes(policies, &admin.realm)?;
    }
    settings::change_realm(&admin, |realm| {
        let stored = Stored {
            profiles: realm.client_profiles.clone().unwrap_or_default(),
            policies: realm.client_policies.clone().unwrap_or_default(),
            ..Stored::default()
        };
        let due = diff::policy_changes(desired, &stored, security)?;
        if !due.iter().eq(shown.iter().copied()) {
            return Err(AdminError::Raced(admin.realm.name.clone()));
        }
        let (profiles, policies) = diff::resulting(desired, &stored);
        (realm.client_profiles, realm.client_policies) = (Some(profiles), Some(policies));
        Ok(())
    })
    .await
}

async fn one(admin: &Admin<'_>, desired: &Desired, change: &Change) -> Result<(), AdminError> {
    // Scopes and policies may have changed since, by the step before this one.
    let admin = &reopened(admin).await?;
    match (change.what, change.kind) {
        (Subject::Client, Kind::Delete) => {
            let found = find_client(admin, &change.name).await?.ok_or(AdminError::NotFound(What::Client))?;
            client::delete(admin, &id_of(&found)).await
        }
        (Subject::Client, _) => {
            let client = desired_client(desired, &change.name).ok_or(AdminError::NotFound(What::Client))?;
            Box::pin(bring_client(admin, client)).await
        }
        (_, Kind::Delete) => {
            let scope =
                find_scope(admin, &change.name).await?.ok_or(AdminError::NotFound(What::ClientScope))?;
            client_scope::delete(admin, scope.id.as_deref().unwrap_or_default()).await
        }
        _ => {
            let mut scopes = desired.scopes.iter().flatten();
            let scope = scopes.find(|scope| scope.name.as_ref() == Some(&change.name));
            bring_scope(admin, scope.ok_or(AdminError::NotFound(What::ClientScope))?).await
        }
    }
}

async fn bring_scope(admin: &Admin<'_>, desired: &ClientScopeRepresentation) -> Result<(), AdminError> {
    let name = desired.name.as_deref().unwrap_or_default();
    let mut found = find_scope(admin, name).await?;
    if found.is_none() {
        let new = diff::applied(desired, &ClientScopeRepresentation::default())?;
        match client_scope::create(admin, new).await {
            // Somebody else made it meanwhile; it shall be as the file says all the same.
            Err(AdminError::Exists(_)) => found = find_scope(&reopened(admin).await?, name).await?,
            made => return made.map(drop),
        }
    }
    let id = found.and_then(|scope| scope.id).ok_or(AdminError::NotFound(What::ClientScope))?;
    client_scope::replace(admin, &id, desired, |scope| diff::applied(desired, scope)).await
}

async fn bring_client(admin: &Admin<'_>, desired: &ClientRepresentation) -> Result<(), AdminError> {
    let name = desired.client_id.as_deref().unwrap_or_default();
    if find_client(admin, name).await?.is_none() {
        let new = diff::applied(desired, &ClientRepresentation::default())?;
        match client::create(admin, new).await {
            // Somebody else made it meanwhile; it shall be as the file says all the same.
            Err(AdminError::Exists(_)) => {}
            made => drop(made?),
        }
    }
    for _ in 0..STEPS {
        let Some(outlook) = outlook(admin, desired).await? else {
            return Err(AdminError::NotFound(What::Client));
        };
        if outlook.open.is_empty() {
            return Ok(());
        }
        let found = find_client(admin, name).await?.ok_or(AdminError::NotFound(What::Client))?;
        let change = |stored: &ClientRepresentation| diff::applied(desired, stored);
        Box::pin(client::whole::replace(admin, &id_of(&found), desired, change)).await?;
    }
    Ok(())
}

/// What a change of a client would come to.
struct Outlook {
    open: Vec<MemberChange>,
    /// What the file asks for in vain.
    kept: Vec<MemberChange>,
}

/// Lets the policies speak without writing anything. `None` when there is no such client.
async fn outlook(admin: &Admin<'_>, desired: &ClientRepresentation) -> Result<Option<Outlook>, AdminError> {
    let name = desired.client_id.as_deref().unwrap_or_default();
    let Some(found) = find_client(admin, name).await? else { return Ok(None) };
    let before = found.document;
    let after = diff::applied(desired, &before)?;
    let asked = diff::differences(&before, &after)?;
    if asked.is_empty() {
        return Ok(Some(Outlook { open: asked, kept: Vec::new() }));
    }
    let draft = Draft::replace(found.client, desired.clone(), after);
    let effects = ask_to_look(admin, Occasion::Update(draft.proposal(admin.permit.updater()))).await?;
    let settled = draft.settle(&effects, &admin.realm, admin.context.entropy, admin.context.now())?;
    let come: Vec<MemberChange> = diff::differences(&before, settled.document())?;
    let comes = |asked: &MemberChange| come.iter().any(|change| change.member == asked.member);
    let (open, kept) = asked.into_iter().partition(comes);
    Ok(Some(Outlook { open, kept }))
}

async fn load(admin: &Admin<'_>) -> Result<Stored, AdminError> {
    let (_, realm) = settings::whole(admin).await?;
    let mut clients = Vec::new();
    for record in admin.context.store.stored_clients(admin.realm.id).await? {
        clients.push(client::read_whole(admin, StoredClient { record, version: 0 })?.document);
    }
    Ok(Stored {
        realm: admin.realm.name.clone(),
        profiles: realm.client_profiles.unwrap_or_default(),
        policies: realm.client_policies.unwrap_or_default(),
        scopes: client_scope::all(admin).await?,
        clients,
    })
}

async fn find_client(admin: &Admin<'_>, name: &str) -> Result<Option<client::Found>, AdminError> {
    let stored = admin.context.store.stored_client(admin.realm.id, name).await?;
    stored.map(|stored| client::read_whole(admin, stored)).transpose()
}

fn id_of(found: &client::Found) -> String {
    found.document.id.clone().unwrap_or_else(|| found.client.id.to_string())
}

async fn find_scope(admin: &Admin<'_>, name: &str) -> Result<Option<ClientScopeRepresentation>, AdminError> {
    let scopes = client_scope::all(admin).await?;
    Ok(scopes.into_iter().find(|scope| scope.name.as_deref() == Some(name)))
}

fn desired_client<'d>(desired: &'d Desired, name: &str) -> Option<&'d ClientRepresentation> {
    desired.clients.iter().flatten().find(|client| client.client_id.as_deref() == Some(name))
}

async fn reopened<'a>(admin: &Admin<'a>) -> Result<Admin<'a>, AdminError> {
    Admin::open(admin.context, &admin.realm.name, admin.permit.clone()).await
}
