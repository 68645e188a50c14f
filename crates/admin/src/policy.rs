//! What client policies would say: to a request that is described, to requests that were recorded, and whom they
//! are about.

mod question;

use std::collections::{HashMap, HashSet};

use sekisho_core::policy::explain::{self, Explanation, Reach};
use sekisho_core::policy::input::{self, Input, Stage};
use sekisho_core::policy::{Policies, Refused, Verdict, evaluate, notice, save};
use sekisho_core::{Client, Realm, scope};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{ClientPoliciesRepresentation, ClientProfilesRepresentation};
use sekisho_store::{EventFilter, Order, Page, StoredClient, StoredEvent};
use serde::Serialize;

use crate::error::What;
use crate::permit::Admin;
use crate::realm::settings;
use crate::{AdminError, client};

pub use self::question::{event, question};

/// Recorded events of one read.
const PAGE: i64 = 500;
/// Differences that are listed; the others are counted.
const LISTED: usize = 100;
const DAY: i64 = 24 * 3600;

/// Profiles and policies that are not saved yet; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Proposed {
    pub profiles: Option<ClientProfilesRepresentation>,
    pub policies: Option<ClientPoliciesRepresentation>,
}

/// What changed policies would have done to recorded requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DryRun {
    /// Requests that were judged.
    pub judged: usize,
    /// Requests that cannot be judged again: nothing was kept of them, or not all, or their client is gone; and those
    /// that were refused for a reason of another kind.
    pub skipped: usize,
    /// Requests whose answer depends on what only the outside knows.
    pub unknown: usize,
    pub newly_refused: usize,
    pub newly_passed: usize,
    /// Refused before and after, by another rule.
    pub refused_otherwise: usize,
    /// The newest of those that differ.
    pub differences: Vec<Difference>,
}

/// A recorded request that would have been answered differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub event_id: String,
    /// Epoch milliseconds.
    pub time: i64,
    pub event: String,
    pub client_id: String,
    /// The rule that refuses under the policies of today; absent when it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Rule>,
    /// The rule that would refuse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Rule>,
}

/// A rule that refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub policy: String,
    pub profile: String,
    pub conditions: Vec<&'static str>,
    pub executor: String,
    pub error: &'static str,
    pub text: String,
}

/// Explains what the policies say to a request that is described.
pub async fn explain(admin: &Admin<'_>, mut input: Input) -> Result<Explanation, AdminError> {
    event(&input.event).map_err(AdminError::Invalid)?.name().clone_into(&mut input.event);
    let client = load(admin, &input.client_id).await?;
    if input.granted.is_none()
        && let Some(client) = &client
    {
        input.granted = granted(&admin.realm, client, &input);
    }
    if input.redirect_uri.is_none() {
        let sent = input.params.iter().find(|(name, _)| name == "redirect_uri");
        input.redirect_uri = sent.map(|(_, uri)| uri.clone());
    }
    let stage = Stage::new(&input, &admin.realm, client.as_ref(), admin.context.now());
    let stage = stage.ok_or_else(|| AdminError::Invalid(format!("there is no event {:?}", input.event)))?;
    let event = stage.event().ok_or(AdminError::NotFound(What::Client))?;
    Ok(explain::explain(&admin.realm.policies, &event))
}

/// Scopes of the code or token, as they would be for what the request says.
fn granted(realm: &Realm, client: &Client, input: &Input) -> Option<String> {
    let asked = input.params.iter().find(|(name, _)| name == "scope").map(|(_, value)| value.as_str());
    scope::check(realm, client, asked).ok().map(|scopes| scopes.to_stored().to_string())
}

async fn load(admin: &Admin<'_>, client_id: &str) -> Result<Option<Client>, AdminError> {
    let stored = admin.context.store.stored_client(admin.realm.id, client_id).await?;
    Ok(stored.map(|stored| client::read_whole(admin, stored)).transpose()?.map(|found| found.client))
}

/// Which clients each policy of the realm is about.
pub async fn reach(admin: &Admin<'_>) -> Result<Vec<Reach>, AdminError> {
    reach_of(admin, &admin.realm.policies).await
}

async fn reach_of(admin: &Admin<'_>, policies: &Policies) -> Result<Vec<Reach>, AdminError> {
    let mut clients = Vec::new();
    for record in admin.context.store.stored_clients(admin.realm.id).await? {
        clients.push(client::read_whole(admin, StoredClient { record, version: 0 })?.client);
    }
    Ok(explain::reach(policies, &admin.realm, &clients))
}

/// What an administrator should know: members that nobody reads, executors that wait for something, and policies that
/// are enabled and about nobody, and why.
pub async fn warnings(
    admin: &Admin<'_>,
    profiles: Option<&ClientProfilesRepresentation>,
    policies: &ClientPoliciesRepresentation,
) -> Result<Vec<String>, AdminError> {
    let compiled = Policies::of(profiles, Some(policies), admin.realm.security);
    let reached = reach_of(admin, &compiled).await?;
    let reached = reached.into_iter().filter(|reach| reach.enabled).flat_map(|reach| reach.warnings);
    let mut seen = HashSet::new();
    let mut warnings: Vec<String> = notice::of_policies(policies).into_iter().chain(reached).collect();
    warnings.retain(|warning| seen.insert(warning.clone()));
    Ok(warnings)
}

