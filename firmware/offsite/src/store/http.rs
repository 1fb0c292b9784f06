//! HTTPS for the destinations that speak it: who is trusted, how fast bodies leave,
//! and what an error or a status comes down to.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body::{Frame, SizeHint};
use preau_offsite_job::Failure;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::runtime::Runtime;
use tokio::time::Sleep;

use super::{Act, Cause, StoreError, StoreResult};
use crate::flow::{Flow, PIECE};

/// How long a server may take to be reached.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a server may be silent in the middle of an answer, or take nothing of
/// what is sent to it.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a server may take to answer once it has everything: some write 16 MiB
/// through to a slow disk or to other servers first.
const ANSWER: Duration = Duration::from_secs(600);

/// The most room that is made on a server's word alone, before anything has come.
const LARGEST_ROOM: u64 = 32 * 1024 * 1024;

/// A failure on the way to a server.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct HttpFailure {
    /// What it comes down to.
    pub cause: Cause,
    /// What came back.
    pub reason: String,
}

impl HttpFailure {
    fn new(failure: Failure, reason: impl Into<String>) -> Self {
        Self {
            cause: Cause::Failure(failure),
            reason: reason.into(),
        }
    }

    /// With what was tried on what.
    pub fn on(self, act: Act, object: impl Into<String>) -> StoreError {
        StoreError {
            act,
            object: object.into(),
            cause: self.cause,
            reason: self.reason,
        }
    }
}

/// A client, and the threads that its connections run on.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    runtime: Runtime,
    flow: Arc<Flow>,
}

impl Client {
    /// A client that trusts the authorities that browsers trust, and a certificate.
    pub fn new(certificate: Option<&str>, flow: Arc<Flow>) -> StoreResult<Self> {
        let fail = |failure, reason: String| {
            HttpFailure::new(failure, reason).on(Act::Connect, "the destination")
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| fail(Failure::Internal, error.to_string()))?;
        let tls = tls(certificate)
            .map_err(|reason| fail(Failure::BadJob, format!("the certificate: {reason}")))?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("preau/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .tcp_keepalive(SILENCE / 4)
            .tcp_user_timeout(SILENCE)
            .no_proxy()
            .build()
            .map_err(|error| fail(Failure::Internal, error.to_string()))?;
        Ok(Self {
            http,
            runtime,
            flow,
        })
    }

    /// Waits for asynchronous work.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A part that can be sent into asynchronous code.
    pub fn transport(&self) -> Transport {
        Transport {
            http: self.http.clone(),
            flow: self.flow.clone(),
        }
    }
}

/// Sends requests.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    flow: Arc<Flow>,
}

impl Transport {
    /// Sends a request and returns the answer's head. Statuses that mean the same to
    /// every server are failures already.
    pub async fn send(
        &self,
        head: http::request::Parts,
        body: Vec<Bytes>,
    ) -> Result<reqwest::Response, HttpFailure> {
        let url = head.uri.to_string();
        let size: usize = body.iter().map(Bytes::len).sum();
        let mut request = self.http.request(head.method, url).headers(head.headers);
        if size > 0 {
            request = request.body(reqwest::Body::wrap(Throttled::new(body, self.flow.clone())));
        }
        // The head has come, or something is wrong: at a limit the body alone takes
        // long, and is watched over by the connection's own time limit.
        let answer = tokio::time::timeout(ANSWER + self.flow.time_to_send(size), request.send());
        let response = answer
            .await
            .map_err(|_| HttpFailure::new(Failure::Cut, "no answer to the request"))?
            .map_err(|error| judge_error(&error))?;
        match judge_status(response.status()) {
            None => Ok(response),
            Some(failure) => Err(HttpFailure::new(
                failure,
                format!("the server answers {}", response.status()),
            )),
        }
    }

    /// The answer's body, piece by piece, counted.
    pub fn pieces(
        &self,
        response: reqwest::Response,
    ) -> impl futures_util::Stream<Item = Result<Bytes, HttpFailure>> + Send + Sync + use<> {
        let flow = self.flow.clone();
        response
            .bytes_stream()
            .map_ok(move |piece| {
                flow.count_fetched(piece.len());
                piece
            })
            .map_err(|error| judge_error(&error))
    }

    /// The answer's whole body.
    pub async fn body(&self, response: reqwest::Response) -> Result<Bytes, HttpFailure> {
        let expected = response.content_length();
        let mut stream = std::pin::pin!(self.pieces(response));
        // A pack that grows as it comes would be in memory twice, and half as much again.
        let room = expected.unwrap_or(0).min(LARGEST_ROOM);
        let mut content = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
        loop {
            let piece = tokio::time::timeout(SILENCE, stream.try_next()).await;
            match piece.map_err(|_| HttpFailure::new(Failure::Cut, "the answer stops"))?? {
                Some(piece) => content.extend_from_slice(&piece),
                None => break,
            }
        }
        if expected.is_some_and(|expected| expected != content.len() as u64) {
            return Err(HttpFailure::new(Failure::Cut, "the answer is too short"));
        }
        Ok(content.into())
    }
}

