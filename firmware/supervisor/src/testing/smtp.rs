//! A mail server that does as it is told, over real sockets and real TLS.

use rcgen::{CertificateParams, KeyPair};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// How it behaves.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// TLS from the first byte, not STARTTLS.
    pub tls_at_once: bool,
    /// Does not offer STARTTLS.
    pub no_encryption: bool,
    /// Answers to `AUTH`, `MAIL`, `RCPT` and the end of the message, when not well.
    pub auth: Option<&'static str>,
    pub mail: Option<&'static str>,
    pub rcpt: Option<&'static str>,
    pub data: Option<&'static str>,
}

/// A server on a port of the loopback.
pub struct FakeServer {
    pub port: u16,
    /// Its certificate, for `localhost`.
    pub certificate: String,
    messages: Arc<Mutex<Vec<(String, String)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl FakeServer {
    pub async fn start(behaviour: Behaviour) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&messages);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behaviour) = (acceptor.clone(), behaviour.clone());
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    // A client that leaves in the middle is part of some tests.
                    let _ = serve(stream, acceptor, behaviour, kept).await;
                });
            }
        });
        Self {
            port,
            certificate: certificate.pem(),
            messages,
            task,
        }
    }

    /// The messages that it took: recipient, text.
    pub fn messages(&self) -> Vec<(String, String)> {
        self.messages.lock().unwrap().clone()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Kept = Arc<Mutex<Vec<(String, String)>>>;

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    behaviour: Behaviour,
    kept: Kept,
) -> io::Result<()> {
    if behaviour.tls_at_once {
        let stream = acceptor.accept(stream).await?;
        return converse(BufReader::new(stream), &behaviour, &kept, true, true)
            .await
            .map(drop);
    }
    let plain = converse(BufReader::new(stream), &behaviour, &kept, true, false).await?;
    if let Some(stream) = plain {
        let stream = acceptor.accept(stream.into_inner()).await?;
        converse(BufReader::new(stream), &behaviour, &kept, false, true).await?;
    }
    Ok(())
}

/// Talks until the end, or gives the stream back at STARTTLS.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    behaviour: &Behaviour,
    kept: &Kept,
    greet: bool,
    encrypted: bool,
) -> io::Result<Option<BufReader<S>>> {
    if greet {
        stream.write_all(b"220 fake ESMTP\r\n").await?;
    }
    let mut recipient = String::new();
    loop {
        stream.flush().await?;
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let verb = line
            .split([' ', '\r'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let answer: &str = match verb.as_str() {
            "EHLO" if encrypted => "250-fake\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
            "EHLO" if behaviour.no_encryption => "250-fake\r\n250 AUTH PLAIN",
            "EHLO" => "250-fake\r\n250 STARTTLS",
            "STARTTLS" => {
                stream.write_all(b"220 go ahead\r\n").await?;
                stream.flush().await?;
                return Ok(Some(stream));
            }
            "AUTH" => behaviour.auth.unwrap_or("235 welcome"),
            "MAIL" => behaviour.mail.unwrap_or("250 fine"),
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                address.clone_into(&mut recipient);
                behaviour.rcpt.unwrap_or("250 fine")
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                stream.flush().await?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
                        break;
                    }
                    text.push_str(&line);
                }
                if behaviour.data.is_none() {
                    kept.lock().unwrap().push((recipient.clone(), text));
                }
                behaviour.data.unwrap_or("250 taken")
            }
            "QUIT" => "221 bye",
            _ => "500 what",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}
