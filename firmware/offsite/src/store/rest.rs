//! restic's REST protocol: restic's own server, or rclone's. In append-only mode the
//! server deletes nothing but locks, whatever the box asks for.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, header};
use preau_offsite_job::{Account, Failure};
use serde::Deserialize;
use url::Url;

use super::http::{Client, HttpFailure};
use super::{Act, Cause, Kind, Place, Store, StoreError, StoreResult};
use crate::flow::Flow;

/// The version of the protocol that lists sizes.
const LISTS_SIZES: &str = "application/vnd.x.restic.rest.v2";

/// A repository on such a server.
#[derive(Debug)]
pub struct Rest {
    url: Url,
    authorization: Option<String>,
    client: Client,
}

/// A good answer.
struct Answer {
    /// The length that the server states, which for `HEAD` is the file's.
    length: Option<u64>,
    content: Bytes,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    size: u64,
}

impl Rest {
    /// Gets ready; connects with the first call.
    pub fn new(
        url: &str,
        account: Option<Account>,
        certificate: Option<&str>,
        flow: Arc<Flow>,
    ) -> StoreResult<Self> {
        Ok(Self {
            url: parse_url(url)?,
            authorization: account.map(|account| basic(&account)),
            client: Client::new(certificate, flow)?,
        })
    }

