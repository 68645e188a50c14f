//! What the store must do on every engine. `store_contract!(make_engine)` makes one test of each rule;
//! `make_engine` is that of [`crate::engine_contract`]. An engine that can be made to fail in the middle adds
//! `make_faulty`, an async function that gives a [`Faulty`].
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a rule that does not hold panics, and so fails its test"
)]

mod attempts;
mod deletions;
mod endings;
mod faults;
mod nodes;
mod races;
mod records;
mod registrations;
mod searches;

use std::sync::Arc;

use sekisho_core::client::{self, Presented};
use sekisho_core::code::{self, CodeRequest, OpenedCode, Redeemable};
use sekisho_core::grant::Grant;
use sekisho_core::ids::GrantId;
use sekisho_core::policy::SecurityProfile;
use sekisho_core::session::Session;
use sekisho_core::work::{Outcome, Record, Work};
use sekisho_core::{Client, Realm, User};
use sekisho_protocol::GrantType;
use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
use serde_json::json;
use uuid::Uuid;

pub use attempts::*;
pub use deletions::*;
pub use endings::*;
pub use faults::*;
pub use nodes::*;
pub use races::*;
pub use records::*;
pub use registrations::*;
pub use searches::*;

use crate::ManualClock;
use crate::builders::{self, NOW, NewRealm};
use crate::engine_contract::{Subject, id};

const TASKS: u128 = 16;

/// A subject that can be made to fail, so many times from now on.
pub struct Faulty {
    pub subject: Subject,
    /// Commits that the database refuses with a serialization failure.
    pub conflicts: Box<dyn Fn(usize) + Send + Sync>,
    /// Commits that happen, but whose answer is lost.
    pub lost_answers: Box<dyn Fn(usize) + Send + Sync>,
}

/// Makes a test of each rule of the contract.
#[macro_export]
macro_rules! store_contract {
    ($make:path) => {
        $crate::store_contract!(@rules $make;
            code_is_redeemed_by_one
            no_living_grant_comes_of_an_ended_session
            generation_is_rotated_by_one
            rotation_is_repeated_three_times_at_most
            grant_is_revoked_by_one
            session_is_ended_by_one
            single_uses_of_other_kinds_and_realms_do_not_mix
            guesses_in_parallel_do_not_slip_by
            outcome_of_an_attempt_is_settled
            pause_holds_until_it_is_over
            reservation_that_is_never_settled_runs_out
            work_that_comes_again_has_won_before
            decision_on_an_old_state_is_lost
            import_goes_on_while_the_realm_is_its_own
            every_statement_is_planned
            realm_comes_back_as_it_went
            client_and_user_come_back_as_they_went
            session_grant_and_credential_come_back_as_they_went
            consent_is_kept_for_each_resource
            text_with_a_nul_is_unknown_and_no_error
            every_read_sees_what_was_answered
            record_that_is_there_is_not_made_again
            user_goes_with_all_that_hangs_on_it
            rows_are_purged_after_their_time_and_not_before
            other_node_sees_what_was_done
            roles_and_deletion_of_a_user_are_seen_on_both_nodes
            client_is_changed_by_one
            initial_access_is_used_as_often_as_it_says
            initial_access_goes_when_it_has_expired
            registration_comes_back_as_it_went
            renamed_client_has_no_other_name
            realm_holds_as_many_clients_as_it_says
            unused_client_goes_or_is_used
            clients_are_found_by_a_part_of_their_identifier
            deletion_takes_what_hangs_on_it_and_no_more
            client_goes_with_its_roles_and_what_was_agreed_to
            deleted_users_sessions_and_grants_are_over
            realm_goes_with_all_that_hangs_on_it
            deleted_role_and_group_leave_those_who_had_them
            sessions_of_a_user_end_on_every_node
            no_living_grant_comes_of_sessions_that_end_together
            sessions_of_a_realm_end
            grants_are_revoked_by_user_and_client
            living_sessions_and_grants_are_listed_and_counted
            session_that_is_over_is_not_listed
            consent_to_every_client_is_listed
            users_are_found_by_what_is_known_of_them
            users_come_in_parts
            what_is_too_long_to_be_stored_is_not_found
            whole_user_is_read_by_id_name_and_client
            names_stored_before_they_were_searched_are_found
            events_are_found_by_what_is_known_of_them
            admin_events_are_found_by_what_is_known_of_them
        );
    };
    ($make:path, $make_faulty:path) => {
        $crate::store_contract!($make);
        $crate::store_contract!(@rules $make_faulty;
            work_is_run_again_after_conflicts
            work_whose_answer_is_lost_has_won
            race_of_redemptions_has_one_winner_whatever_breaks
            initial_access_is_used_as_often_as_it_says_whatever_breaks
        );
    };
    (@rules $make:path; $($rule:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $rule() {
            $crate::store_contract::$rule($make().await).await;
        })*
    };
}

