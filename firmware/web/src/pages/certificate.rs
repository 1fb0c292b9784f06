//! The box's own certificate authority: what it is for, and how to install it.

use super::Answer;
use crate::Shared;
use crate::page::{Nav, Page, render};
use crate::visit::Visit;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    page: Page,
    fingerprint: String,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    // For those who are logged in, like every page but the log-in.
    visit.api().session().await?;
    Ok(render(&CertificatePage {
        page: visit.page("certificate-title", Nav::Certificate),
        fingerprint: visit.info.authority_fingerprint.clone(),
    }))
}

/// The authority, for anybody: it is public.
pub(crate) async fn download(State(site): State<Shared>) -> Response {
    let Some(pem) = site.authority.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"preau-ca.pem\"",
        ),
    ];
    (headers, pem).into_response()
}
