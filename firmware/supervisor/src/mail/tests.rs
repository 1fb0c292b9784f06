//! Mails through a real socket to a server that does as it is told.

use super::deliver::deliver;
use super::letter::Letters;
use crate::store::Says;
use crate::testing::{Behaviour, Bench, FakeServer, set_clock_by};
use jiff::SignedDuration;
use preau_api::MailTest;
use preau_domain::settings::{MailSecurity, MailSettings};
use preau_domain::snapshot::MailFailure;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

fn settings(server: &FakeServer, security: MailSecurity) -> MailSettings {
    MailSettings {
        host: "localhost".to_owned(),
        port: server.port,
        security,
        login: Some("ecole".to_owned()),
        from: "ecole@exemple.fr".to_owned(),
        extra_ca_pem: Some(server.certificate.clone()),
        recipients: vec!["direction@exemple.fr".to_owned()],
        proved: false,
    }
}

async fn failure(behaviour: Behaviour) -> Option<MailFailure> {
    let security = if behaviour.tls_at_once {
        MailSecurity::Tls
    } else {
        MailSecurity::Starttls
    };
    let server = FakeServer::start(behaviour).await;
    let settings = settings(&server, security);
    failure_with(&settings).await
}

async fn failure_with(settings: &MailSettings) -> Option<MailFailure> {
    let sent = deliver(
        settings,
        Some("secret"),
        "direction@exemple.fr",
        b"Subject: x\r\n\r\ny",
    )
    .await;
    sent.err().map(|undelivered| {
        assert!(!undelivered.detail.is_empty());
        undelivered.failure
    })
}

#[tokio::test]
async fn each_way_to_fail_has_its_own_name() {
    let fine = Behaviour::default();
    assert_eq!(failure(fine.clone()).await, None);
    let tls = Behaviour {
        tls_at_once: true,
        ..fine.clone()
    };
    assert_eq!(failure(tls).await, None);
    let cases = [
        (
            Behaviour {
                no_encryption: true,
                ..fine.clone()
            },
            MailFailure::NoEncryption,
        ),
        (
            Behaviour {
                auth: Some("535 5.7.8 no"),
                ..fine.clone()
            },
            MailFailure::LoginRefused,
        ),
        (
            Behaviour {
                auth: Some("454 4.7.0 later"),
                ..fine.clone()
            },
            MailFailure::TryLater,
        ),
        (
            Behaviour {
                mail: Some("553 5.7.1 not yours"),
                ..fine.clone()
            },
            MailFailure::SenderRefused,
        ),
        (
            Behaviour {
                mail: Some("530 5.7.0 log in"),
                ..fine.clone()
            },
            MailFailure::LoginRefused,
        ),
        (
            Behaviour {
                rcpt: Some("550 5.1.1 nobody"),
                ..fine.clone()
            },
            MailFailure::RecipientRefused,
        ),
        (
            Behaviour {
                rcpt: Some("451 4.7.1 greylisted"),
                ..fine.clone()
            },
            MailFailure::TryLater,
        ),
        (
            Behaviour {
                data: Some("554 5.7.1 spam"),
                ..fine.clone()
            },
            MailFailure::Refused,
        ),
    ];
    for (behaviour, expected) in cases {
        assert_eq!(
            failure(behaviour.clone()).await,
            Some(expected),
            "{behaviour:?}"
        );
    }
}

#[tokio::test]
async fn servers_that_are_not_what_they_should_be_are_told_apart() {
    let server = FakeServer::start(Behaviour::default()).await;
    let right = settings(&server, MailSecurity::Starttls);
    let unknown = MailSettings {
        extra_ca_pem: None,
        ..right.clone()
    };
    assert_eq!(
        failure_with(&unknown).await,
        Some(MailFailure::CertificateWrong)
    );
    let other_name = MailSettings {
        host: "127.0.0.1".to_owned(),
        ..right.clone()
    };
    assert_eq!(
        failure_with(&other_name).await,
        Some(MailFailure::CertificateWrong)
    );
    // TLS from the first byte to a server that greets in plain text.
    let plain = MailSettings {
        security: MailSecurity::Tls,
        ..right.clone()
    };
    assert_eq!(failure_with(&plain).await, Some(MailFailure::NoEncryption));
    let nowhere = MailSettings {
        host: "mail.invalid".to_owned(),
        ..right.clone()
    };
    let failed = failure_with(&nowhere).await.unwrap();
    // Without a name server the two cannot be told apart.
    assert!(
        [MailFailure::NameNotFound, MailFailure::Unreachable].contains(&failed),
        "{failed:?}"
    );
    drop(server);
    assert_eq!(failure_with(&right).await, Some(MailFailure::Unreachable));
}

