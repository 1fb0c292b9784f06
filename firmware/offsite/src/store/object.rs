//! S3 and WebDAV, through opendal: signatures, listings and dialects are its part;
//! connections, limits and what errors mean are ours ([`super::http`]).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use opendal::{Buffer, ErrorKind, HttpBody, HttpTransport, HttpTransporter, Operator};
use preau_offsite_job::{Destination, Failure};

use super::http::{Client, HttpFailure, Transport};
use super::rest::parse_url;
use super::{Act, Cause, DRAFTS, Kind, Place, Store, StoreError, StoreResult};
use crate::flow::Flow;

/// A repository at an object store or in a folder of a web server.
#[derive(Debug)]
pub struct Objects {
    operator: Operator,
    client: Client,
    /// Whether a file appears whole or not at all, by the protocol itself.
    whole: Whole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// S3: an object exists once all of it has come.
    Always,
    /// WebDAV: nothing is promised, so files are written aside and renamed.
    AfterRename,
}

impl Objects {
    /// Gets ready; connects with the first call.
    pub fn new(destination: &Destination, flow: Arc<Flow>) -> StoreResult<Self> {
        let refuse = |reason: String| StoreError {
            act: Act::Connect,
            object: "the destination".into(),
            cause: Cause::Failure(Failure::BadJob),
            reason,
        };
        let (operator, certificate, whole) = match destination {
            Destination::S3 {
                endpoint,
                region,
                bucket,
                folder,
                access_key,
                secret_key,
                certificate,
            } => {
                let endpoint = parse_url(endpoint)?;
                let service = opendal::services::S3::default()
                    .endpoint(endpoint.as_str().trim_end_matches('/'))
                    .region(region)
                    .bucket(bucket)
                    .root(folder)
                    .access_key_id(access_key)
                    .secret_access_key(secret_key.reveal())
                    .disable_config_load()
                    .disable_ec2_metadata();
                (Operator::new(service), certificate, Whole::Always)
            }
            Destination::WebDav {
                url,
                account,
                certificate,
            } => {
                let url = parse_url(url)?;
                let folder = percent_encoding::percent_decode_str(url.path())
                    .decode_utf8()
                    .map_err(|error| refuse(error.to_string()))?;
                let mut service = opendal::services::Webdav::default()
                    .endpoint(&url.origin().ascii_serialization())
                    .root(&folder);
                if let Some(account) = account {
                    service = service
                        .username(&account.user)
                        .password(account.password.reveal());
                }
                (Operator::new(service), certificate, Whole::AfterRename)
            }
            _ => return Err(refuse("neither S3 nor WebDAV".into())),
        };
        let operator = operator.map_err(|error| refuse(error.to_string()))?;
        let client = Client::new(certificate.as_deref(), flow)?;
        let carrier = HttpTransporter::new(Carrier(client.transport()));
        let context = operator.context().with_http_transport(carrier);
        Ok(Self {
            operator: operator.with_context(context),
            client,
            whole,
        })
    }

    /// Renames, once more when the request was dropped, unless it had arrived.
    async fn rename(&self, draft: &str, path: &str, size: usize) -> opendal::Result<()> {
        match self.operator.rename(draft, path).await {
            Err(error) if http_failure(&error).is_some_and(is_cut) => {
                tokio::time::sleep(AGAIN).await;
                match self.operator.stat(path).await {
                    // Of this size under this name, it is what was written aside.
                    Ok(facts) if facts.content_length() == size as u64 => Ok(()),
                    _ => self.operator.rename(draft, path).await,
                }
            }
            outcome => outcome,
        }
    }

    fn wait<T>(
        &self,
        act: Act,
        object: &str,
        work: impl Future<Output = opendal::Result<T>>,
    ) -> StoreResult<T> {
        self.client
            .wait(work)
            .map_err(|error| explain(act, object, &error))
    }
}

impl Store for Objects {
    fn connect(&self) -> StoreResult<()> {
        match self.wait(Act::Connect, "config", self.operator.stat("config")) {
            // A missing bucket and a missing file look the same from here.
            Err(error) if error.cause == Cause::Missing => {
                let listing = async {
                    let mut lister = self.operator.lister("keys/").await?;
                    lister.next().await.transpose()
                };
                match self.wait(Act::Connect, "keys/", listing) {
                    Err(error) if error.cause == Cause::Missing => Ok(()),
                    outcome => outcome.map(drop),
                }
            }
            outcome => outcome.map(drop),
        }
    }

    fn make_folders(&self) -> StoreResult<()> {
        match self.whole {
            Whole::Always => Ok(()),
            // The others are made with their first file.
            Whole::AfterRename => {
                let folder = format!("{DRAFTS}/");
                self.wait(Act::MakeFolders, &folder, self.operator.create_dir(&folder))
            }
        }
    }

