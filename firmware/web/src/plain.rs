//! Plain HTTP: says why the browser will warn once, offers the box's authority,
//! and leads to HTTPS. Nothing can be sent here, and no answer tells anything that
//! the network may not know.

use crate::client::{ANSWER_WITHIN, Api};
use crate::guard::{is_own_host, refuse_call, refuse_plainly, without_port};
use crate::page::render;
use crate::visit::language_of;
use crate::words::Words;
use crate::{Shared, assets, page::Page, pages};
use askama::Template;
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use preau_domain::language::Language;
use serde::Deserialize;

/// The script asks once whether the browser already accepts the certificate, which
/// is at another origin than this page.
const POLICY: &str = "default-src 'self'; connect-src https:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; object-src 'none'";

pub(crate) fn router(site: Shared) -> Router {
    Router::new()
        .route("/", get(explain))
        .route("/preau-ca.pem", get(pages::certificate::download))
        .route("/assets/{name}", get(assets::serve))
        .fallback(lead_on)
        .layer(middleware::from_fn(guard))
        .with_state(site)
}

async fn guard(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let own = host(request.headers()).is_some_and(is_own_host);
    let mut response = if !own {
        let sentence = Words::new(language).t("trouble-host");
        refuse_plainly(StatusCode::MISDIRECTED_REQUEST, &sentence)
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        // Whatever was sent has already crossed the network unprotected.
        refuse_call(language, StatusCode::FORBIDDEN, "https-only")
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// The same host over HTTPS.
fn secure_address(headers: &HeaderMap, port: u16, path: &str) -> String {
    let name = host(headers).map_or("preau.local", without_port);
    let name = if name.contains(':') {
        format!("[{name}]")
    } else {
        name.to_owned()
    };
    match port {
        443 => format!("https://{name}{path}"),
        port => format!("https://{name}:{port}{path}"),
    }
}

#[derive(Template)]
#[template(path = "plain.html")]
struct PlainPage {
    page: Page,
    secure: String,
    fingerprint: Option<String>,
    can_download: Download,
}

/// Whether the authority is there to be downloaded.
#[derive(PartialEq)]
enum Download {
    Offered,
    Missing,
}

#[derive(Deserialize)]
struct Choice {
    lang: Option<String>,
}

async fn explain(
    State(site): State<Shared>,
    headers: HeaderMap,
    Query(choice): Query<Choice>,
) -> Response {
    let language = choice
        .lang
        .as_deref()
        .and_then(crate::visit::language_from_tag)
        .unwrap_or_else(|| language_of(&headers));
    let page = Page::bare(Words::new(language), "plain-title");
    render(&PlainPage {
        page,
        secure: secure_address(&headers, site.https_port, "/"),
        fingerprint: fingerprint(&site, language).await,
        can_download: match site.authority {
            Some(_) => Download::Offered,
            None => Download::Missing,
        },
    })
}

/// The authority's fingerprint, if the supervisor answers: the page is useful
/// without it.
async fn fingerprint(site: &crate::Site, language: Language) -> Option<String> {
    let api = Api {
        socket: &site.socket,
        language,
        token: None,
        within: ANSWER_WITHIN,
    };
    match api.box_info().await {
        Ok(info) => Some(info.authority_fingerprint),
        Err(trouble) => {
            tracing::debug!(?trouble, "no fingerprint to show");
            None
        }
    }
}

/// A page's address leads to the same page over HTTPS. A program is refused: its
/// token must not travel this way a second time.
async fn lead_on(State(site): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        let language = language_of(&headers);
        return refuse_call(language, StatusCode::FORBIDDEN, "https-only");
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let secure = secure_address(&headers, site.https_port, path);
    Redirect::permanent(&secure).into_response()
}
