//! Listening: TLS on one port, the explanation on the other. Every connection has
//! a place among a limited number, a deadline for its handshake and one for each
//! request's head, so that somebody who opens connections and says nothing cannot
//! keep others out for long.

use crate::{Shared, Site, pages, plain};
use axum::Router;
use base64::prelude::{BASE64_STANDARD, Engine};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// How many connections are served at once on each port. A browser opens up to six;
/// more than this many readers of one school are not expected, and each costs
/// some 40 KiB.
const CONNECTIONS_MAX: usize = 96;

/// How long a TLS handshake may take. Old phones on a bad network need seconds.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// How long a request's head may take, and how long a connection may stay idle.
const HEAD_WITHIN: Duration = Duration::from_secs(20);

/// How long to wait before accepting again when the system has no more handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Where the page listens and what it needs for it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where HTTPS is answered.
    pub https: SocketAddr,
    /// Where plain HTTP explains.
    pub http: SocketAddr,
    /// The supervisor's socket.
    pub socket: PathBuf,
    /// The certificate chain, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
}

impl Config {
    /// The box's own: ports 443 and 80, the certificate handed over by systemd.
    /// For development, `PREAU_HTTPS_LISTEN`, `PREAU_HTTP_LISTEN` and
    /// `PREAU_API_SOCKET` say otherwise.
    fn from_environment() -> Result<Self, Error> {
        let address = |name: &'static str, usual: &str| {
            let text = env::var(name).unwrap_or_else(|_| usual.to_owned());
            text.parse().map_err(|_| Error::Address { name, text })
        };
        let credentials = env::var_os("CREDENTIALS_DIRECTORY").ok_or(Error::NoCredentials)?;
        let credentials = Path::new(&credentials);
        Ok(Self {
            https: address("PREAU_HTTPS_LISTEN", "[::]:443")?,
            http: address("PREAU_HTTP_LISTEN", "[::]:80")?,
            socket: env::var_os("PREAU_API_SOCKET")
                .map_or_else(|| PathBuf::from(preau_api::SOCKET), PathBuf::from),
            certificate: credentials.join("tls.pem"),
            key: credentials.join("tls.key"),
        })
    }
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// systemd handed no credentials over.
    #[error("CREDENTIALS_DIRECTORY is not set: the unit must load tls.pem and tls.key")]
    NoCredentials,
    /// A variable holds no address.
    #[error("{name} is not an address and a port: {text:?}")]
    Address {
        /// The variable.
        name: &'static str,
        /// What it holds.
        text: String,
    },
    /// The certificate or the key cannot be read.
    #[error("reading {path}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The certificate and the key do not go together.
    #[error("using the certificate and its key")]
    Tls(#[source] rustls::Error),
    /// A port cannot be listened on.
    #[error("listening on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The runtime or its signals cannot be set up.
    #[error("starting")]
    Start(#[source] std::io::Error),
}

/// Runs the page until it is told to stop, as `preau web` does.
///
/// # Errors
/// When it cannot start.
pub fn run() -> Result<(), Error> {
    let config = Config::from_environment()?;
    // One thread: every answer waits for the supervisor or for the network, and
    // each further thread would cost memory of its own.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Start)?
        .block_on(async {
            let mut terminate = signal(SignalKind::terminate()).map_err(Error::Start)?;
            tokio::select! {
                ended = serve(config, tell_systemd) => ended,
                _ = terminate.recv() => Ok(()),
            }
        })
}

fn tell_systemd(_: SocketAddr, _: SocketAddr) {
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "telling systemd that the page is ready");
    }
}

/// Serves both ports for ever; `ready` is called with their addresses, HTTPS first,
/// once both are open.
///
/// # Errors
/// When a port, the certificate or the key cannot be used.
pub async fn serve(
    config: Config,
    ready: impl FnOnce(SocketAddr, SocketAddr),
) -> Result<(), Error> {
    let (tls, authority) = read_tls(&config)?;
    let (https, https_address) = listen(config.https).await?;
    let (http, http_address) = listen(config.http).await?;
    let site: Shared = Arc::new(Site {
        socket: config.socket,
        authority,
        https_port: https_address.port(),
    });
    ready(https_address, http_address);
    let secure = accept_secure(https, tls, pages::router(Arc::clone(&site)));
    let plain = accept_plain(http, plain::router(site));
    tokio::join!(secure, plain);
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The acceptor, and the authority at the end of the chain, which people may
/// download: the chain that the box shows ends with it.
fn read_tls(config: &Config) -> Result<(TlsAcceptor, Option<String>), Error> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&config.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(&config.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&config.key).map_err(unreadable(&config.key))?;
    let authority = chain.get(1..).and_then(<[_]>::last).map(|der| to_pem(der));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(Error::Tls)?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(tls)), authority))
}

/// RFC 7468: base64 in lines of 64 characters between two marks.
fn to_pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in der.chunks(48) {
        text.push_str(&BASE64_STANDARD.encode(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

async fn accept_secure(listener: TcpListener, tls: TlsAcceptor, router: Router) {
    accept(listener, move |stream| {
        let (tls, router) = (tls.clone(), router.clone());
        async move {
            match tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)).await {
                Ok(Ok(stream)) => answer(stream, router).await,
                // Every browser that does not know the authority yet ends here once.
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
        }
    })
    .await;
}

async fn accept_plain(listener: TcpListener, router: Router) {
    accept(listener, move |stream| answer(stream, router.clone())).await;
}

/// Accepts for ever; each connection is worked on by itself, and holds one place.
async fn accept<W, F>(listener: TcpListener, work: W)
where
    W: Fn(TcpStream) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and written whole: waiting to fill a packet
                // only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "turning Nagle's algorithm off");
                }
                let work = work(stream);
                tokio::spawn(async move {
                    work.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accepting a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let ended = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(32 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
