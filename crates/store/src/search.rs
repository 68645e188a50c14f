//! Clients and users by what is known of them: lists in parts, as administrators ask for them.

use sekisho_core::work::UserRecord;
use uuid::Uuid;

use crate::engine::Value;
use crate::page::{exactly, infix, is_searchable, word};
use crate::records::{self, StoredClient};
use crate::{Page, Store, StoreError, sql};

/// Words of a search that are looked at; further ones do not narrow it.
const WORDS: usize = 6;

/// Which clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// A part of the client's identifier, in upper or lower case.
    pub search: Option<String>,
    pub page: Page,
}

/// Which users. Whatever is set must hold; upper and lower case are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    pub username: Option<String>,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The four above are the whole value, not a part of it.
    pub exact: bool,
    /// Words, each of which must be found in one of the four: `"x"` is the whole value, `*x*` is found anywhere,
    /// `x` and `x*` begin it.
    pub search: Option<String>,
    pub enabled: Option<bool>,
    /// Users that stand for a client are listed too.
    pub service_accounts: bool,
    pub page: Page,
}

impl Store {
    /// Clients of a realm, by their identifier.
    pub async fn clients_page(
        &self,
        realm: Uuid,
        filter: &ClientFilter,
    ) -> Result<Vec<StoredClient>, StoreError> {
        if !filter.search.as_deref().is_none_or(is_searchable) {
            return Ok(Vec::new());
        }
        let mut parameters = vec![realm.into(), filter.search.as_deref().map(infix).into()];
        parameters.extend(filter.page.parameters());
        self.rows("client", sql::CLIENTS_PAGE, parameters, records::client).await
    }

    /// How many clients a realm has.
    pub async fn client_count(&self, realm: Uuid) -> Result<i64, StoreError> {
        self.count("client", sql::CLIENT_COUNT, vec![realm.into()]).await
    }

    /// Users of a realm, by name.
    pub async fn stored_users_page(
        &self,
        realm: Uuid,
        filter: &UserFilter,
    ) -> Result<Vec<UserRecord>, StoreError> {
        if !filter.can_find() {
            return Ok(Vec::new());
        }
        let mut parameters = filter.parameters(realm);
        parameters.extend(filter.page.parameters());
        // What is asked for most, one user by name or address, has an index.
        let whole = |text: &Option<String>| text.as_deref().filter(|_| filter.exact).map(str::to_lowercase);
        let sql = match (whole(&filter.username), whole(&filter.email)) {
            (Some(username), _) => {
                parameters.push(username.into());
                sql::USERS_NAMED
            }
            (None, Some(email)) => {
                parameters.push(email.into());
                sql::USERS_WITH_EMAIL
            }
            (None, None) => sql::USERS_PAGE,
        };
        self.rows("user_account", sql, parameters, records::user).await
    }

    /// How many users the filter finds, whatever its page.
    pub async fn user_count(&self, realm: Uuid, filter: &UserFilter) -> Result<i64, StoreError> {
        if !filter.can_find() {
            return Ok(0);
        }
        self.count("user_account", sql::USER_COUNT, filter.parameters(realm)).await
    }

    /// Users to whom the role was given itself, by name.
    pub async fn users_of_role(&self, role: Uuid, page: Page) -> Result<Vec<UserRecord>, StoreError> {
        self.users_with(sql::USERS_OF_ROLE, role, page).await
    }

    /// Users in the group itself, by name.
    pub async fn members_of_group(&self, group: Uuid, page: Page) -> Result<Vec<UserRecord>, StoreError> {
        self.users_with(sql::MEMBERS_OF_GROUP, group, page).await
    }

    async fn users_with(
        &self,
        sql: &'static str,
        what: Uuid,
        page: Page,
    ) -> Result<Vec<UserRecord>, StoreError> {
        let [max, first] = page.parameters();
        self.rows("user_account", sql, vec![what.into(), max, first], records::user).await
    }

    /// The number that a statement answers.
    pub(crate) async fn count(
        &self,
        table: &'static str,
        sql: &'static str,
        parameters: Vec<Value>,
    ) -> Result<i64, StoreError> {
        let count = self.row(table, sql, parameters, |row| row.int(0)).await?;
        count.ok_or(StoreError::Unreadable(table))
    }
}

impl UserFilter {
    /// Whether anybody can have what is looked for.
    fn can_find(&self) -> bool {
        let members = [&self.username, &self.email, &self.first_name, &self.last_name];
        let words = self.search.iter().flat_map(|search| search.split_whitespace().take(WORDS));
        members.into_iter().flatten().map(String::as_str).chain(words).all(is_searchable)
    }

    /// `$1` to `$13` of what the statements of users have in common.
    fn parameters(&self, realm: Uuid) -> Vec<Value> {
        let pattern = if self.exact { exactly } else { infix };
        let part = |text: &Option<String>| text.as_deref().map(|text| pattern(&text.to_lowercase())).into();
        let search = self.search.as_deref().unwrap_or_default().to_lowercase();
        let mut words = search.split_whitespace().map(word);
        let mut parameters = vec![
            realm.into(),
            part(&self.username),
            part(&self.email),
            part(&self.first_name),
            part(&self.last_name),
            self.enabled.into(),
            self.service_accounts.into(),
        ];
        parameters.extend((0..WORDS).map(|_| words.next().into()));
        parameters
    }
}
