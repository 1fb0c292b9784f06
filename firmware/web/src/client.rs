//! The supervisor's API as typed functions, over HTTP/1.1 on its Unix socket. Each
//! question has a connection of its own: a Unix socket costs nothing to open, and
//! nothing is left behind when a reader goes away.

mod copies;
mod recovery;

use crate::trouble::{Kind, Trouble};
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use preau_api::{
    AddPerson, Adopt, Adoptable, Advance, ArrayView, BoxInfo, Claim, ConfirmMail, CreateVolume,
    DiskDetails, Disks, ErrorBody, GrowVolume, IncidentView, Login, MailTest, MailView, PersonView,
    ProveSheet, ProveSheetCode, ReplaceDisk, ScrubAct, Session, SetAdmin, SetBox, SetLanguage,
    SetMail, SetScrub, SheetParts, SheetView, SheetWords, ShowSheet, StartBlink, StartSelfTest,
    StartUnclean, Status, TakeBack,
};
use preau_domain::language::Language;
use preau_domain::settings::{SchoolHours, SetupStep};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// The supervisor accepts at once or not at all.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// The longest answer, a test mail, waits 30 seconds for the mail server.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(45);

/// A question that the supervisor passes on to a server far away; it gives up after 120
/// seconds.
const ANSWER_LATE: Duration = Duration::from_secs(130);

/// The largest answer that a page is made from: a long history of incidents.
const ANSWER_MAX: usize = 4 * 1024 * 1024;

/// Why the supervisor gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("connecting to the supervisor's socket")]
    Connect(#[source] std::io::Error),
    #[error("the supervisor did not answer in time")]
    TooLate,
    #[error("talking to the supervisor")]
    Http(#[source] hyper::Error),
}

/// Sends a request to the supervisor; the answer's body is still to be read.
pub(crate) async fn send(
    socket: &Path,
    request: Request<Full<Bytes>>,
    within: Duration,
) -> Result<hyper::Response<Incoming>, NoAnswer> {
    let stream = timeout(CONNECT_WITHIN, UnixStream::connect(socket))
        .await
        .map_err(|_| NoAnswer::TooLate)?
        .map_err(NoAnswer::Connect)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(NoAnswer::Http)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the supervisor ended early");
        }
    });
    timeout(within, sender.send_request(request))
        .await
        .map_err(|_| NoAnswer::TooLate)?
        .map_err(NoAnswer::Http)
}

/// The supervisor, asked for one reader.
#[derive(Debug, Clone)]
pub(crate) struct Api<'a> {
    pub(crate) socket: &'a Path,
    pub(crate) language: Language,
    pub(crate) token: Option<String>,
    /// How long it may take to answer.
    pub(crate) within: Duration,
}

type Answer<T> = Result<T, Trouble>;