fn mail_of(server: &FakeServer, recipients: &[&str]) -> Value {
    json!({
        "host": "localhost", "port": server.port, "security": "starttls",
        "login": "ecole", "password": "secret", "from": "ecole@exemple.fr",
        "extra_ca_pem": server.certificate, "recipients": recipients,
    })
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}: ");
    message
        .lines()
        .find_map(|line| line.strip_prefix(start.as_str()))
}

#[tokio::test]
async fn a_lost_disk_is_told_once_to_each_recipient() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let server = FakeServer::start(Behaviour::default()).await;
    let recipients = ["direction@exemple.fr", "mairie@exemple.fr"];
    bench
        .put("/v1/mail", mail_of(&server, &recipients))
        .await
        .ok();

    let lost = bench.machine.disk_in("2").unwrap();
    bench.machine.pull(&lost.id);
    for _ in 0..3 {
        bench.look().await;
        bench.post.deliver_due().await;
    }
    let messages = server.messages();
    assert_eq!(messages.len(), 2, "{messages:?}");
    for ((to, message), expected) in messages.iter().zip(recipients) {
        assert_eq!(to, expected);
        assert_eq!(header(message, "To"), Some(expected));
        assert_eq!(header(message, "X-Preau-Incident"), Some("array-degraded"));
        assert_eq!(header(message, "X-Preau-Transition"), Some("opened"));
    }
    let ids: Vec<_> = messages
        .iter()
        .map(|(_, text)| header(text, "Message-ID"))
        .collect();
    assert!(ids[0].unwrap().starts_with("<preau-1-opened-"), "{ids:?}");
    assert_ne!(ids[0], ids[1]);

    // Somebody who is written to from now on hears of what goes on already.
    let recipients = [recipients[0], recipients[1], "parents@exemple.fr"];
    bench
        .put("/v1/mail", mail_of(&server, &recipients))
        .await
        .ok();
    bench.post.deliver_due().await;
    assert_eq!(server.messages().len(), 3);

    bench.machine.insert_blank("2");
    bench.look().await;
    let replace = json!({ "erase": bench.consent("2") });
    bench.post_to("/v1/array/replace", replace).await.ok();
    bench.look().await;
    bench.machine.tick_rebuild(100);
    bench.look().await;
    bench.post.deliver_due().await;
    let told: Vec<_> = server
        .messages()
        .iter()
        .filter(|(to, _)| to == recipients[0])
        .map(|(_, text)| {
            let part = |name| header(text, name).unwrap().to_owned();
            (part("X-Preau-Incident"), part("X-Preau-Transition"))
        })
        .collect();
    let expected = [
        ("array-degraded", "opened"),
        ("array-rebuilding", "opened"),
        ("array-degraded", "closed"),
    ];
    assert_eq!(
        told,
        expected.map(|(code, kind)| (code.to_owned(), kind.to_owned()))
    );
}

#[tokio::test]
async fn a_mail_waits_for_its_server_over_a_restart() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    let refusing = FakeServer::start(Behaviour {
        auth: Some("535 5.7.8 no"),
        ..Behaviour::default()
    })
    .await;
    bench
        .put("/v1/mail", mail_of(&refusing, &["direction@exemple.fr"]))
        .await
        .ok();
    let lost = bench.machine.disk_in("2").unwrap();
    bench.machine.pull(&lost.id);
    bench.look().await;
    bench.post.deliver_due().await;
    bench.look().await;
    let status = bench.status().await;
    assert_eq!(status.mail.waiting, 1);
    assert_eq!(status.mail.last_failure, Some(MailFailure::LoginRefused));
    assert_eq!(status.incidents.len(), 2, "{:?}", status.incidents);

    let mut bench = bench.cut_power().await;
    bench.machine.pull(&lost.id);
    bench.look().await;
    let server = FakeServer::start(Behaviour::default()).await;
    bench
        .put("/v1/mail", mail_of(&server, &["direction@exemple.fr"]))
        .await
        .ok();
    bench.post.deliver_due().await;
    bench.look().await;
    assert_eq!(server.messages().len(), 1);
    let status = bench.status().await;
    assert_eq!((status.mail.waiting, status.mail.last_failure), (0, None));
}