    /// The address of a file. Packs are not spread over folders: the server does that.
    fn url_of(&self, place: &Place) -> Url {
        let below = match place.kind {
            Kind::Config => Kind::Config.folder().to_owned(),
            kind => format!("{}/{}", kind.folder(), place.name),
        };
        self.below(&below)
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path()));
        url
    }

    fn ask(
        &self,
        act: Act,
        method: Method,
        url: Url,
        extra: Option<(header::HeaderName, String)>,
        body: Vec<Bytes>,
    ) -> StoreResult<Answer> {
        let mut builder = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::ACCEPT, LISTS_SIZES);
        if let Some(authorization) = &self.authorization {
            builder = builder.header(header::AUTHORIZATION, authorization);
        }
        if let Some((name, value)) = extra {
            builder = builder.header(name, value);
        }
        let object = url.path().to_owned();
        let head = builder.body(()).map_err(|error| StoreError {
            act,
            object: object.clone(),
            cause: Cause::Failure(Failure::BadJob),
            reason: error.to_string(),
        })?;
        let transport = self.client.transport();
        let answer = self.client.wait(async {
            let response = transport.send(head.into_parts().0, body).await?;
            let status = response.status();
            let length = response.headers().get(header::CONTENT_LENGTH);
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            let content = transport.body(response).await?;
            Ok::<_, HttpFailure>((status, Answer { length, content }))
        });
        let (status, answer) = answer.map_err(|failure| failure.on(act, &object))?;
        if status.is_success() {
            return Ok(answer);
        }
        let cause = match (status.as_u16(), act) {
            (404, _) => Cause::Missing,
            (403 | 405, Act::Remove) => Cause::Failure(Failure::DeleteRefused),
            (403 | 405, Act::Write | Act::MakeFolders) => Cause::Failure(Failure::WriteRefused),
            (403, _) => Cause::Failure(Failure::LoginRefused),
            (416, _) => Cause::Failure(Failure::Damaged),
            _ => Cause::Failure(Failure::ServerError),
        };
        Err(StoreError {
            act,
            object,
            cause,
            reason: format!("the server answers {status}"),
        })
    }

    fn size_of(&self, act: Act, place: &Place) -> StoreResult<Option<u64>> {
        match self.ask(act, Method::HEAD, self.url_of(place), None, Vec::new()) {
            Ok(answer) => Ok(Some(answer.length.unwrap_or(0))),
            Err(error) if error.cause == Cause::Missing => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// An address that ends in `/` and has no account in it.
pub fn parse_url(text: &str) -> StoreResult<Url> {
    let refuse = |reason: &str| StoreError {
        act: Act::Connect,
        object: "the destination".into(),
        cause: Cause::Failure(Failure::BadJob),
        reason: reason.into(),
    };
    let mut url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refuse("an address begins with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("the account belongs in its own field"));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn basic(account: &Account) -> String {
    let pair = format!("{}:{}", account.user, account.password.reveal());
    format!("Basic {}", STANDARD.encode(pair))
}

impl Store for Rest {
    fn connect(&self) -> StoreResult<()> {
        self.size_of(Act::Connect, &Place::config()).map(drop)
    }

    fn make_folders(&self) -> StoreResult<()> {
        let mut url = self.url.clone();
        url.set_query(Some("create=true"));
        self.ask(Act::MakeFolders, Method::POST, url, None, Vec::new())
            .map(drop)
    }

    fn list(&self, kind: Kind) -> StoreResult<Vec<(String, u64)>> {
        if kind == Kind::Config {
            let size = self.size_of(Act::List, &Place::config())?;
            return Ok(size.map(|size| (String::new(), size)).into_iter().collect());
        }
        let url = self.below(&format!("{}/", kind.folder()));
        let object = url.path().to_owned();
        let content = match self.ask(Act::List, Method::GET, url, None, Vec::new()) {
            Err(error) if error.cause == Cause::Missing => return Ok(Vec::new()),
            answer => answer?.content,
        };
        let listed: Option<Vec<Listed>> =
            serde_json::from_slice(&content).map_err(|error| StoreError {
                act: Act::List,
                object,
                cause: Cause::Failure(Failure::ServerError),
                reason: format!("the server speaks another protocol: {error}"),
            })?;
        let listed = listed.unwrap_or_default();
        Ok(listed
            .into_iter()
            .map(|file| (file.name, file.size))
            .collect())
    }

    fn read(&self, place: &Place, range: Option<(u64, u64)>) -> StoreResult<Bytes> {
        let extra = range.map(|(offset, length)| {
            let last = (offset + length).saturating_sub(1);
            (header::RANGE, format!("bytes={offset}-{last}"))
        });
        let url = self.url_of(place);
        let answer = self.ask(Act::Read, Method::GET, url, extra, Vec::new())?;
        let content = answer.content;
        match range {
            Some((_, length)) if content.len() as u64 != length => Err(StoreError {
                act: Act::Read,
                object: place.to_string(),
                cause: Cause::Failure(Failure::Damaged),
                reason: format!("{} bytes came where {length} were due", content.len()),
            }),
            _ => Ok(content),
        }
    }

    fn write(&self, place: &Place, content: &[Bytes]) -> StoreResult<()> {
        let send = || {
            let url = self.url_of(place);
            self.ask(Act::Write, Method::POST, url, None, content.to_vec())
        };
        let size: usize = content.iter().map(Bytes::len).sum();
        let refused = match send() {
            Err(error) if error.cause == Cause::Failure(Failure::WriteRefused) => error,
            // A server that refuses before it has read all resets the connection, and its
            // answer may be lost with it, each time. What is asked for is small.
            Err(error)
                if error.cause == Cause::Failure(Failure::Cut) && place.kind != Kind::Config =>
            {
                return match self.size_of(Act::Write, place) {
                    Ok(Some(there)) if there == size as u64 => Ok(()),
                    _ => Err(error),
                };
            }
            outcome => return outcome.map(drop),
        };
        // An append-only server refuses a name that it has. An earlier try may have
        // arrived and lost its answer, or been cut, and left a part.
        if place.kind == Kind::Config {
            // Its name says nothing of its content: it may be another box's.
            return match self.read(place, None) {
                Ok(there) if there == content.concat() => Ok(()),
                _ => Err(refused),
            };
        }
        match self.size_of(Act::Write, place)? {
            None => Err(refused),
            Some(there) if there == size as u64 => Ok(()),
            Some(there) => match self.remove(place) {
                Ok(()) => send().map(drop),
                Err(_) => Err(StoreError {
                    cause: Cause::HalfWritten,
                    reason: format!("{there} of {size} bytes are there, and stay"),
                    ..refused
                }),
            },
        }
    }

    fn remove(&self, place: &Place) -> StoreResult<()> {
        let url = self.url_of(place);
        match self.ask(Act::Remove, Method::DELETE, url, None, Vec::new()) {
            Err(error) if error.cause == Cause::Missing => Ok(()),
            outcome => outcome.map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_folder_without_an_account_in_it() {
        assert_eq!(
            parse_url("https://abri.example/ecole").unwrap().as_str(),
            "https://abri.example/ecole/"
        );
        for wrong in [
            "abri.example",
            "ftp://abri.example/",
            "https://a:b@abri.example/",
        ] {
            assert!(parse_url(wrong).is_err(), "{wrong}");
        }
    }
}
