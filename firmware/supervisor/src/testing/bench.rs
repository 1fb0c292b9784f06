//! A whole supervisor on a machine that is not there: requests go through the real
//! router, the watch looks when the test says so.

use super::Folder;
use crate::auth::passwords::Judge;
use crate::desk::Desk;
use crate::mail::post::Post;
use crate::paths::Paths;
use crate::readings::Readings;
use crate::routes::router;
use crate::watch::Watch;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use preau_api::{ApiError, ErrorBody, Session, Status};
use preau_host::FakeMachine;
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// The administrator of [`Bench::set_up`].
pub const ADMIN: &str = "elodie.durand";
/// Their password.
pub const PASSWORD: &str = "girafe vélo tartine lundi";

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; null when there is none.
    pub body: Value,
}

impl Answer {
    /// The refusal in it.
    pub fn refusal(&self) -> ApiError {
        let body: ErrorBody = serde_json::from_value(self.body.clone())
            .unwrap_or_else(|error| panic!("{error}: {self:?}"));
        body.error
    }

    /// Its code, or the status when it is none.
    pub fn code(&self) -> String {
        if self.status.is_success() {
            return self.status.to_string();
        }
        self.refusal().code
    }

    /// Asserts that it went well.
    pub fn ok(self) -> Self {
        assert!(self.status.is_success(), "{self:?}");
        self
    }
}

/// The claim code in a notice.
pub trait CodeShown {
    /// The code.
    fn code(&self) -> String;
}

impl CodeShown for FakeMachine {
    fn code(&self) -> String {
        let notice = self.claim_notice().expect("no notice is shown");
        let line = notice
            .lines()
            .find_map(|line| line.strip_prefix("Code of the box: "));
        line.expect("no code in the notice").to_owned()
    }
}

/// The supervisor under test.
pub struct Bench {
    pub machine: FakeMachine,
    pub desk: Arc<Desk>,
    pub watch: Watch,
    pub readings: Readings,
    pub post: Post,
    pub folder: Folder,
    router: Router,
    pub token: Option<String>,
}

/// A Tuesday at school, and what was added to it since.
pub fn the_time() -> Timestamp {
    let tuesday: Timestamp = "2026-11-24T06:42:10Z".parse().unwrap();
    tuesday + SET_BY.get()
}

thread_local! {
    /// By how much the box's clock was moved; each test has a thread of its own.
    static SET_BY: Cell<SignedDuration> = const { Cell::new(SignedDuration::ZERO) };
}

/// Somebody sets the box's clock.
pub fn set_clock_by(length: SignedDuration) {
    SET_BY.set(SET_BY.get() + length);
}

impl Bench {
    /// A new box with that many blank disks.
    pub async fn new(disks: u32) -> Self {
        let folder = Folder::new("bench");
        Self::start(FakeMachine::with_blank_disks(disks), folder, None).await
    }

    async fn start(machine: FakeMachine, folder: Folder, token: Option<String>) -> Self {
        let paths = Paths::below(folder.path());
        let desk = Desk::open(machine.clone(), &paths, the_time, Judge::Here)
            .await
            .unwrap();
        let mut watch = Watch::new(Arc::clone(&desk)).await.unwrap();
        watch.look().await;
        watch.finish_step().await;
        Self {
            machine,
            router: router(Arc::clone(&desk)),
            readings: Readings::new(Arc::clone(&desk)),
            post: Post::new(Arc::clone(&desk)),
            watch,
            desk,
            folder,
            token,
        }
    }

    /// Ends the supervisor and starts it again on the same card.
    pub async fn restart(self) -> Self {
        let Self {
            machine,
            folder,
            token,
            ..
        } = self;
        Self::start(machine, folder, token).await
    }

    /// The power goes and comes back.
    pub async fn cut_power(self) -> Self {
        self.machine.cut_power();
        self.restart().await
    }

    /// Time passes, for both clocks.
    pub async fn pass(&self, length: Duration) {
        tokio::time::pause();
        tokio::time::advance(length).await;
        tokio::time::resume();
        set_clock_by(length.try_into().unwrap());
    }

    /// Visits the disks, and looks.
    pub async fn visit(&mut self) -> Duration {
        let pause = self.readings.visit().await;
        self.look().await;
        pause
    }

