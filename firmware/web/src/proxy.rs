//! The API over HTTPS: `/api/v1/…` is handed on to the supervisor as `/v1/…`, and
//! its answer comes back as it is, streams included. What is between: the session's
//! cookie becomes a bearer token, and headers that belong to one connection stay
//! there. Nothing is judged here.

use crate::Shared;
use crate::client;
use crate::guard::refuse_call;
use crate::visit::{language_of, session_token};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt, Full};
use preau_api::BODY_MAX;
use std::time::Duration;
use tokio::time::timeout;

/// How long a body of at most [`BODY_MAX`] may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// How much of a body that is too large is still read, in bytes.
const READ_ON_MAX: usize = 16 * BODY_MAX;

/// Headers of one connection (RFC 9110, section 7.6.1), and those that are made
/// anew for the next one.
const DROPPED: [HeaderName; 12] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::COOKIE,
    header::SET_COOKIE,
    header::CONTENT_LENGTH,
];

/// Takes a whole body; `None` when it is larger than [`BODY_MAX`]. What is too much
/// is read on and thrown away, up to [`READ_ON_MAX`]: somebody who is still sending
/// would find the connection broken instead of reading why.
async fn take(mut body: Body) -> Result<Option<Bytes>, axum::Error> {
    let mut taken = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        seen += data.len();
        if seen <= BODY_MAX {
            taken.extend_from_slice(&data);
        } else if seen > READ_ON_MAX {
            break;
        }
    }
    Ok((seen <= BODY_MAX).then(|| taken.into()))
}

/// Hands a request on.
pub(crate) async fn pass_on(State(site): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let language = language_of(&head.headers);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let path = path.strip_prefix("/api").unwrap_or(path).to_owned();
    let body = match timeout(BODY_WITHIN, take(body)).await {
        Ok(Ok(Some(body))) => body,
        Ok(Ok(None)) => {
            return refuse_call(language, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
        }
        Ok(Err(error)) => {
            let reason: &dyn std::error::Error = &error;
            tracing::debug!(reason, "a request's body did not arrive whole");
            return refuse_call(language, StatusCode::BAD_REQUEST, "cut-short");
        }
        Err(_) => return refuse_call(language, StatusCode::REQUEST_TIMEOUT, "cut-short"),
    };
    let mut onward = axum::http::Request::new(Full::<Bytes>::new(body));
    *onward.method_mut() = head.method;
    match path.parse() {
        Ok(uri) => *onward.uri_mut() = uri,
        Err(_) => return refuse_call(language, StatusCode::BAD_REQUEST, "address"),
    }
    *onward.headers_mut() = headers_onward(head.headers);
    match client::send(&site.socket, onward, client::ANSWER_WITHIN).await {
        Ok(answer) => {
            let (head, body) = answer.into_parts();
            let mut response = Response::new(Body::new(body));
            *response.status_mut() = head.status;
            *response.headers_mut() = without_dropped(head.headers);
            response
        }
        Err(error) => {
            let reason: &dyn std::error::Error = &error;
            tracing::warn!(reason, "the supervisor does not answer");
            refuse_call(language, StatusCode::SERVICE_UNAVAILABLE, "starting")
        }
    }
}

/// The headers for the supervisor: a program's own token goes before the cookie.
fn headers_onward(headers: HeaderMap) -> HeaderMap {
    let from_cookie = session_token(&headers)
        .and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    let mut onward = without_dropped(headers);
    if let Some(bearer) = from_cookie {
        onward.entry(header::AUTHORIZATION).or_insert(bearer);
    }
    onward.insert(header::HOST, HeaderValue::from_static("preau"));
    onward
}

fn without_dropped(mut headers: HeaderMap) -> HeaderMap {
    // `Connection` may name further headers that end here.
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&DROPPED) {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_s_headers_stay_and_the_cookie_becomes_a_token() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("cookie", "__Host-preau=abc; preau-lang=fr"),
            ("connection", "close, x-private"),
            ("x-private", "1"),
            ("transfer-encoding", "chunked"),
            ("accept-language", "fr"),
            ("host", "preau.local"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let onward = headers_onward(headers);
        assert_eq!(onward.len(), 3, "{onward:?}");
        assert_eq!(onward["authorization"], "Bearer abc");
        assert_eq!(onward["accept-language"], "fr");
        assert_eq!(onward["host"], "preau");
    }

    #[test]
    fn a_program_s_own_token_goes_before_the_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static("__Host-preau=abc"));
        headers.insert("authorization", HeaderValue::from_static("Bearer own"));
        assert_eq!(headers_onward(headers)["authorization"], "Bearer own");
    }
}