/// A body that leaves no faster than it may.
#[derive(Debug)]
struct Throttled {
    pieces: VecDeque<Bytes>,
    left: u64,
    flow: Arc<Flow>,
    due: Option<(Pin<Box<Sleep>>, Bytes)>,
}

impl Throttled {
    fn new(parts: Vec<Bytes>, flow: Arc<Flow>) -> Self {
        let left = parts.iter().map(|part| part.len() as u64).sum();
        let pieces = parts
            .into_iter()
            .flat_map(|part| {
                let size = part.len();
                (0..size)
                    .step_by(PIECE)
                    .map(move |start| part.slice(start..(start + PIECE).min(size)))
            })
            .collect();
        Self {
            pieces,
            left,
            flow,
            due: None,
        }
    }
}

impl http_body::Body for Throttled {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if this.due.is_none() {
            let Some(piece) = this.pieces.pop_front() else {
                return Poll::Ready(None);
            };
            let wait = this.flow.book(piece.len(), Instant::now());
            if wait.is_zero() {
                this.left -= piece.len() as u64;
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            this.due = Some((Box::pin(tokio::time::sleep(wait)), piece));
        }
        if let Some((sleep, _)) = &mut this.due
            && sleep.as_mut().poll(context).is_pending()
        {
            return Poll::Pending;
        }
        Poll::Ready(this.due.take().map(|(_, piece)| {
            this.left -= piece.len() as u64;
            Ok(Frame::data(piece))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// What a status means, where it means the same for every request and server.
fn judge_status(status: http::StatusCode) -> Option<Failure> {
    match status.as_u16() {
        401 | 407 => Some(Failure::LoginRefused),
        413 | 507 => Some(Failure::NoSpace),
        429 | 500..=599 => Some(Failure::ServerError),
        _ => None,
    }
}

/// What an error of a connection comes down to.
fn judge_error(error: &reqwest::Error) -> HttpFailure {
    let mut words = Vec::new();
    let mut failure = if error.is_timeout() && error.is_connect() {
        Failure::NoAnswer
    } else {
        Failure::Cut
    };
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text == "dns error" {
            failure = Failure::NameNotFound;
        }
        if let Some(found) = error.downcast_ref::<std::io::Error>() {
            failure = judge_io(found).unwrap_or(failure);
        }
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            failure = judge_tls(found);
        }
        // reqwest's own text has the address, and with it perhaps a password.
        if !error.is::<reqwest::Error>() {
            words.push(text);
        }
        cause = error.source();
    }
    HttpFailure::new(failure, words.join(": "))
}

fn judge_io(error: &std::io::Error) -> Option<Failure> {
    use std::io::ErrorKind;
    // An error of TLS is wrapped in one or two of input and output, which show what
    // is inside only to those who ask.
    if let Some(inner) = error.get_ref() {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return Some(judge_tls(tls));
        }
        if let Some(inner) = inner.downcast_ref::<std::io::Error>() {
            return judge_io(inner);
        }
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(Failure::PortClosed),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some(Failure::NoAnswer),
        _ => None,
    }
}

fn judge_tls(error: &rustls::Error) -> Failure {
    match error {
        rustls::Error::InvalidCertificate(_) => Failure::CertificateRefused,
        _ => Failure::ServerError,
    }
}

fn tls(certificate: Option<&str>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut pinned = Vec::new();
    for found in CertificateDer::pem_slice_iter(certificate.unwrap_or_default().as_bytes()) {
        let found = found.map_err(|error| error.to_string())?;
        // One that is no authority's cannot be a root, and is pinned all the same.
        let _ = roots.add(found.clone());
        pinned.push(found);
    }
    if certificate.is_some() && pinned.is_empty() {
        return Err("no certificate in it".into());
    }
    let known = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| error.to_string())?;
    Ok(ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusted {
            known,
            pinned,
            provider,
        }))
        .with_no_client_auth())
}

/// Trusts what browsers trust, and exactly the certificates that a person gave: a
/// school's server made its own, which no authority signed.
#[derive(Debug)]
struct Trusted {
    known: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Trusted {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pinned.iter().any(|pinned| pinned == shown) {
            return Ok(ServerCertVerified::assertion());
        }
        self.known
            .verify_server_cert(shown, between, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
