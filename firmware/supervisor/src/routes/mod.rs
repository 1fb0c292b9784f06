//! The API on the socket. Handlers say what they need by their arguments: an
//! [`Admin`](extract::Admin) needs a session, a [`Body`](extract::Body) is read
//! strictly. Whatever is refused leaves as a [`Refusal`] and is put into the reader's
//! language in one place, [`in_words`].

mod adoption;
mod array;
mod copies;
mod copies_files;
mod copies_strike;
mod disks;
mod extract;
mod held;
mod mail;
mod opened;
mod people;
mod recovery;
mod school;
mod scrub;
mod session;
mod setup;
mod sheet;
mod status;
mod storage;

pub(crate) use copies::copies_view;
pub use extract::Peer;
pub use recovery::found_share;
pub(crate) use status::current_status;

use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Router, http};
use preau_api::BODY_MAX;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Préau",
        description = "Everything that the page can do. On the box's socket the paths are as \
                       written; over HTTPS they begin with `/api`.",
        license(name = "GPL-3.0-or-later", identifier = "GPL-3.0-or-later")
    ),
    servers((url = "/api")),
    components(schemas(preau_api::ErrorBody, preau_api::Status))
)]
struct Document;

/// The API.
pub fn router(desk: Arc<Desk>) -> Router {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(session::the_box))
        .routes(routes!(session::authority))
        .routes(routes!(session::claim))
        .routes(routes!(session::login))
        .routes(routes!(session::logout))
        .routes(routes!(session::session))
        .routes(routes!(setup::language))
        .routes(routes!(setup::admin))
        .routes(routes!(setup::name_the_box))
        .routes(routes!(setup::advance))
        .routes(routes!(storage::disks))
        .routes(routes!(disks::disk))
        .routes(routes!(disks::start_self_test, disks::abort_self_test))
        .routes(routes!(opened::open, opened::close))
        .routes(routes!(disks::start_blink, disks::stop_blink))
        .routes(routes!(storage::create_volume))
        .routes(routes!(storage::ask_protections))
        .routes(routes!(array::show))
        .routes(routes!(array::replace_disk))
        .routes(routes!(array::grow))
        .routes(routes!(array::start))
        .routes(routes!(held::take_back))
        .routes(routes!(adoption::read, adoption::adopt))
        .routes(routes!(recovery::look))
        .routes(routes!(recovery::read, recovery::recover))
        .routes(routes!(recovery::go_on))
        .routes(routes!(scrub::set_scrub))
        .routes(routes!(school::read, school::set))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::remove))
        .routes(routes!(mail::read, mail::set))
        .routes(routes!(mail::test))
        .routes(routes!(mail::confirm))
        .routes(routes!(sheet::read))
        .routes(routes!(sheet::show))
        .routes(routes!(sheet::parts))
        .routes(routes!(sheet::prove))
        .routes(routes!(sheet::prove_code))
        .routes(routes!(copies::list, copies::add))
        .routes(routes!(copies::set, copies::remove))
        .routes(routes!(copies::run))
        .routes(routes!(copies::cancel))
        .routes(routes!(copies::accept_vanished))
        .routes(routes!(copies::runs))
        .routes(routes!(copies::box_key))
        .routes(routes!(copies::disks))
        .routes(routes!(copies_files::snapshots))
        .routes(routes!(copies_files::files))
        .routes(routes!(copies_files::search))
        .routes(routes!(copies_files::restore))
        .routes(routes!(copies_strike::strike_files))
        .routes(routes!(copies_strike::withdraw))
        .routes(routes!(status::status))
        .routes(routes!(status::events))
        .routes(routes!(status::incidents))
        .routes(routes!(status::acknowledge))
        .split_for_parts();
    document
        .components
        .get_or_insert_default()
        .add_security_scheme(
            "session",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
    // Kept as text: the tree of it takes twenty times the memory.
    let document = Bytes::from(document.to_json().unwrap_or_default());
    router
        .route(
            "/v1/openapi.json",
            axum::routing::get(move || {
                let document = document.clone();
                async move { ([(CONTENT_TYPE, "application/json")], document) }
            }),
        )
        .fallback(|| async { Refusal::from(Reason::NotFound) })
        .method_not_allowed_fallback(|| async { Refusal::from(Reason::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), in_words))
        .with_state(desk)
}

/// Puts a refusal into the reader's language. Answers are about now: nothing keeps
/// them.
async fn in_words(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let texts = extract::texts(request.headers(), &desk);
    let mut response = next.run(request).await;
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        let body = refusal.body(texts);
        let retry_after = body.error.retry_after;
        let status = response.status();
        let allow = response.headers().get(http::header::ALLOW).cloned();
        response = (status, Json(body)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = allow {
            response.headers_mut().insert(http::header::ALLOW, allow);
        }
    }
    if response.status() != StatusCode::NOT_MODIFIED {
        response
            .headers_mut()
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests;
