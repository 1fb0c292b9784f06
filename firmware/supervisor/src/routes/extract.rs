//! What handlers are given: the reader's language, who asks, and the body.

use crate::desk::Desk;
use crate::refusal::{Reason, Refusal};
use axum::body::Bytes;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::serve::IncomingStream;
use preau_domain::language::Language;
use preau_texts::Texts;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::UnixListener;

/// Who is at the other end of the socket.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    uid: Option<u32>,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        let uid = stream.io().peer_cred().ok().map(|peer| peer.uid());
        Self { uid }
    }
}

/// The language of a request: what it asks for, else the box's.
pub fn texts(headers: &HeaderMap, desk: &Desk) -> Texts {
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(Language::from_accept_language);
    Texts::new(asked.unwrap_or_else(|| desk.settings().language))
}

/// The texts of the reader's language.
pub struct Reader(pub Texts);

impl FromRequestParts<Arc<Desk>> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        desk: &Arc<Desk>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(texts(&parts.headers, desk)))
    }
}

/// Somebody who may do everything: the owner of a session, or root on the console.
pub struct Admin {
    /// The session's token; `None` for root.
    pub token: Option<String>,
}

impl FromRequestParts<Arc<Desk>> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        desk: &Arc<Desk>,
    ) -> Result<Self, Self::Rejection> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        if let Some(token) = token {
            // A token that is wrong is refused, root's too: somebody is mistaken.
            if desk.sessions.check(token, desk.now()).await {
                return Ok(Self {
                    token: Some(token.to_owned()),
                });
            }
            return Err(Reason::NotLoggedIn.into());
        }
        let peer = parts.extensions.get::<ConnectInfo<Peer>>();
        if peer.is_some_and(|peer| peer.0.uid == Some(0)) {
            return Ok(Self { token: None });
        }
        Err(Reason::NotLoggedIn.into())
    }
}

/// A JSON body, read strictly.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Desk>> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, Self::Rejection> {
        let bytes = Bytes::from_request(request, desk).await.map_err(|error| {
            let text = error.body_text();
            if error.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Refusal::from(Reason::TooLarge)
            } else {
                Reason::NotJson(text).into()
            }
        })?;
        parse(&bytes).map(Self)
    }
}

/// Reads JSON and says which field is wrong, if one is.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        explain(&path, &error)
    })?;
    json.end()
        .map_err(|error| Refusal::from(Reason::NotJson(error.to_string())))?;
    Ok(value)
}

fn explain(path: &str, error: &serde_json::Error) -> Refusal {
    if !error.is_data() {
        return Reason::NotJson(error.to_string()).into();
    }
    let text = error.to_string();
    // serde tells the field's own name in the message only; its path names the
    // object around a missing one.
    let quoted = |start: &str| {
        let rest = text.strip_prefix(start)?;
        rest.split_once('`').map(|(name, _)| name.to_owned())
    };
    let within = |name: String| match path.strip_suffix(&format!(".{name}")).unwrap_or(path) {
        "." | "" => name,
        path if path == name => name,
        path => format!("{path}.{name}"),
    };
    if let Some(name) = quoted("unknown field `") {
        return Reason::UnknownField(within(name)).into();
    }
    if let Some(name) = quoted("missing field `") {
        return Reason::MissingField(within(name)).into();
    }
    let why = text.split(" at line ").next().unwrap_or(&text).to_owned();
    let path = if path == "." { "body" } else { path };
    Reason::WrongType(path.to_owned(), why).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use preau_api::{CreateVolume, SetMail};

    fn refused<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> Reason {
        let refusal = parse::<T>(text.as_bytes()).unwrap_err();
        refusal.reason().clone()
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let volume = r#"{"layout":"mirror","erase":[{"disk":"a","serial":"b","x":1}]}"#;
        assert_eq!(
            refused::<CreateVolume>(volume),
            Reason::UnknownField("erase[0].x".to_owned())
        );
        assert_eq!(
            refused::<CreateVolume>(r#"{"layout":"mirror","erase":[{"disk":"a"}]}"#),
            Reason::MissingField("erase[0].serial".to_owned())
        );
        assert_eq!(
            refused::<CreateVolume>(r#"{"layout":"mirror"}"#),
            Reason::MissingField("erase".to_owned())
        );
        assert_eq!(
            refused::<CreateVolume>(r#"{"surprise":1}"#),
            Reason::UnknownField("surprise".to_owned())
        );
        let Reason::WrongType(field, _) = refused::<SetMail>(r#"{"host":"a","port":"b"}"#) else {
            panic!("not a wrong type");
        };
        assert_eq!(field, "port");
        assert!(matches!(refused::<SetMail>("{"), Reason::NotJson(_)));
        assert!(matches!(refused::<SetMail>(""), Reason::NotJson(_)));
        assert!(matches!(refused::<SetMail>("[]"), Reason::WrongType(..)));
    }
}
