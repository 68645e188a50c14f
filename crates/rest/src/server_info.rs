//! `/admin/serverinfo`: what this server can do.

use axum::http::header::ACCEPT_LANGUAGE;
use sekisho_admin::server_info::{self, Words};
use sekisho_ui::Language;
use serde_json::Value;

use crate::call::Call;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Needs, Route, route};

pub(crate) const ROUTES: &[Route] =
    &[route!(server Get "/admin/serverinfo", Needs::Administrator, find; answers = Value)];

async fn find(call: &Call<'_>) -> Result<Reply, Problem> {
    let words = match Language::negotiate(None, None, call.header(&ACCEPT_LANGUAGE)) {
        Language::English => Words::English,
        Language::Japanese => Words::Japanese,
    };
    Ok(Reply::Worded(server_info::text(words)?))
}
