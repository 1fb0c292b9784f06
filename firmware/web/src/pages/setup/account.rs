//! The box's code, and the account of the person who looks after it.

use super::adopt::{self, SetCard};
use super::{Progress, Step};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::pages::{Answer, go, refused};
use crate::trouble::Kind;
use crate::visit::{Visit, open_session};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use preau_api::{Claim, Login, SetAdmin};
use preau_domain::names::PASSWORD_MIN;
use preau_domain::settings::SetupStep;

#[derive(Template)]
#[template(path = "setup/code.html")]
struct CodePage {
    page: Page,
    progress: Progress,
    refusal: Refusal,
    code: String,
}

pub(super) async fn ask_code(visit: Visit) -> Answer {
    if visit.info.setup != SetupStep::Admin {
        return go("/");
    }
    Ok(code_form(&visit, Refusal::NONE, String::new()))
}

fn code_form(visit: &Visit, refusal: Refusal, code: String) -> Response {
    render(&CodePage {
        page: visit.page("code-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Code),
        refusal,
        code,
    })
}

pub(super) async fn claim(visit: Visit, fields: Fields) -> Answer {
    let claim = Claim {
        code: fields.text("code"),
        language: visit.words.language(),
    };
    match visit.api().claim(&claim).await {
        Ok(session) => {
            let mut response = Redirect::to("/setup/admin").into_response();
            open_session(&mut response, &session);
            Ok(response)
        }
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            refused(code_form(&visit, refusal, claim.code))
        }
    }
}

#[derive(Template)]
#[template(path = "setup/admin.html")]
struct AdminPage {
    page: Page,
    progress: Progress,
    refusal: Refusal,
    display_name: String,
    login: String,
    password_min: usize,
    sets: Vec<SetCard>,
}

pub(super) async fn show(visit: Visit) -> Answer {
    if visit.info.setup != SetupStep::Admin {
        return go("/");
    }
    // The code's session may be over: the code is asked again.
    if !visit.has_session() || visit.api().session().await.is_err() {
        return go("/setup/code");
    }
    admin_form(&visit, Refusal::NONE, &Fields::default()).await
}

async fn admin_form(visit: &Visit, refusal: Refusal, fields: &Fields) -> Answer {
    Ok(render(&AdminPage {
        page: visit.page("admin-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Account),
        refusal,
        display_name: fields.text("display_name"),
        login: fields.text("login"),
        password_min: PASSWORD_MIN,
        sets: adopt::cards(visit).await?,
    }))
}

pub(super) async fn create(visit: Visit, fields: Fields) -> Answer {
    let admin = SetAdmin {
        display_name: fields.text("display_name"),
        login: fields.text("login"),
        password: fields.raw("password").to_owned(),
    };
    if let Err(trouble) = visit.api().set_admin(&admin).await {
        if matches!(trouble.kind, Kind::NoSession) {
            return go("/setup/code");
        }
        let refusal = Refusal::of(trouble.refusal()?);
        return refused(admin_form(&visit, refusal, &fields).await?);
    }
    let mut response = Redirect::to("/setup/box").into_response();
    // The code's session may have ended with the code; the new account has its own.
    if visit.api().session().await.is_err() {
        let login = Login {
            login: admin.login,
            password: admin.password,
        };
        let session = visit.api().login(&login).await?;
        open_session(&mut response, &session);
    }
    Ok(response)
}
