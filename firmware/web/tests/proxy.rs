//! The API over HTTPS, and what never gets that far.

#![allow(clippy::unwrap_used)] // helpers of tests fail like tests

mod browser;
mod fake;
#[path = "common/site.rs"]
mod site;

use axum::body::Bytes;
use axum::http::{Method, StatusCode, header};
use browser::request;
use fake::{CODE, TOKEN, scenes};
use http_body_util::Full;
use preau_api::BODY_MAX;

fn empty(builder: axum::http::request::Builder) -> axum::http::Request<Full<Bytes>> {
    builder.body(Full::new(Bytes::new())).unwrap()
}

#[tokio::test]
async fn requests_are_handed_on_with_the_session_and_without_the_connection_s_headers() {
    let site = site::open(scenes::well()).await;
    let asked = request(Method::GET, "/api/v1/status?x=1")
        .header(
            header::COOKIE,
            format!("__Host-preau={TOKEN}; preau-lang=en"),
        )
        .header(header::CONNECTION, "keep-alive, x-private")
        .header("x-private", "1")
        .header(header::ACCEPT_LANGUAGE, "en");
    let answer = site.send(empty(asked)).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.has("\"headline\"");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let scene = site.fake.scene();
    let seen = scene.asked.last().unwrap();
    assert_eq!(seen.path, "/v1/status");
    assert_eq!(seen.headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(seen.headers["accept-language"], "en");
    for gone in ["cookie", "x-private", "transfer-encoding"] {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
}

#[tokio::test]
async fn refusals_come_back_as_they_are() {
    let site = site::open(scenes::fresh()).await;
    let claim = request(Method::POST, "/api/v1/claim")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(r#"{"code":"no","language":"fr"}"#)))
        .unwrap();
    let answer = site.send(claim).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.has("wrong-code");
    let answer = site
        .send(empty(request(Method::GET, "/api/v1/status")))
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn other_sites_hosts_and_sizes_are_refused_before_the_supervisor() {
    let site = site::open(scenes::fresh()).await;
    let body = format!(r#"{{"code":"{CODE}","language":"fr"}}"#);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://example.com"),
        ("cookie", "__Host-preau=already0logged0in"),
    ] {
        let claim = request(Method::POST, "/api/v1/claim")
            .header(name, value)
            .body(Full::new(Bytes::from(body.clone())))
            .unwrap();
        let answer = site.send(claim).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
        answer.has("cross-site");
    }
    let rebound = axum::http::Request::get("/api/v1/box").header("host", "evil.example.com");
    let answer = site.send(empty(rebound)).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    let large = request(Method::POST, "/api/v1/claim")
        .body(Full::new(Bytes::from(vec![b' '; BODY_MAX + 1])))
        .unwrap();
    let answer = site.send(large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    answer.has("too-large");
    assert!(site.fake.scene().asked.is_empty());
}

#[tokio::test]
async fn the_policy_allows_nothing_inline_and_no_frames() {
    let site = site::open(scenes::well()).await;
    let answer = site.send(empty(request(Method::GET, "/login"))).await;
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"));
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert!(!answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn events_arrive_as_they_happen() {
    use http_body_util::BodyExt;
    let site = site::open(scenes::well()).await;
    let asked = empty(
        request(Method::GET, "/api/v1/events")
            .header(header::COOKIE, format!("__Host-preau={TOKEN}")),
    );
    let mut body = site.stream(asked).await;
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b"event: status"));
    site.fake
        .change(|scene| scene.status.headline = "Autre chose.".to_owned());
    let next = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(String::from_utf8_lossy(&next).contains("Autre chose."));
}