    fn list(&self, kind: Kind) -> StoreResult<Vec<(String, u64)>> {
        if kind == Kind::Config {
            return match self.wait(Act::List, "config", self.operator.stat("config")) {
                Ok(facts) => Ok(vec![(String::new(), facts.content_length())]),
                Err(error) if error.cause == Cause::Missing => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        let folder = format!("{}/", kind.folder());
        let listing = self
            .operator
            .list_with(&folder)
            .recursive(kind == Kind::Pack);
        let entries = match self.wait(Act::List, &folder, async { listing.await }) {
            Err(error) if error.cause == Cause::Missing => return Ok(Vec::new()),
            entries => entries?,
        };
        Ok(entries
            .into_iter()
            .filter(|entry| entry.metadata().is_file())
            .map(|entry| (entry.name().to_owned(), entry.metadata().content_length()))
            .collect())
    }

    fn read(&self, place: &Place, range: Option<(u64, u64)>) -> StoreResult<Bytes> {
        let path = place.path();
        let mut reading = self.operator.read_with(&path);
        if let Some((offset, length)) = range {
            reading = reading.range(offset..offset + length);
        }
        let content = self.wait(Act::Read, &path, async { reading.await })?;
        Ok(content.to_bytes())
    }

    fn write(&self, place: &Place, content: &[Bytes]) -> StoreResult<()> {
        let path = place.path();
        let body = Buffer::from(content.to_vec());
        let writing = async {
            match self.whole {
                Whole::Always => self.operator.write(&path, body).await.map(drop),
                Whole::AfterRename => {
                    let (draft, size) = (place.draft(), body.len());
                    self.operator.write(&draft, body).await?;
                    self.rename(&draft, &path, size).await
                }
            }
        };
        self.wait(Act::Write, &path, writing)
    }

    fn remove(&self, place: &Place) -> StoreResult<()> {
        let path = place.path();
        match self.wait(Act::Remove, &path, self.operator.delete(&path)) {
            Err(error) if error.cause == Cause::Missing => Ok(()),
            outcome => outcome,
        }
    }

    fn remove_drafts(&self) -> StoreResult<()> {
        if self.whole == Whole::Always {
            return Ok(());
        }
        let folder = format!("{DRAFTS}/");
        let clearing = async {
            for entry in self.operator.list(&folder).await? {
                if entry.metadata().is_file() {
                    self.operator.delete(entry.path()).await?;
                }
            }
            Ok(())
        };
        match self.wait(Act::Remove, &folder, clearing) {
            Err(error) if error.cause == Cause::Missing => Ok(()),
            outcome => outcome,
        }
    }
}

/// What went wrong on the way, if that is what an error is about.
fn http_failure(error: &opendal::Error) -> Option<&HttpFailure> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(failure) = inner.downcast_ref() {
            return Some(failure);
        }
        cause = inner.source();
    }
    None
}

fn explain(act: Act, object: &str, error: &opendal::Error) -> StoreError {
    if let Some(failure) = http_failure(error) {
        return failure.clone().on(act, object);
    }
    let reason = error.to_string();
    let cause = if reason.contains("NoSuchBucket") {
        Cause::Failure(Failure::BucketMissing)
    } else {
        match (error.kind(), act) {
            (ErrorKind::NotFound, _) => Cause::Missing,
            (ErrorKind::PermissionDenied, Act::Remove) => Cause::Failure(Failure::DeleteRefused),
            (ErrorKind::PermissionDenied, Act::Write) => Cause::Failure(Failure::WriteRefused),
            (ErrorKind::PermissionDenied, _) => Cause::Failure(Failure::LoginRefused),
            (ErrorKind::RangeNotSatisfied, _) => Cause::Failure(Failure::Damaged),
            (ErrorKind::ConfigInvalid, _) => Cause::Failure(Failure::BadJob),
            _ => Cause::Failure(Failure::ServerError),
        }
    };
    StoreError {
        act,
        object: object.into(),
        cause,
        reason,
    }
}

/// Before a request that was dropped is sent once more.
const AGAIN: Duration = Duration::from_millis(200);

fn is_cut(failure: &HttpFailure) -> bool {
    failure.cause == Cause::Failure(Failure::Cut)
}

/// One thing that is asked for is several requests here. With a server that drops one now
/// and then, beginning anew each time would never end, so the one request is repeated.
/// Not a rename, which may have been done, and its answer lost.
fn may_repeat(method: &http::Method) -> bool {
    method.as_str() != "MOVE"
}

/// Our client, in opendal's terms.
struct Carrier(Transport);

impl HttpTransport for Carrier {
    async fn fetch(
        &self,
        request: http::Request<Buffer>,
    ) -> opendal::Result<http::Response<HttpBody>> {
        let wrap = |failure: HttpFailure| {
            opendal::Error::new(ErrorKind::Unexpected, "sending a request").set_source(failure)
        };
        let is_head = request.method() == http::Method::HEAD;
        let uri = request.uri().clone();
        let (head, body) = request.into_parts();
        let body: Vec<Bytes> = Iterator::collect(body);
        let response = match self.0.send(head.clone(), body.clone()).await {
            Err(failure) if is_cut(&failure) && may_repeat(&head.method) => {
                tokio::time::sleep(AGAIN).await;
                self.0.send(head, body).await
            }
            answer => answer,
        };
        let response = response.map_err(wrap)?;
        let length = response.content_length().filter(|_| !is_head);
        let mut answer = http::Response::builder()
            .status(response.status())
            .version(response.version())
            .extension(uri);
        if let Some(headers) = answer.headers_mut() {
            headers.clone_from(response.headers());
        }
        let pieces = self
            .0
            .pieces(response)
            .map_ok(Buffer::from)
            .map_err(move |failure| {
                opendal::Error::new(ErrorKind::Unexpected, "reading an answer").set_source(failure)
            });
        answer
            .body(HttpBody::new(Box::pin(pieces), length))
            .map_err(|error| {
                opendal::Error::new(ErrorKind::Unexpected, "an answer").set_source(error)
            })
    }
}
