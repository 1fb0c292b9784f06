//! The pages over HTTPS, one module each. A page is asked from the supervisor, put
//! into words, and rendered; a form becomes one request to the API, and its refusal
//! comes back beside the field with what was typed.

mod array;
pub(crate) mod certificate;
mod coming;
mod copies;
mod disk;
mod disks;
mod history;
mod home;
mod login;
mod mail;
mod people;
mod place;
mod replace;
mod school;
mod scrub;
mod setup;
mod sheet;
mod take_back;

use crate::trouble::{Kind, Trouble};
use crate::visit::Visit;
use crate::{Shared, assets, guard, proxy};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use preau_api::BODY_MAX;

/// What a page's function gives: an answer, or the trouble that stands in its way.
type Answer = Result<Response, Trouble>;

/// Everything that is answered over HTTPS.
pub(crate) fn router(site: Shared) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/status/fragment", get(home::fragment))
        .route("/language", post(setup::language::switch))
        .route("/login", get(login::show).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/disks", get(disk::list))
        .route("/disks/{id}", get(disk::show))
        .route("/school-hours", post(school::set))
        .route("/disks/{id}/self-test", post(disk::self_test))
        .route("/disks/{id}/blink", post(disk::blink))
        .route("/disks/{id}/open", post(disk::open))
        .route("/array", get(array::show))
        .route("/array/start", post(array::start))
        .route("/array/add", get(array::show_add).post(array::add))
        .route("/people", get(people::show).post(people::add))
        .route("/people/remove", post(people::remove))
        .route("/mail", get(mail::show).post(mail::store_and_test))
        .route("/mail/code", post(mail::confirm))
        .route("/copies", get(copies::show))
        .route("/copies/fragment", get(copies::fragment))
        .route("/copies/add", get(copies::show_add).post(copies::add))
        .route(
            "/copies/{id}/change",
            get(copies::show_change).post(copies::change),
        )
        .route("/copies/{id}/run", post(copies::run))
        .route("/copies/{id}/cancel", post(copies::cancel))
        .route("/copies/{id}/accept", post(copies::accept))
        .route("/copies/{id}/remove", post(copies::remove))
        .route("/copies/{id}/files", get(copies::show_files))
        .route("/copies/{id}/restore", post(copies::restore))
        .route("/coming/again", post(coming::again))
        .route("/coming/leave", get(coming::ask_leave).post(coming::leave))
        .route("/copies/strike", post(copies::strike))
        .route("/copies/{id}/withdraw", post(copies::withdraw))
        .route("/history", get(history::show))
        .route("/certificate", get(certificate::show))
        .route("/preau-ca.pem", get(certificate::download))
        .route("/replace", get(replace::show).post(replace::replace))
        .route(
            "/take-back",
            get(take_back::show).post(take_back::take_back),
        )
        .route("/sheet", get(sheet::show).post(sheet::show_paper))
        .route("/sheet/parts", post(sheet::show_parts))
        .route("/sheet/words", get(sheet::ask_words).post(sheet::prove))
        .route("/sheet/code", get(sheet::ask_code).post(sheet::prove_code))
        .route("/scrub", post(scrub::act))
        .nest("/setup", setup::router())
        .route("/assets/{name}", get(assets::serve))
        .route("/alive", get(alive))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .route("/api/v1/{*path}", any(proxy::pass_on))
        .fallback(not_found)
        .layer(middleware::from_fn(guard::guard))
        .with_state(site)
}

/// For the scripts of the explanation page and of the log-in page.
async fn alive(visit: Visit) -> Response {
    if visit.has_session() && visit.api().session().await.is_ok() {
        StatusCode::OK.into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    }
}

async fn not_found(visit: Visit) -> Trouble {
    visit.trouble(Kind::NotFound)
}

/// To another page, with GET, after a form was taken.
fn go(path: &str) -> Answer {
    Ok(Redirect::to(path).into_response())
}

/// A refused form is shown again with status 422.
fn refused(mut response: Response) -> Answer {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
