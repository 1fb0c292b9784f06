//! A supervisor that keeps its state in memory: it answers on a Unix socket like the
//! real one, so far as the pages can tell. It knows the rules that a form can break
//! in one or two ways each; the real rules are tested where they are.

#![allow(dead_code, clippy::unwrap_used, missing_docs)]

mod answers;
pub mod array;
pub mod disks;
pub mod scenes;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use preau_api::{AdoptableSet, IncidentView, MailView, PersonView, Status, VolumeView};
use preau_domain::disks::Disk;
use preau_domain::health::SelfTestState;
use preau_domain::settings::{SchoolHours, SetupStep};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

/// What the box is like.
#[derive(Debug, Clone)]
pub struct Scene {
    pub status: Status,
    pub people: Vec<PersonView>,
    pub mail: Option<MailView>,
    pub past: Vec<IncidentView>,
    pub self_test: SelfTestState,
    pub school_hours: SchoolHours,
    /// The disk that shows where it sits.
    pub blinking: Option<String>,
    /// The disk that is open to copy from it.
    pub opened: Option<String>,
    pub tokens: Vec<String>,
    /// Every request's method, path and body, as they came.
    pub asked: Vec<Asked>,
    pub wrong_codes: u32,
    pub sets: Vec<AdoptableSet>,
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

/// A running fake.
#[derive(Clone)]
pub struct Fake {
    scene: Arc<Mutex<Scene>>,
    changed: watch::Sender<()>,
}

/// The code of the fake box.
pub const CODE: &str = "QK7P-3M2X-9TRV";
/// A token that the fake knows from the start.
pub const TOKEN: &str = "already0logged0in";
/// The password that the fake takes for everybody.
pub const PASSWORD: &str = "cheval agrafe pile";
/// The code of its test mails.
pub const MAIL_CODE: &str = "402817";
/// The words of its recovery sheet.
pub const SHEET: &str = "cascade lézard vitrine abeille tortue nuage musique piano \
                         fleuve gendarme ouragan séjour";
/// The places that it asks for.
pub const SHEET_ASKED: [usize; 4] = [2, 5, 9, 12];

impl Fake {
    pub fn new(scene: Scene) -> Self {
        Self {
            scene: Arc::new(Mutex::new(scene)),
            changed: watch::Sender::new(()),
        }
    }

    pub fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap()
    }

    /// Changes the box, and tells those who listen.
    pub fn change(&self, how: impl FnOnce(&mut Scene)) {
        how(&mut self.scene());
        self.changed.send_replace(());
    }

    /// Answers on `socket` for as long as the runtime lives.
    pub fn listen(&self, socket: &Path) {
        let listener = UnixListener::bind(socket).unwrap();
        let router = answers::router(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    /// The bodies of every request to `path`.
    pub fn bodies(&self, method: &str, path: &str) -> Vec<String> {
        self.scene()
            .asked
            .iter()
            .filter(|asked| asked.method == method && asked.path == path)
            .map(|asked| asked.body.clone())
            .collect()
    }
}

async fn events(
    State(fake): State<Fake>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let stream = WatchStream::new(fake.changed.subscribe()).map(move |()| {
        let status = fake.scene().status.clone();
        Ok(Event::default()
            .event("status")
            .json_data(status)
            .unwrap_or_default())
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

impl Scene {
    pub fn disk(&self, id: &str) -> Option<&Disk> {
        self.status
            .disks
            .iter()
            .map(|view| &view.disk)
            .find(|disk| disk.id.as_str() == id)
    }

    pub fn volume(&mut self) -> &mut VolumeView {
        self.status.volume.as_mut().unwrap()
    }

    pub fn set_up_to(&mut self, step: SetupStep) {
        self.status.setup = step;
    }
}

/// A certificate of an authority of its own, as the supervisor makes them: files in
/// `folder`.
pub fn make_certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::from_params(&params, &authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = ["preau.local", "localhost", "127.0.0.1"].map(str::to_owned);
    let certificate = rcgen::CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let (pem, key_file) = (folder.join("tls.pem"), folder.join("tls.key"));
    let chain = format!("{}{}", certificate.pem(), authority.pem());
    put(&pem, &chain);
    put(&key_file, &key.serialize_pem());
    (pem, key_file)
}

#[allow(clippy::disallowed_methods)] // a test's file need not survive a power cut
fn put(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// A folder that goes with its test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!(
            "preau-web-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
