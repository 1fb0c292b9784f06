//! The lab's own mail server, spoken to by the library that the box uses. Runs in
//! the tool root, as `cargo xtask test` does: it starts a real exim.

use std::path::PathBuf;

use anyhow::Result;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate as Root, Tls, TlsParameters},
    },
};
use preau_lab::{
    MailServer,
    machine::free_ports,
    mail::{Certificate, LOGIN, PASSWORD, Recipients},
    secs,
};

enum Line {
    StartTls,
    Implicit,
}

fn transport(
    server: &MailServer,
    line: &Line,
    password: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let tls = TlsParameters::builder("127.0.0.1".to_owned())
        .add_root_certificate(Root::from_pem(server.authority_pem()?.as_bytes())?)
        .build()?;
    let (port, tls) = match line {
        Line::StartTls => (server.starttls_port(), Tls::Required(tls)),
        Line::Implicit => (server.implicit_port(), Tls::Wrapper(tls)),
    };
    Ok(
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(port)
            .tls(tls)
            .credentials(Credentials::new(LOGIN.to_owned(), password.to_owned()))
            .timeout(Some(secs(20)))
            .build(),
    )
}

fn message(to: &str, subject: &str) -> Result<Message> {
    Ok(Message::builder()
        .from("boitier@ecole.example".parse()?)
        .to(to.parse()?)
        .subject(subject)
        .body("Tout va bien.".to_owned())?)
}

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("preau-mail-{name}-{}", std::process::id()))
}

#[tokio::test]
async fn messages_arrive_over_both_kinds_of_encryption() -> Result<()> {
    let folder = folder("both");
    let server = MailServer::start(&folder, free_ports()?).await?;
    for (line, subject) in [
        (Line::StartTls, "après STARTTLS"),
        (Line::Implicit, "dès le premier octet"),
    ] {
        transport(&server, &line, PASSWORD)?
            .send(message(Recipients::HEAD, subject)?)
            .await?;
        let mailbox = server.mailbox();
        let mail = mailbox
            .wait_for("the message", secs(20), |mail| mail.subject == subject)
            .await?;
        assert_eq!(mail.to, Recipients::HEAD);
        assert!(
            mail.accepted_at > 0 && mail.text.starts_with("Tout va bien."),
            "{mail:?}"
        );
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[tokio::test]
async fn what_a_provider_may_refuse_is_refused() -> Result<()> {
    let folder = folder("refusals");
    let mut server = MailServer::start(&folder, free_ports()?).await?;
    let line = Line::StartTls;
    let send = async |password, to| -> Result<Result<(), String>> {
        let sent = transport(&server, &line, password)?
            .send(message(to, "essai")?)
            .await;
        Ok(sent.map(drop).map_err(|error| format!("{error:?}")))
    };
    let login = send("a wrong password", Recipients::HEAD)
        .await?
        .unwrap_err();
    assert!(login.contains("Incorrect authentication"), "{login}");
    let recipient = send(PASSWORD, Recipients::UNKNOWN).await?.unwrap_err();
    assert!(recipient.contains("no mailbox of that name"), "{recipient}");

    server.start_again(Certificate::Stranger).await?;
    let sent = transport(&server, &line, PASSWORD)?
        .send(message(Recipients::HEAD, "essai")?)
        .await;
    let certificate = format!("{:?}", sent.unwrap_err());
    assert!(certificate.contains("UnknownIssuer"), "{certificate}");

    server.stop().await?;
    let sent = transport(&server, &line, PASSWORD)?
        .send(message(Recipients::HEAD, "essai")?)
        .await;
    assert!(sent.is_err(), "a server that is down took a message");
    assert_eq!(server.mailbox().all()?, []);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
