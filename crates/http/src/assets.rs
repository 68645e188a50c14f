//! Style sheets, scripts and images of the pages; their names carry a hash, so they may be kept for ever.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::json;

/// One asset.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = sekisho_ui::asset(&name) else { return json::not_found() };
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Ok(tag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(ETAG, tag);
    }
    response
}
