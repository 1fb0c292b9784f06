//! Hands one message to a mail server, step by step, so that each way to fail has
//! its own name: name, connection, certificate, encryption, login, sender,
//! recipient, content. Nothing is ever sent over a connection that is not encrypted.

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use preau_domain::settings::{MailSecurity, MailSettings};
use preau_domain::snapshot::MailFailure;
use std::net::SocketAddr;
use std::time::Duration;

/// For the whole exchange: RFC 5321 allows minutes, a person waits half of one.
pub const LIMIT: Duration = Duration::from_secs(30);
/// For a word that nobody needs.
const FAREWELL_LIMIT: Duration = Duration::from_secs(2);
/// For one address of a server: the next one may answer.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Why a message was not taken, with the server's or the system's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{failure:?}: {detail}")]
pub struct Undelivered {
    /// Which step failed.
    pub failure: MailFailure,
    /// The server's own words.
    pub detail: String,
}

impl Undelivered {
    fn new(failure: MailFailure, detail: impl ToString) -> Self {
        Self {
            failure,
            detail: detail.to_string(),
        }
    }
}

/// Hands `message` to the server for one recipient, within [`LIMIT`].
///
/// # Errors
/// The step that failed.
pub async fn deliver(
    settings: &MailSettings,
    password: Option<&str>,
    recipient: &str,
    message: &[u8],
) -> Result<(), Undelivered> {
    let exchange = exchange(settings, password, recipient, message);
    let mut connection = tokio::time::timeout(LIMIT, exchange)
        .await
        .unwrap_or_else(|_| {
            let detail = format!("no answer within {} s", LIMIT.as_secs());
            Err(Undelivered::new(MailFailure::Unreachable, detail))
        })?;
    // The message is taken: however the farewell goes, it is not sent again.
    if tokio::time::timeout(FAREWELL_LIMIT, connection.abort())
        .await
        .is_err()
    {
        tracing::debug!("the mail server did not say goodbye");
    }
    Ok(())
}

async fn exchange(
    settings: &MailSettings,
    password: Option<&str>,
    recipient: &str,
    message: &[u8],
) -> Result<AsyncSmtpConnection, Undelivered> {
    let address = |text: &str, failure| {
        text.parse::<Address>()
            .map_err(|error| Undelivered::new(failure, error))
    };
    let from = address(&settings.from, MailFailure::SenderRefused)?;
    let to = address(recipient, MailFailure::RecipientRefused)?;
    let hello = ClientId::Domain("preau.local".to_owned());
    let mut connection = connect(settings, &hello).await?;
    converse(&mut connection, settings, password, from, to, message).await?;
    Ok(connection)
}

