//! A curious neighbour finds the box on the network before its owner does.

use anyhow::{Context, Result, ensure};
use preau_domain::settings::SetupStep;
use preau_lab::{Lab, Look, Nas, mins, wait_until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Requests without the code; the issue asks for this many.
const REQUESTS: usize = 1000;

/// Everything that writes, with a body that would be right for the owner.
fn writes() -> Vec<(Method, &'static str, Value)> {
    let disk = json!({"disk": "wwn-0x50014ee0000003e9", "serial": "X", "contents_digest": null});
    vec![
        (
            Method::POST,
            "/claim",
            json!({"code": "AAAA-AAAA-AAAA", "language": "fr"}),
        ),
        (Method::PUT, "/setup/language", json!({"language": "en"})),
        (
            Method::PUT,
            "/setup/admin",
            json!({"display_name": "Moi", "login": "moi", "password": "un mot de passe bien long"}),
        ),
        (
            Method::PUT,
            "/setup/box",
            json!({"name": "À moi", "time_zone": "Europe/Paris"}),
        ),
        (
            Method::POST,
            "/volume",
            json!({"layout": "mirror", "erase": [disk, disk]}),
        ),
        (Method::POST, "/array/replace", json!({"erase": disk})),
        (
            Method::POST,
            "/people",
            json!({"display_name": "Moi", "login": null, "password": "un mot de passe bien long"}),
        ),
        (Method::DELETE, "/people/moi", Value::Null),
        (
            Method::PUT,
            "/mail",
            json!({"host": "10.0.2.2", "port": 25, "security": "tls", "login": null, "password": null,
                "from": "a@b.example", "recipients": ["c@d.example"]}),
        ),
        (Method::POST, "/mail/test", Value::Null),
        (
            Method::POST,
            "/mail/test/confirm",
            json!({"code": "123456"}),
        ),
        (Method::POST, "/setup/advance", json!({"from": "people"})),
        (
            Method::POST,
            "/login",
            json!({"login": "root", "password": "root"}),
        ),
        (Method::GET, "/status", Value::Null),
        (Method::GET, "/disks", Value::Null),
        (Method::GET, "/people", Value::Null),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_claim_the_box() -> Result<()> {
    let lab = Lab::new("stranger").disks(["bay1", "bay2"]).start().await?;
    let before = written(&lab).await?;

    let stranger = lab.nas().stranger();
    let writes = writes();
    let (mut wrong_codes, mut asked_to_wait) = (0, 0);
    for turn in 0..REQUESTS {
        let (method, path, body) = &writes[turn % writes.len()];
        let body = (!body.is_null()).then(|| body.clone());
        let answer = stranger.request(method.clone(), path, body).await?;
        ensure!(
            answer.status.is_client_error(),
            "{method} {path} was answered with {}: {}",
            answer.status,
            answer.body
        );
        match (*path, answer.status) {
            ("/claim", StatusCode::TOO_MANY_REQUESTS) => asked_to_wait += 1,
            ("/claim", _) => wrong_codes += 1,
            _ => {}
        }
    }
    ensure!(
        wrong_codes >= 5,
        "only {wrong_codes} wrong codes were looked at before the first delay"
    );
    ensure!(asked_to_wait > 0, "nobody was ever asked to wait");

    assert_eq!(
        written(&lab).await?,
        before,
        "a stranger's requests were written down"
    );
    assert_eq!(lab.nas().info().await?.setup, SetupStep::Admin);
    for bay in ["bay1", "bay2"] {
        ensure!(
            lab.disk(bay).is_untouched()?,
            "a stranger wrote on the disk in {bay}"
        );
    }

    // Never a lock-out for good: the owner waits, and is let in.
    let code = lab.claim_code().await?;
    claim_patiently(lab.nas(), &code).await?;
    lab.nas().set_admin().await?;
    lab.finish().await
}

async fn claim_patiently(nas: &Nas, code: &str) -> Result<()> {
    wait_until("the owner to be let in", mins(15), || async {
        let body = json!({"code": code, "language": "fr"});
        let answer = nas.request(Method::POST, "/claim", Some(body)).await?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            let refusal = answer.refusal()?;
            let left = refusal.retry_after.context("a delay without its length")?;
            return Ok(Look::NotYet(format!("{left} s to wait")));
        }
        ensure!(
            answer.status.is_success(),
            "the right code is refused: {}",
            answer.body
        );
        Ok(Look::Found(()))
    })
    .await?;
    // The code may be given again until there is an account; this keeps the session.
    nas.claim(code).await
}

/// The settings, the secrets and the accounts, as they are on the card. Folders are
/// left out: their time changes when the history's journal comes and goes. So are the
/// blanks that make columns, since the width of these does too.
async fn written(lab: &Lab) -> Result<String> {
    let args = [
        "-lR",
        "--time-style=full-iso",
        "/data/preau",
        "/data/extrausers",
        "/data/samba",
    ];
    let listed = lab.guest().run("/usr/bin/ls", args).await?.success()?;
    let is_kept = |line: &&str| {
        !line.contains(".sqlite") && !line.starts_with('d') && !line.starts_with("total")
    };
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = listed.lines().filter(is_kept).map(words).collect();
    Ok(lines.join("\n"))
}
