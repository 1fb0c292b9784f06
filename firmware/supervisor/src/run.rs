//! From start to end: open the desk, look once, answer on the socket, say that the
//! box is ready, watch until asked to stop.

use crate::auth::passwords::Judge;
use crate::clock;
use crate::copies::night;
use crate::desk::{Desk, OpenError};
use crate::mail::letter::Letters;
use crate::mail::post::Post;
use crate::paths::Paths;
use crate::readings::Readings;
use crate::routes::{Peer, router};
use crate::store::StoreError;
use crate::tls;
use crate::watch::Watch;
use preau_host::{Copying, System, chain};
use sd_notify::NotifyState;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};

/// Without a watchdog nobody listens.
const IDLE_HEARTBEAT: Duration = Duration::from_secs(30);
/// For the answers that are on their way when the supervisor starts again.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// Between two looks at the certificate's end, which is seen two months before.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Why the supervisor ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not open its files.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It could not read its history.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The socket.
    #[error("the socket {path}")]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It could not ask to be told of signals.
    #[error("waiting for signals")]
    Signals(#[source] io::Error),
    /// A task that never ends did.
    #[error("the {0} ended")]
    Ended(&'static str),
}

/// Runs until systemd asks to stop.
///
/// # Errors
/// When it cannot start, or one of its tasks ends.
pub async fn run(
    system: impl System + Copying,
    paths: Paths,
    judge: Judge,
) -> Result<(), RunError> {
    let mut stop = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
    let desk = Desk::open(system, &paths, clock::now, judge).await?;
    if let Err(error) = desk.machine.settle().await {
        // Late disks are seen when they come.
        tracing::warn!(error = &error as &dyn std::error::Error, "waiting for udev");
    }
    let mut watch = Watch::new(Arc::clone(&desk)).await?;
    watch.look().await;

    let listener = listen(&paths)?;
    let service = router(Arc::clone(&desk)).into_make_service_with_connect_info::<Peer>();
    let ending = Arc::clone(&desk);
    let api = tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(async move { asked_to_start_again(&ending).await })
            .await
    });
    tokio::pin!(api);
    if desk.adopted
        && let Err(error) = desk.machine.renew_pages().await
    {
        // They take it up within the week.
        tracing::warn!("renewing the pages: {}", chain(&error));
    }
    let post = tokio::spawn(Post::new(Arc::clone(&desk)).run());
    let letters = tokio::spawn(Letters::new(Arc::clone(&desk)).run());
    let copies = tokio::spawn(night::run(Arc::clone(&desk)));
    tell(&[NotifyState::Ready]);
    // Thrice as often as systemd asks: one late heartbeat is no reason to be ended.
    let heartbeat = sd_notify::watchdog_enabled().map_or(IDLE_HEARTBEAT, |limit| limit / 3);
    let watch = tokio::spawn(watch.run(heartbeat, || tell(&[NotifyState::Watchdog])));
    let readings = tokio::spawn(Readings::new(Arc::clone(&desk)).run());
    let certificate = tokio::spawn(keep_certificate(paths.tls()));

    let ended = tokio::select! {
        // In this order: whoever asks for a new start ends the API too.
        biased;
        () = asked_to_start_again(&desk) => {
            // Whoever asked for it is answered first.
            let _ = tokio::time::timeout(LAST_ANSWERS, api).await;
            Ok(())
        }
        _ = &mut api => Err(RunError::Ended("API")),
        _ = post => Err(RunError::Ended("post")),
        _ = letters => Err(RunError::Ended("letters of the month")),
        _ = copies => Err(RunError::Ended("copies")),
        _ = watch => Err(RunError::Ended("watch")),
        _ = readings => Err(RunError::Ended("readings of the disks")),
        _ = certificate => Err(RunError::Ended("certificate's renewal")),
        _ = stop.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    tell(&[NotifyState::Stopping]);
    ended
}

/// Waits until somebody asks the supervisor to start again.
async fn asked_to_start_again(desk: &Desk) {
    let mut asked = desk.start_again.subscribe();
    // The desk holds the other end.
    let _ = asked.wait_for(|asked| *asked).await;
}

/// Renews the page's certificate in time, however long the box runs. The process of
/// the pages takes it up when systemd starts it again, which it does each week.
async fn keep_certificate(folder: PathBuf) {
    loop {
        tokio::time::sleep(DAY).await;
        if let Err(error) = tls::ensure(&folder, clock::now()) {
            tracing::error!("renewing the certificate: {}", chain(&error));
        }
    }
}

/// Tells systemd, if it listens.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(error = &error as &dyn std::error::Error, "telling systemd");
    }
}

/// Opens the socket for its owner and its group: the folder above it is made by
/// systemd, with the group of the page's process.
fn listen(paths: &Paths) -> Result<UnixListener, RunError> {
    let path = paths.socket();
    let failed = |source| RunError::Socket {
        path: path.to_owned(),
        source,
    };
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    if let Some(group) = group_of_the_page()
        && let Err(error) = std::os::unix::fs::chown(path, None, Some(group))
    {
        return Err(failed(error));
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o660)).map_err(failed)?;
    Ok(listener)
}

/// The group of the page's process, from the image's own list; none on a
/// developer's machine.
fn group_of_the_page() -> Option<u32> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    let line = groups.lines().find(|line| line.starts_with("preau-web:"))?;
    line.split(':').nth(2)?.parse().ok()
}
