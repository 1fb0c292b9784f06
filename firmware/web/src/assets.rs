//! The style, the script and the icon: compiled in, named by what is in them, so
//! that browsers may keep them for ever and still get the new ones after an update.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../assets/preau.css");
const SCRIPT: &str = include_str!("../assets/preau.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// Where pages find them.
pub(crate) struct Names {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// The names, made once.
pub(crate) static NAMES: LazyLock<Names> = LazyLock::new(|| Names {
    style: name(STYLE, "css"),
    script: name(SCRIPT, "js"),
    icon: name(ICON, "svg"),
});

fn name(content: &str, extension: &str) -> String {
    let digest = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..9]);
    format!("/assets/{digest}.{extension}")
}

/// `GET /assets/{name}`.
pub(crate) async fn serve(Path(asked): Path<String>) -> Response {
    let asked = format!("/assets/{asked}");
    let (content, kind) = if asked == NAMES.style {
        (STYLE, "text/css; charset=utf-8")
    } else if asked == NAMES.script {
        (SCRIPT, "text/javascript; charset=utf-8")
    } else if asked == NAMES.icon {
        (ICON, "image/svg+xml")
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}
