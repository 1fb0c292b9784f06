//! Logging in and out.

use super::{Answer, go, refused};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::visit::{Visit, close_session, open_session};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use preau_api::Login;
use preau_domain::settings::SetupStep;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    refusal: Refusal,
    login: String,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    if visit.info.setup == SetupStep::Admin {
        return go("/");
    }
    Ok(form(&visit, Refusal::NONE, String::new()))
}

fn form(visit: &Visit, refusal: Refusal, login: String) -> Response {
    render(&LoginPage {
        page: visit.page("login-title", Nav::None),
        refusal,
        login,
    })
}

pub(crate) async fn log_in(visit: Visit, fields: Fields) -> Answer {
    let login = Login {
        login: fields.text("login"),
        password: fields.raw("password").to_owned(),
    };
    match visit.api().login(&login).await {
        Ok(session) => {
            let mut response = Redirect::to("/").into_response();
            open_session(&mut response, &session);
            Ok(response)
        }
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            let response = form(&visit, refusal, login.login);
            refused(response)
        }
    }
}

pub(crate) async fn log_out(visit: Visit) -> Answer {
    if visit.has_session()
        && let Err(trouble) = visit.api().logout().await
    {
        // The cookie goes in any case; the session ends by itself.
        tracing::debug!(?trouble, "ending a session");
    }
    let mut response = Redirect::to("/login").into_response();
    close_session(&mut response);
    Ok(response)
}
