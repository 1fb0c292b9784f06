//! What people get wrong, and what their provider does to them: each is refused or
//! reported with its own sentence, and the set-up can go on.

use anyhow::{Context, Result, ensure};
use preau_api::SetMail;
use preau_domain::{
    settings::{MailSecurity, SetupStep},
    snapshot::MailFailure,
};
use preau_lab::{
    Lab, MailServer, Nas,
    mail::{Certificate, Recipients},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_with_its_field_and_a_sentence() -> Result<()> {
    let lab = Lab::new("refusals").disks(["bay1", "bay2"]).start().await?;
    let nas = lab.nas();
    nas.claim(&lab.claim_code().await?).await?;
    let password = "un mot de passe bien long";
    let admin = |name: &str, login: &str| json!({"display_name": name, "login": login, "password": password});
    let weak = json!({"display_name": "A", "login": "abc", "password": "password12"});
    let typed = json!({"display_name": "A", "login": 7, "password": password});
    let odd = json!({"display_name": "A", "login": "abc", "password": password, "colour": "red"});
    for (body, field) in [
        (admin("", "abc"), "display_name"),
        (admin("Classe/CP", "abc"), "display_name"),
        (admin("A", ""), "login"),
        (admin("A", &"a".repeat(21)), "login"),
        (admin("A", "root"), "login"),
        (admin("A", "Élodie"), "login"),
        (admin("A", "a\nb"), "login"),
        (weak, "password"),
        (typed, "login"),
        (odd, "colour"),
    ] {
        assert_refused(nas, Method::PUT, "/setup/admin", body, field).await?;
    }
    nas.set_admin().await?;
    for (body, field) in [
        (json!({"name": "", "time_zone": "Europe/Paris"}), "name"),
        (
            json!({"name": "École", "time_zone": "Mars/Olympus"}),
            "time_zone",
        ),
        (json!({"name": "École"}), "time_zone"),
    ] {
        assert_refused(nas, Method::PUT, "/setup/box", body, field).await?;
    }
    for (body, wanted) in [
        (vec![b'x'; 200 * 1024], StatusCode::PAYLOAD_TOO_LARGE),
        (b"{".to_vec(), StatusCode::BAD_REQUEST),
        (b"[]".to_vec(), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = nas
            .request_raw(Method::PUT, "/api/v1/setup/box", Some(body))
            .await?;
        let refusal = answer.refusal().context("a broken body")?;
        ensure!(
            answer.status == wanted || answer.status == StatusCode::BAD_REQUEST,
            "{}: {refusal:?}",
            answer.status
        );
        ensure!(!refusal.message.is_empty(), "a refusal without a sentence");
    }
    assert_eq!(nas.info().await?.setup, SetupStep::Box);
    lab.finish().await
}

async fn assert_refused(
    nas: &Nas,
    method: Method,
    path: &str,
    body: Value,
    field: &str,
) -> Result<()> {
    let shown = body.to_string();
    let answer = nas.request(method, path, Some(body)).await?;
    let refusal = answer
        .refusal()
        .with_context(|| format!("{shown} was not refused"))?;
    ensure!(
        refusal.field.as_deref() == Some(field),
        "{shown} was refused for {refusal:?}"
    );
    ensure!(
        refusal.message.ends_with(['.', '»', '!', '?']),
        "not a sentence: {:?}",
        refusal.message
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_the_mail_has_its_own_message() -> Result<()> {
    let mut lab = Lab::new("mail-faults")
        .disks(["bay1", "bay2"])
        .start()
        .await?;
    lab.nas().claim(&lab.claim_code().await?).await?;
    lab.nas().set_admin().await?;
    lab.nas().set_box("École Jules-Ferry").await?;
    lab.nas().make_mirror(["bay1", "bay2"]).await?;
    lab.nas().advance(SetupStep::People).await?;

    let good = Nas::mail_settings(lab.mail_server())?;
    let unreachable = SetMail {
        port: MailServer::dead_port()?,
        ..good.clone()
    };
    let login = SetMail {
        password: Some("not the password".to_owned()),
        ..good.clone()
    };
    let recipient = SetMail {
        recipients: vec![Recipients::UNKNOWN.to_owned()],
        ..good.clone()
    };
    let name = SetMail {
        host: "mail.invalid".to_owned(),
        ..good.clone()
    };
    let mut messages = vec![];
    for (settings, failure) in [
        (&unreachable, MailFailure::Unreachable),
        (&login, MailFailure::LoginRefused),
        (&recipient, MailFailure::RecipientRefused),
        (&name, MailFailure::NameNotFound),
    ] {
        messages.push(fault(&lab, settings, failure).await?);
    }
    lab.mail_server().start_again(Certificate::Stranger).await?;
    messages.push(fault(&lab, &good, MailFailure::CertificateWrong).await?);
    let different: std::collections::BTreeSet<_> = messages.iter().collect();
    assert_eq!(
        different.len(),
        messages.len(),
        "two faults have the same message: {messages:?}"
    );

    // The set-up can go on, and the box keeps reminding.
    lab.nas().advance(SetupStep::Mail).await?;
    lab.nas().pass_sheet().await?;
    lab.nas().advance(SetupStep::Finish).await?;
    let status = lab.nas().status().await?;
    ensure!(
        status.setup == SetupStep::Done && !status.reminders.is_empty(),
        "nothing reminds: {status:?}"
    );

    // Implicit TLS works as well, once the server is itself again.
    lab.mail_server().start_again(Certificate::Good).await?;
    let port = lab.mail_server().implicit_port();
    let implicit = SetMail {
        port,
        security: MailSecurity::Tls,
        ..good
    };
    lab.nas().set_mail(&implicit).await?;
    lab.prove_mail().await?;
    ensure!(
        lab.nas().status().await?.reminders.is_empty(),
        "a proved mail is still reminded of"
    );
    lab.finish().await
}

async fn fault(lab: &Lab, settings: &SetMail, expected: MailFailure) -> Result<String> {
    lab.nas().set_mail(settings).await?;
    let test = lab.nas().test_mail().await?;
    let result = test.results.first().context("a test without a result")?;
    ensure!(
        result.failure == Some(expected),
        "expected {expected:?}, got {result:?}"
    );
    result.message.clone().context("a fault without a sentence")
}
