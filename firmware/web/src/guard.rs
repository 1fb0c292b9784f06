//! What every request over HTTPS passes before anything else: the host it asks
//! for, the site it comes from; and the headers of every answer.

use crate::trouble::Kind;
use crate::visit::{language_of, refuse, session_token};
use crate::words::Words;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use preau_api::{ApiError, ErrorBody};
use std::net::IpAddr;

/// Everything is served by the box itself, and nothing is written into the page
/// that a browser would run or draw by it.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; object-src 'none'";

/// No Strict-Transport-Security: with a certificate that the browser does not know
/// it would take the button away that lets people in at their first visit.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Refuses what must not go further, and dresses every answer.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let headers = request.headers();
    let language = language_of(headers);
    let host = host_of(&request);
    let mut response = if !host.as_deref().is_some_and(is_own_host) {
        // A page cannot be made for a host that is not this one: a sentence is.
        let words = Words::new(language);
        refuse_plainly(StatusCode::MISDIRECTED_REQUEST, &words.t("trouble-host"))
    } else if comes_from_elsewhere(request.method(), headers, host.as_deref()) {
        if is_api {
            refuse_call(language, StatusCode::FORBIDDEN, "cross-site")
        } else {
            refuse(language, Kind::CrossSite)
        }
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages tell who lives here; only the style, the script and the icon may stay.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A refusal in one plain sentence.
pub(crate) fn refuse_plainly(status: StatusCode, sentence: &str) -> Response {
    (status, format!("{sentence}\n")).into_response()
}

/// A refusal as the API tells it.
pub(crate) fn refuse_call(
    language: preau_domain::language::Language,
    status: StatusCode,
    code: &str,
) -> Response {
    let body = ErrorBody {
        error: ApiError {
            field: None,
            code: code.to_owned(),
            message: Words::new(language).t(&format!("call-{code}")),
            retry_after: None,
        },
    };
    (status, Json(body)).into_response()
}

/// The host that the request asks for, with its port.
fn host_of(request: &Request) -> Option<String> {
    let named = request.headers().get(header::HOST);
    match named {
        Some(value) => value.to_str().ok().map(str::to_owned),
        None => request.uri().authority().map(ToString::to_string),
    }
}

/// The name or address without its port.
pub(crate) fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

/// Whether a host may be this box's. A name of the internet that somebody pointed
/// at the box's address (DNS rebinding) is not: its pages would be of one origin
/// with ours. Names that the internet's DNS cannot hold are safe.
pub(crate) fn is_own_host(host: &str) -> bool {
    const LOCAL_ONLY: [&str; 5] = [".local", ".lan", ".home", ".home.arpa", ".internal"];
    let name = without_port(host).to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    if name.is_empty() {
        return false;
    }
    name.parse::<IpAddr>().is_ok()
        || !name.contains('.')
        || LOCAL_ONLY.iter().any(|suffix| name.ends_with(suffix))
}

/// Whether an unsafe request was made by another site's page, in the name of
/// somebody who is logged in here. Browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones in `Origin`; a program says neither, and then has
/// no cookie either.
fn comes_from_elsewhere(method: &Method, headers: &HeaderMap, host: Option<&str>) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    if let Some(origin) = text(header::ORIGIN) {
        let own = origin
            .strip_prefix("https://")
            .zip(host)
            .is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host));
        return !own;
    }
    session_token(headers).is_some() && !headers.contains_key(header::AUTHORIZATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_that_can_be_this_box_are_answered() {
        for own in [
            "192.168.1.20",
            "[fe80::1]:8443",
            "preau",
            "preau.local",
            "PREAU.local.:443",
            "localhost:8443",
            "preau.home",
        ] {
            assert!(is_own_host(own), "{own}");
        }
        for other in ["example.com", "preau.local.example.com", "", ":443", "[]"] {
            assert!(!is_own_host(other), "{other}");
        }
    }

    #[test]
    fn unsafe_requests_of_other_sites_are_refused() {
        let refused = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            comes_from_elsewhere(&Method::POST, &headers, Some("preau.local"))
        };
        assert!(!refused(&[("sec-fetch-site", "same-origin")]));
        assert!(refused(&[("sec-fetch-site", "cross-site")]));
        assert!(refused(&[("sec-fetch-site", "same-site")]));
        assert!(!refused(&[("origin", "https://preau.local")]));
        assert!(refused(&[("origin", "http://preau.local")]));
        assert!(refused(&[("origin", "null")]));
        assert!(!refused(&[]));
        assert!(refused(&[("cookie", "__Host-preau=x")]));
        let program = [("cookie", "__Host-preau=x"), ("authorization", "Bearer y")];
        assert!(!refused(&program));
    }
}