/// A store with a realm, a public client, a user and nobody signed in.
struct Given {
    store: Arc<Store>,
    clock: ManualClock,
    new: NewRealm,
    realm: Arc<Realm>,
    client: Client,
    user: User,
}

impl Given {
    async fn on(subject: &Subject) -> Self {
        let clock = ManualClock::at(NOW);
        let store = open(subject, &clock).await;
        let new = new_realm();
        won(&store, new.work(&master(), id(1))).await;
        let realm = store.realm("r").await.unwrap().unwrap();
        let (client, user) = (new.client("c"), new.user("alice"));
        Self { store, clock, new, realm, client, user }
    }

    /// Signs the user in.
    async fn session(&self, n: u128) -> Session {
        let session = builders::session(&self.realm, self.user.id, n);
        let work = Work::new(id(n)).insert(Record::Session(session.clone()));
        won(&self.store, work).await;
        session
    }

    /// Gives the client a grant.
    async fn grant(&self, session: &Session, n: u64) -> Grant {
        let grant = builders::grant(session, self.client.id, n);
        let work = Work::new(id(n.into())).insert(Record::Grant(Box::new(grant.clone())));
        won(&self.store, work).await;
        grant
    }

    /// A code that passed every check but the race, and the grant that it becomes.
    fn code(&self, session: &Session, n: u64) -> (Redeemable, Grant) {
        let grant = builders::grant(session, self.client.id, n);
        let opened = OpenedCode {
            grant: grant.id,
            client: self.client.id,
            user: self.user.id,
            session: session.id,
            auth_time: session.auth_time,
            redirect_uri: "https://app.example/cb".to_owned(),
            code_challenge: None,
            nonce: None,
            scopes: grant.scopes.clone(),
            resources: Vec::new(),
            expires: NOW.plus_seconds(60),
        };
        let authenticated = client::authenticate(&self.client, &Presented::Identifier, NOW).unwrap();
        let permitted = client::permit(authenticated, GrantType::AuthorizationCode).unwrap();
        let sent = CodeRequest { redirect_uri: Some(&opened.redirect_uri.clone()), code_verifier: None };
        (code::check(opened, &permitted, &sent, NOW).unwrap(), grant)
    }

    async fn stored(&self, grant: GrantId) -> Option<Grant> {
        self.store.grant(grant).await.unwrap()
    }
}

async fn open(subject: &Subject, clock: &ManualClock) -> Arc<Store> {
    let options = Options {
        master: master(),
        urls: PublicUrls::new("https://as.example"),
        security: SecurityProfile::None,
        clock: Arc::new(clock.clone()),
        node: Uuid::from_u128(77),
    };
    Arc::new(Store::open(subject.engine.clone(), options).await.unwrap())
}

fn master() -> MasterKeys {
    MasterKeys::new(&[[3; 32]]).unwrap()
}

fn new_realm() -> NewRealm {
    let mut realm = NewRealm::named("r");
    realm.add_role("reader");
    realm.add_group(&json!({
        "name": "staff", "realmRoles": ["reader"], "attributes": {"team": ["red"]},
        "subGroups": [{"name": "leads"}],
    }));
    realm.add_resource("https://mcp.example/");
    realm.add_client(&json!({
        "clientId": "c", "publicClient": true, "redirectUris": ["https://app.example/cb"],
        "attributes": {"access.token.lifespan": "60"},
    }));
    realm.add_client(&json!({
        "clientId": "service", "secret": "service-secret", "serviceAccountsEnabled": true,
        "fullScopeAllowed": false,
    }));
    realm.add_user(&json!({
        "username": "alice", "email": "alice@example.org", "emailVerified": true, "firstName": "Alice",
        "realmRoles": ["reader", "default-roles-r"], "groups": ["/staff/leads", "/staff"],
        "attributes": {"team": ["blue", "関所"]}, "requiredActions": ["UPDATE_PASSWORD"],
    }));
    realm
}

/// Lets the works race, and gives their outcomes in the order of the works.
async fn race(store: &Arc<Store>, works: impl Iterator<Item = Work>) -> Vec<Outcome> {
    let tasks: Vec<_> = works
        .map(|work| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.commit(work).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn count(outcomes: &[Outcome], wanted: Outcome) -> usize {
    outcomes.iter().filter(|outcome| **outcome == wanted).count()
}

async fn won(store: &Store, work: Work) {
    assert_eq!(store.commit(work).await.unwrap(), Outcome::Won);
}