async fn converse(
    connection: &mut AsyncSmtpConnection,
    settings: &MailSettings,
    password: Option<&str>,
    from: Address,
    to: Address,
    message: &[u8],
) -> Result<(), Undelivered> {
    if let Some(login) = &settings.login {
        let credentials = Credentials::new(login.clone(), password.unwrap_or_default().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection
            .auth(&mechanisms, &credentials)
            .await
            .map_err(|error| refused(&error, MailFailure::LoginRefused))?;
    }
    connection
        .command(Mail::new(Some(from), Vec::new()))
        .await
        .map_err(|error| refused(&error, sender_failure(&error)))?;
    connection
        .command(Rcpt::new(to, Vec::new()))
        .await
        .map_err(|error| refused(&error, recipient_failure(&error)))?;
    connection
        .command(Data)
        .await
        .map_err(|error| refused(&error, MailFailure::Refused))?;
    connection
        .message(message)
        .await
        .map_err(|error| refused(&error, MailFailure::Refused))?;
    Ok(())
}

async fn connect(
    settings: &MailSettings,
    hello: &ClientId,
) -> Result<AsyncSmtpConnection, Undelivered> {
    let tls = tls_parameters(settings)?;
    let (at_once, later) = match settings.security {
        MailSecurity::Tls => (Some(tls), None),
        MailSecurity::Starttls => (None, Some(tls)),
    };
    let addresses: Vec<SocketAddr> =
        tokio::net::lookup_host((settings.host.as_str(), settings.port))
            .await
            .map_err(|error| Undelivered::new(lookup_failure(&error.to_string()), error))?
            .collect();
    let mut failed = Undelivered::new(MailFailure::NameNotFound, "the name has no address");
    for address in addresses {
        let connected = AsyncSmtpConnection::connect_tokio1(
            address,
            Some(CONNECT_LIMIT),
            hello,
            at_once.clone(),
            None,
        );
        match connected.await {
            Ok(mut connection) => {
                if let Some(tls) = later {
                    start_tls(&mut connection, tls, hello).await?;
                }
                return Ok(connection);
            }
            Err(error) => failed = refused(&error, connection_failure(&error)),
        }
    }
    Err(failed)
}

async fn start_tls(
    connection: &mut AsyncSmtpConnection,
    tls: TlsParameters,
    hello: &ClientId,
) -> Result<(), Undelivered> {
    if !connection.can_starttls() {
        let detail = "the server does not offer STARTTLS";
        return Err(Undelivered::new(MailFailure::NoEncryption, detail));
    }
    connection
        .starttls(tls, hello)
        .await
        .map_err(|error| refused(&error, connection_failure(&error)))
}

fn tls_parameters(settings: &MailSettings) -> Result<TlsParameters, Undelivered> {
    let wrong = |error: Error| Undelivered::new(MailFailure::CertificateWrong, error);
    let mut builder = TlsParameters::builder(settings.host.clone())
        .certificate_store(CertificateStore::WebpkiRoots);
    if let Some(pem) = &settings.extra_ca_pem {
        builder =
            builder.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(wrong)?);
    }
    builder.build().map_err(wrong)
}

/// A refusal of the server, or the end of the connection, at a step whose own
/// failure is `failure`.
fn refused(error: &Error, failure: MailFailure) -> Undelivered {
    let failure = if error.is_transient() {
        MailFailure::TryLater
    } else if error.is_permanent() || has_own_name(failure) {
        failure
    } else if error.is_client() && failure == MailFailure::LoginRefused {
        // None of the server's ways to log in is one of ours.
        failure
    } else {
        MailFailure::Unreachable
    };
    Undelivered::new(failure, crate::reconcile::chain(error))
}

/// Failures that are known from the error itself, not from the step.
const fn has_own_name(failure: MailFailure) -> bool {
    matches!(
        failure,
        MailFailure::CertificateWrong | MailFailure::NoEncryption | MailFailure::Unreachable
    )
}

/// Why a connection did not come about, from what TLS says.
fn connection_failure(error: &Error) -> MailFailure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(found) = cause {
        let inner = found
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(tls) = found.downcast_ref::<rustls::Error>().or(inner) {
            return tls_failure(tls);
        }
        cause = found.source();
    }
    MailFailure::Unreachable
}

fn tls_failure(error: &rustls::Error) -> MailFailure {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            MailFailure::CertificateWrong
        }
        // What a server answers that speaks plain text on this port.
        rustls::Error::InvalidMessage(_)
        | rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(_) => MailFailure::NoEncryption,
        _ => MailFailure::Unreachable,
    }
}

/// glibc says so when no name server answers, which is the network's fault.
fn lookup_failure(text: &str) -> MailFailure {
    if text.contains("Temporary failure") {
        MailFailure::Unreachable
    } else {
        MailFailure::NameNotFound
    }
}

/// 530 and 535 at this step mean that a login is needed; RFC 4954, section 6.
fn sender_failure(error: &Error) -> MailFailure {
    match error.status().map(u16::from) {
        Some(530 | 534 | 535 | 538) => MailFailure::LoginRefused,
        _ => MailFailure::SenderRefused,
    }
}

fn recipient_failure(error: &Error) -> MailFailure {
    match error.status().map(u16::from) {
        Some(530 | 534 | 535 | 538) => MailFailure::LoginRefused,
        _ => MailFailure::RecipientRefused,
    }
}
