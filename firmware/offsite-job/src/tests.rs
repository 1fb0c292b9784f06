use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use jiff::Timestamp;

use super::*;

#[test]
fn a_name_of_any_bytes_comes_back_as_it_was() {
    let names: [&[u8]; 7] = [
        b"commun/CP",
        "Écoliers/Noël.odt".as_bytes(),
        b"line\nbreak",
        b"not utf-8 \xff\xfe \xc3",
        br"back\slash",
        br"looks like \x41",
        b"ends in \\",
    ];
    for name in names {
        let name = OsStr::from_bytes(name);
        let escaped = EscapedPath::new(name);
        let text = serde_json::to_string(&escaped).unwrap();
        let back: EscapedPath = serde_json::from_str(&text).unwrap();
        assert_eq!(back.to_path().as_os_str(), name);
    }
}

#[test]
fn a_job_is_one_line_and_comes_back_as_it_was() {
    let job = Job {
        version: VERSION,
        host: "preau-ecole".into(),
        destination: Destination::Sftp {
            host: "mairie.example".into(),
            port: 22,
            user: "ecole".into(),
            folder: "copies".into(),
            host_key: None,
            login: SshLogin::Key(Secret::new("-----BEGIN\nOPENSSH-----\n")),
        },
        password: Some(Secret::new("abri")),
        cache: Some("/var/cache/preau".into()),
        upload_limit: Some(125_000),
        task: Task::BackUp {
            shares: vec![ShareSource {
                share: "commun".into(),
                path: "/srv/preau/.instantanes/commun".into(),
                taken_at: Timestamp::UNIX_EPOCH,
                exclude: vec!["*.tmp".into()],
            }],
            settings: Some(SettingsSource {
                sealed: Sealed(vec![0, 255, 7]),
                taken_at: Timestamp::UNIX_EPOCH,
            }),
        },
    };
    let text = line(&job).unwrap();
    assert_eq!(text.matches('\n').count(), 1);
    assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
}

#[test]
fn a_secret_is_never_printed() {
    let account = Account {
        user: "ecole".into(),
        password: Secret::new("motdepasse"),
    };
    assert!(!format!("{account:?}").contains("motdepasse"));
}

#[test]
fn failures_and_orders_have_the_form_that_is_written_down() {
    let failed = Event::Failed(FailureReport {
        failure: Failure::HostKeyChanged(HostKey {
            key: "ssh-ed25519 AAAA".into(),
            fingerprint: "SHA256:x".into(),
        }),
        detail: "d".into(),
    });
    assert_eq!(
        serde_json::to_string(&failed).unwrap(),
        r#"{"event":"failed","failure":{"code":"host_key_changed","key":"ssh-ed25519 AAAA","fingerprint":"SHA256:x"},"detail":"d"}"#
    );
    let cancel: Order = serde_json::from_str(r#"{"order":"cancel"}"#).unwrap();
    assert_eq!(cancel, Order::Cancel);
    let unknown = serde_json::from_str::<Task>(r#"{"task":"prune","fetch_at_most":null}"#);
    assert!(
        unknown.is_err(),
        "a prune says whether the clock is trusted"
    );
}