    /// The power goes, and comes back with a blank card beside the same disks.
    pub async fn replace_card(self) -> Self {
        self.machine.replace_card();
        let Self { machine, .. } = self;
        Self::start(machine, Folder::new("bench"), None).await
    }

    /// The box burns down; a new one with that many blank disks is switched on.
    pub async fn burn(self, disks: u32) -> Self {
        Self::start(self.machine.burn(disks), Folder::new("bench"), None).await
    }

    /// Opens a session.
    pub async fn log_in(&mut self, login: &str, password: &str) {
        self.token = None;
        let login = json!({"login": login, "password": password});
        let answer = self.post_to("/v1/login", login).await.ok();
        let session: Session = serde_json::from_value(answer.body).unwrap();
        self.token = Some(session.token);
    }

    /// Reads a block of each member, and looks.
    pub async fn touch(&mut self) {
        self.readings.touch().await;
        self.look().await;
    }

    /// Looks until nothing is left to do.
    pub async fn look(&mut self) {
        for _ in 0..30 {
            self.watch.look().await;
            if !self.watch.finish_step().await {
                return;
            }
        }
        panic!("the plan never comes to an end");
    }

    /// Any request, with the session if there is one.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, body }
    }

    /// A request with a JSON body.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Answer {
        self.ask_raw(method, path, body.to_string().into_bytes())
            .await
    }

    /// A request with any body.
    pub async fn ask_raw(&self, method: Method, path: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("Accept-Language", "en");
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask_raw(Method::GET, path, Vec::new()).await
    }

    pub async fn post_to(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, body).await
    }

    /// Acknowledges an incident; the watch answers meanwhile.
    pub async fn acknowledge(&mut self, number: u64) -> Answer {
        let path = format!("/v1/incidents/{number}/acknowledge");
        let token = self.token.clone().unwrap_or_default();
        let request = Request::post(path)
            .header("Accept-Language", "en")
            .header("Authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let asked = self.router.clone().oneshot(request);
        let (response, ()) = tokio::join!(asked, async {
            self.desk.look.notified().await;
            self.watch.look().await;
        });
        let response = response.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, body }
    }

    pub async fn status(&self) -> Status {
        let answer = self.get("/v1/status").await.ok();
        serde_json::from_value(answer.body).unwrap()
    }

    /// Gives the code that is shown.
    pub async fn claim(&mut self) {
        let claim = json!({"code": self.machine.code(), "language": "fr"});
        let answer = self.post_to("/v1/claim", claim).await.ok();
        let session: Session = serde_json::from_value(answer.body).unwrap();
        self.token = Some(session.token);
    }

    /// What must be sent to agree to erasing the disk in a bay.
    pub fn consent(&self, bay: &str) -> Value {
        let disk = self.machine.disk_in(bay).expect("no disk in that bay");
        let digest = (!disk.is_blank()).then_some(disk.contents_digest);
        json!({"disk": disk.id, "serial": disk.serial, "contents_digest": digest})
    }

    /// Claim, account and name.
    pub async fn set_up_to_disks(&mut self) {
        self.claim().await;
        let admin = json!({
            "display_name": "Mme Durand", "login": ADMIN, "password": PASSWORD,
        });
        self.put("/v1/setup/admin", admin).await.ok();
        let named = json!({"name": "École Jules-Ferry", "time_zone": "Europe/Paris"});
        self.put("/v1/setup/box", named).await.ok();
    }

    /// The whole set-up, with a mirror on bays 1 and 2, but mail.
    pub async fn set_up(&mut self) {
        self.set_up_to_disks().await;
        self.set_up_from_disks().await;
    }

    /// The rest of it.
    pub async fn set_up_from_disks(&mut self) {
        let volume = json!({
            "layout": "mirror", "erase": [self.consent("1"), self.consent("2")],
        });
        self.post_to("/v1/volume", volume).await.ok();
        self.look().await;
        self.machine.tick_rebuild(100);
        self.look().await;
        for step in ["people", "mail", "sheet", "finish"] {
            let advance = json!({ "from": step });
            self.post_to("/v1/setup/advance", advance).await.ok();
        }
        self.look().await;
    }

    /// The bytes of everything on the card.
    pub fn card(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                // Where SQLite's readers meet: memory that happens to be a file.
                } else if path.extension().is_none_or(|kind| kind != "sqlite-shm") {
                    files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}