/// Judges what was recorded in the last days against profiles and policies that are not saved yet.
pub async fn dry_run(admin: &Admin<'_>, proposed: &Proposed, days: i64) -> Result<DryRun, AdminError> {
    let after = compiled(admin, proposed).await?;
    admin.context.store.flush_events(admin.context.fresh_id()).await?;
    let mut run = Run { admin, after, clients: HashMap::new(), found: DryRun::default() };
    let from = Timestamp(admin.context.now().0 - days.max(0).saturating_mul(DAY * 1000));
    let mut first = 0;
    loop {
        let filter = EventFilter {
            from: Some(from),
            order: Order::NewestFirst,
            page: Page { first, max: Some(PAGE) },
            ..EventFilter::default()
        };
        let events = admin.context.store.events(admin.realm.id, &filter).await?;
        if events.is_empty() {
            return Ok(run.found);
        }
        for event in &events {
            run.judge(event).await?;
        }
        first += PAGE;
    }
}

/// The policies as they would be; refused when they could not be saved.
async fn compiled(admin: &Admin<'_>, proposed: &Proposed) -> Result<Policies, AdminError> {
    let today = settings::find(admin).await?;
    let security = admin.realm.security;
    let profiles = proposed.profiles.clone().or(today.client_profiles);
    let policies = proposed.policies.clone().or(today.client_policies).unwrap_or_default();
    if let Some(profiles) = &profiles {
        save::check_profiles(profiles)?;
    }
    save::check_scopes(&policies, &admin.realm)?;
    save::check_policies(&policies, profiles.as_ref(), security)?;
    Ok(Policies::of(profiles.as_ref(), Some(&policies), security))
}

struct Run<'a> {
    admin: &'a Admin<'a>,
    after: Policies,
    /// By `client_id`; `None` for those that are gone.
    clients: HashMap<String, Option<Client>>,
    found: DryRun,
}

/// What policies say to a whole request.
enum Said {
    Pass,
    Refuse(Refusal),
    /// It depends on what only the outside knows.
    Unknown,
}

/// The rule that refuses, and at which event.
struct Refusal {
    event: String,
    rule: Rule,
}

impl Run<'_> {
    async fn judge(&mut self, stored: &StoredEvent) -> Result<(), AdminError> {
        let inputs = stored.asked.as_deref().filter(|_| is_up_to_policies(stored)).and_then(input::read);
        let Some(inputs) = inputs.filter(|inputs| inputs.iter().all(|input| !input.cut)) else {
            self.found.skipped += 1;
            return Ok(());
        };
        for input in &inputs {
            if !self.clients.contains_key(&input.client_id) {
                let client = load(self.admin, &input.client_id).await?;
                self.clients.insert(input.client_id.clone(), client);
            }
        }
        let said = |policies| self.say(policies, &inputs, stored.at);
        let (Some(before), Some(after)) = (said(&self.admin.realm.policies), said(&self.after)) else {
            self.found.skipped += 1;
            return Ok(());
        };
        let (before, after) = match (before, after) {
            (Said::Unknown, _) | (_, Said::Unknown) => {
                self.found.unknown += 1;
                return Ok(());
            }
            (before, after) => (before.refusal(), after.refusal()),
        };
        self.compare(stored, inputs.last(), before, after);
        Ok(())
    }

    /// Asks for each event of the request in turn; `None` where one is about a client that is gone.
    fn say(&self, policies: &Policies, inputs: &[Input], at: Timestamp) -> Option<Said> {
        let mut said = Said::Pass;
        for input in inputs {
            let client = self.clients.get(&input.client_id).and_then(Option::as_ref);
            let stage = Stage::new(input, &self.admin.realm, client, at)?;
            match evaluate(policies, &stage.event()?, &mut ()) {
                Verdict::Pass(_) => {}
                Verdict::Need(_) => said = Said::Unknown,
                // Whatever is not known of an earlier event: it refuses, or this one does.
                Verdict::Refuse(refused) if matches!(said, Said::Pass) => {
                    return Some(Said::Refuse(Refusal {
                        event: input.event.clone(),
                        rule: (*refused).into(),
                    }));
                }
                Verdict::Refuse(_) => return Some(Said::Unknown),
            }
        }
        Some(said)
    }

    fn compare(
        &mut self,
        stored: &StoredEvent,
        last: Option<&Input>,
        before: Option<Refusal>,
        after: Option<Refusal>,
    ) {
        self.found.judged += 1;
        let refused_at = after.as_ref().or(before.as_ref()).map(|refusal| refusal.event.clone());
        let (before, after) = (before.map(|refusal| refusal.rule), after.map(|refusal| refusal.rule));
        match (&before, &after) {
            (None, Some(_)) => self.found.newly_refused += 1,
            (Some(_), None) => self.found.newly_passed += 1,
            (Some(one), Some(other)) if one != other => self.found.refused_otherwise += 1,
            _ => return,
        }
        if self.found.differences.len() < LISTED {
            self.found.differences.push(Difference {
                event_id: stored.id.to_string(),
                time: stored.at.0,
                event: refused_at.unwrap_or_default(),
                client_id: last.map(|input| input.client_id.clone()).unwrap_or_default(),
                before,
                after,
            });
        }
    }
}

/// Whether the policies decided: a request that was refused for another reason would be refused anyway.
fn is_up_to_policies(stored: &StoredEvent) -> bool {
    let by_policy = |(name, value): &(String, String)| name == "reason" && value == "client_policy_error";
    stored.error.is_none() || stored.details.iter().any(by_policy)
}

impl Said {
    fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Refuse(refusal) => Some(refusal),
            Self::Pass | Self::Unknown => None,
        }
    }
}

impl From<Refused> for Rule {
    fn from(refused: Refused) -> Self {
        Self {
            policy: refused.policy,
            profile: refused.profile,
            conditions: refused.conditions,
            executor: refused.executor,
            error: refused.refusal.code,
            text: refused.refusal.text,
        }
    }
}