impl Api<'_> {
    pub(crate) async fn box_info(&self) -> Answer<BoxInfo> {
        self.get("/v1/box").await
    }

    /// Whose session it is; trouble when it is nobody's.
    pub(crate) async fn session(&self) -> Answer<()> {
        self.exchange(Method::GET, "/v1/session", Bytes::new())
            .await
            .map(drop)
    }

    pub(crate) async fn status(&self) -> Answer<Status> {
        self.get("/v1/status").await
    }

    pub(crate) async fn disks(&self) -> Answer<Disks> {
        self.get("/v1/disks").await
    }

    pub(crate) async fn disk(&self, id: &str) -> Answer<DiskDetails> {
        self.get(&format!("/v1/disks/{}", in_a_path(id))).await
    }

    pub(crate) async fn start_self_test(&self, id: &str, wanted: &StartSelfTest) -> Answer<()> {
        let path = format!("/v1/disks/{}/self-test", in_a_path(id));
        self.tell(Method::POST, &path, wanted).await
    }

    pub(crate) async fn abort_self_test(&self, id: &str) -> Answer<()> {
        let path = format!("/v1/disks/{}/self-test", in_a_path(id));
        self.tell(Method::DELETE, &path, &()).await
    }

    pub(crate) async fn start_blink(&self, id: &str, wanted: StartBlink) -> Answer<()> {
        let path = format!("/v1/disks/{}/blink", in_a_path(id));
        self.tell(Method::POST, &path, &wanted).await
    }

    pub(crate) async fn stop_blink(&self, id: &str) -> Answer<()> {
        let path = format!("/v1/disks/{}/blink", in_a_path(id));
        self.tell(Method::DELETE, &path, &()).await
    }

    pub(crate) async fn school_hours(&self) -> Answer<SchoolHours> {
        self.get("/v1/school-hours").await
    }

    pub(crate) async fn set_school_hours(&self, hours: &SchoolHours) -> Answer<()> {
        self.tell(Method::PUT, "/v1/school-hours", hours).await
    }

    pub(crate) async fn open_disk(&self, id: &str) -> Answer<()> {
        let path = format!("/v1/disks/{}/open", in_a_path(id));
        self.tell(Method::POST, &path, &()).await
    }

    pub(crate) async fn close_disk(&self, id: &str) -> Answer<()> {
        let path = format!("/v1/disks/{}/open", in_a_path(id));
        self.tell(Method::DELETE, &path, &()).await
    }

    pub(crate) async fn incidents(&self) -> Answer<Vec<IncidentView>> {
        self.get("/v1/incidents").await
    }

    pub(crate) async fn people(&self) -> Answer<Vec<PersonView>> {
        self.get("/v1/people").await
    }

    pub(crate) async fn claim(&self, claim: &Claim) -> Answer<Session> {
        self.ask(Method::POST, "/v1/claim", claim).await
    }

    pub(crate) async fn login(&self, login: &Login) -> Answer<Session> {
        self.ask(Method::POST, "/v1/login", login).await
    }

    pub(crate) async fn logout(&self) -> Answer<()> {
        self.tell(Method::POST, "/v1/logout", &()).await
    }

    pub(crate) async fn set_language(&self, language: Language) -> Answer<()> {
        let body = SetLanguage { language };
        self.tell(Method::PUT, "/v1/setup/language", &body).await
    }

    pub(crate) async fn set_admin(&self, admin: &SetAdmin) -> Answer<()> {
        self.tell(Method::PUT, "/v1/setup/admin", admin).await
    }

    pub(crate) async fn set_box(&self, wanted: &SetBox) -> Answer<()> {
        self.tell(Method::PUT, "/v1/setup/box", wanted).await
    }

    pub(crate) async fn create_volume(&self, volume: &CreateVolume) -> Answer<()> {
        self.tell(Method::POST, "/v1/volume", volume).await
    }

    pub(crate) async fn replace(&self, replacement: &ReplaceDisk) -> Answer<()> {
        self.tell(Method::POST, "/v1/array/replace", replacement)
            .await
    }

    /// The volume's disks, and what can be done with them.
    pub(crate) async fn array(&self) -> Answer<ArrayView> {
        self.get("/v1/array").await
    }

    pub(crate) async fn grow(&self, growth: &GrowVolume) -> Answer<()> {
        self.tell(Method::POST, "/v1/array/grow", growth).await
    }

    pub(crate) async fn start_unclean(&self, wanted: &StartUnclean) -> Answer<()> {
        self.tell(Method::POST, "/v1/array/start", wanted).await
    }

    pub(crate) async fn take_back(&self, wanted: &TakeBack) -> Answer<()> {
        self.tell(Method::POST, "/v1/array/take-back", wanted).await
    }

    pub(crate) async fn set_scrub(&self, act: ScrubAct) -> Answer<()> {
        let body = SetScrub { act };
        self.tell(Method::POST, "/v1/array/scrub", &body).await
    }

    pub(crate) async fn add_person(&self, person: &AddPerson) -> Answer<()> {
        self.tell(Method::POST, "/v1/people", person).await
    }

    pub(crate) async fn remove_person(&self, login: &str) -> Answer<()> {
        // A login has no character that needs an escape; anything else is nobody's.
        if preau_domain::names::check_login(login).is_err() {
            return Err(self.trouble(Kind::NotFound));
        }
        let path = format!("/v1/people/{login}");
        self.tell(Method::DELETE, &path, &()).await
    }

    /// How mails leave; `None` while that is not set.
    pub(crate) async fn mail(&self) -> Answer<Option<MailView>> {
        self.get("/v1/mail").await
    }

    pub(crate) async fn set_mail(&self, mail: &SetMail) -> Answer<()> {
        self.tell(Method::PUT, "/v1/mail", mail).await
    }

    pub(crate) async fn test_mail(&self) -> Answer<MailTest> {
        self.ask(Method::POST, "/v1/mail/test", &()).await
    }

    pub(crate) async fn confirm_mail(&self, code: String) -> Answer<()> {
        let body = ConfirmMail { code };
        self.tell(Method::POST, "/v1/mail/test/confirm", &body)
            .await
    }

    pub(crate) async fn adoptable(&self) -> Answer<Adoptable> {
        self.get("/v1/adoption").await
    }

    pub(crate) async fn adopt(&self, adopt: &Adopt) -> Answer<()> {
        self.tell(Method::POST, "/v1/adoption", adopt).await
    }

    pub(crate) async fn sheet(&self) -> Answer<SheetView> {
        self.get("/v1/sheet").await
    }

    pub(crate) async fn show_sheet(&self, password: Option<String>) -> Answer<SheetWords> {
        let body = ShowSheet { password };
        self.ask(Method::POST, "/v1/sheet/show", &body).await
    }

    pub(crate) async fn show_parts(&self, password: Option<String>) -> Answer<SheetParts> {
        let body = ShowSheet { password };
        self.ask(Method::POST, "/v1/sheet/parts", &body).await
    }

    pub(crate) async fn prove_sheet(&self, typed: &ProveSheet) -> Answer<()> {
        self.tell(Method::POST, "/v1/sheet/prove", typed).await
    }

    pub(crate) async fn prove_sheet_code(&self, typed: &ProveSheetCode) -> Answer<()> {
        self.tell(Method::POST, "/v1/sheet/prove-code", typed).await
    }

    pub(crate) async fn advance(&self, from: SetupStep) -> Answer<()> {
        let body = Advance { from };
        self.tell(Method::POST, "/v1/setup/advance", &body).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        let bytes = self.exchange(Method::GET, path, Bytes::new()).await?;
        self.understand(&bytes)
    }

    async fn ask<B, T>(&self, method: Method, path: &str, body: &B) -> Answer<T>
    where
        B: Serialize + Sync,
        T: DeserializeOwned,
    {
        let bytes = self.write(method, path, body).await?;
        self.understand(&bytes)
    }

    async fn tell<B: Serialize + Sync>(&self, method: Method, path: &str, body: &B) -> Answer<()> {
        self.write(method, path, body).await.map(drop)
    }

    async fn write<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Answer<Bytes> {
        let body = serde_json::to_vec(body)
            .map_err(|error| self.trouble(Kind::Odd(format!("a request to {path}: {error}"))))?;
        // `()` is for requests without anything to say.
        let body = if body == b"null" { Vec::new() } else { body };
        self.exchange(method, path, body.into()).await
    }

    async fn exchange(&self, method: Method, path: &str, body: Bytes) -> Answer<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "preau")
            .header(header::ACCEPT_LANGUAGE, self.language.tag());
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(token) = &self.token {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| self.trouble(Kind::NoSession))?;
            request = request.header(header::AUTHORIZATION, bearer);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| self.trouble(Kind::Odd(format!("{path}: {error}"))))?;
        let unanswered = |error: NoAnswer| self.trouble(Kind::Unanswered(with_sources(&error)));
        let (head, body) = send(self.socket, request, self.within)
            .await
            .map_err(unanswered)?
            .into_parts();
        let body = timeout(self.within, Limited::new(body, ANSWER_MAX).collect())
            .await
            .map_err(|_| unanswered(NoAnswer::TooLate))?
            .map_err(|error| self.trouble(Kind::Odd(format!("reading {path}: {error}"))))?
            .to_bytes();
        if head.status.is_success() {
            return Ok(body);
        }
        Err(self.trouble(match head.status {
            StatusCode::UNAUTHORIZED => Kind::NoSession,
            status => match serde_json::from_slice::<ErrorBody>(&body) {
                Ok(body) => Kind::Refused(status, body.error),
                Err(_) if status == StatusCode::NOT_FOUND => Kind::NotFound,
                Err(_) if status == StatusCode::SERVICE_UNAVAILABLE => {
                    Kind::Unanswered(format!("{path}: {status}"))
                }
                Err(error) => Kind::Odd(format!("{path}: {status}: {error}")),
            },
        }))
    }

    fn understand<T: DeserializeOwned>(&self, bytes: &[u8]) -> Answer<T> {
        serde_json::from_slice(bytes).map_err(|error| self.trouble(Kind::Odd(error.to_string())))
    }

    const fn trouble(&self, kind: Kind) -> Trouble {
        Trouble::new(self.language, kind)
    }
}

/// A text as one segment of a path (RFC 3986, section 3.3): a disk's serial number
/// may hold any character.
pub(crate) fn in_a_path(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