#[tokio::test]
async fn the_code_of_a_test_mail_proves_that_mails_arrive() {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    assert_eq!(
        bench.post_to("/v1/mail/test", Value::Null).await.code(),
        "mail-not-set"
    );
    let server = FakeServer::start(Behaviour::default()).await;
    let mail = mail_of(&server, &["direction@exemple.fr"]);
    bench.put("/v1/mail", mail.clone()).await.ok();
    let answer = bench.post_to("/v1/mail/test", Value::Null).await.ok();
    let test: MailTest = serde_json::from_value(answer.body).unwrap();
    assert_eq!(test.results[0].failure, None, "{test:?}");

    let (_, message) = server.messages().remove(0);
    let code: String = message
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()))
        .expect("no code in the message")
        .to_owned();
    let wrong = json!({"code": if code == "000000" { "000001" } else { "000000" }});
    assert_eq!(
        bench.post_to("/v1/mail/test/confirm", wrong).await.code(),
        "wrong-code"
    );
    assert!(!bench.desk.settings().mail.as_ref().unwrap().proved);
    bench
        .post_to("/v1/mail/test/confirm", json!({ "code": code }))
        .await
        .ok();
    assert!(bench.desk.settings().mail.as_ref().unwrap().proved);
    // The same settings again stay proved; others do not.
    bench.put("/v1/mail", mail).await.ok();
    assert!(bench.desk.settings().mail.as_ref().unwrap().proved);
    let other = mail_of(&server, &["mairie@exemple.fr"]);
    bench.put("/v1/mail", other).await.ok();
    assert!(!bench.desk.settings().mail.as_ref().unwrap().proved);
}

const HEAD: &str = "direction@exemple.fr";

/// A box whose mails are known to reach the head.
async fn proved(server: &FakeServer) -> Bench {
    let mut bench = Bench::new(2).await;
    bench.set_up().await;
    bench.put("/v1/mail", mail_of(server, &[HEAD])).await.ok();
    bench.post_to("/v1/mail/test", Value::Null).await.ok();
    let (_, message) = server.messages().remove(0);
    let code = message
        .lines()
        .map(str::trim)
        .find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    let code = json!({ "code": code });
    bench.post_to("/v1/mail/test/confirm", code).await.ok();
    bench
}

/// The letters that wait, with their months.
async fn letters(bench: &Bench) -> Vec<(String, String)> {
    let to = BTreeSet::from([HEAD.to_owned()]);
    let waiting = bench.desk.store.waiting_mails(to).await.unwrap();
    waiting
        .into_iter()
        .filter_map(|mail| match mail.says {
            Says::Letter(letter) => Some((letter.month, letter.text)),
            Says::Told { .. } => None,
        })
        .collect()
}

#[tokio::test]
async fn a_letter_leaves_once_a_month_and_says_how_the_box_is() {
    let server = FakeServer::start(Behaviour::default()).await;
    let mut bench = proved(&server).await;
    bench.look().await;
    let mut writer = Letters::new(Arc::clone(&bench.desk));
    writer.write_due().await.unwrap();
    assert!(letters(&bench).await.is_empty(), "the month is not over");

    let lost = bench.machine.disk_in("2").unwrap();
    bench.machine.pull(&lost.id);
    bench.look().await;
    bench.post.deliver_due().await;
    set_clock_by(SignedDuration::from_hours(7 * 24 + 2));
    bench.look().await;
    writer.write_due().await.unwrap();
    writer.write_due().await.unwrap();
    let written = letters(&bench).await;
    assert_eq!(written.len(), 1);
    let (month, text) = &written[0];
    assert_eq!(month, "2026-11");
    let text = text.replace('\u{a0}', " ");
    for part in [
        "Des nouvelles du boîtier : novembre 2026.",
        "Un disque est à remplacer.",
        "Aucun autre disque ne doit lâcher",
        "Le disque de la baie 2 : n’est plus là.",
        "Les copies à l’abri\nIl n’y en a pas.",
        "- 24 novembre : Un disque a lâché",
        "(toujours en cours)",
        "part le premier de chaque mois",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }

    // Neither a restart nor a server that is away loses it or writes it twice.
    let mut bench = bench.restart().await;
    bench.machine.pull(&lost.id);
    bench.look().await;
    let mut writer = Letters::new(Arc::clone(&bench.desk));
    writer.write_due().await.unwrap();
    assert_eq!(letters(&bench).await.len(), 1);
    bench.post.deliver_due().await;
    assert!(letters(&bench).await.is_empty());
    let sent = server.messages();
    let (to, message) = sent.last().unwrap();
    assert_eq!(
        (to.as_str(), header(message, "X-Preau-Letter")),
        (HEAD, Some("2026-11"))
    );
    let id = header(message, "Message-ID").unwrap();
    assert!(id.starts_with("<preau-letter-2026-11-"), "{id}");
    set_clock_by(SignedDuration::from_hours(31 * 24));
    writer.write_due().await.unwrap();
    assert_eq!(letters(&bench).await[0].0, "2026-12");
}
