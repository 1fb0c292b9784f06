//! One story, at every kind of destination: tested, made, copied to, changed, copied
//! again, restored and compared; then `restic` does the same with what is there.

use std::ffi::OsStr;
use std::path::Path;

use preau_offsite_job::{
    Account, Destination, Failure, Outcome, RepositoryFound, Secret, SshLogin, Task,
};

use crate::restic::{check, restic};
use crate::scratch::Scratch;
use crate::servers::{ACCOUNT_PASSWORD, BUCKET, Garage, Rest, Sshd, WebDav, free_port};
use crate::tree::{assert_same, change, plain};
use crate::worker::{back_up, init, list, outcome, restore_task, run};

fn test_finds(destination: &Destination, found: RepositoryFound) {
    match outcome(destination, Task::Test) {
        Outcome::Test { repository, .. } => assert_eq!(repository, found),
        other => panic!("{other:?}"),
    }
}

/// The story. `kept` is where `restic` finds what the destination keeps.
fn copies_come_back(destination: &Destination, kept: impl AsRef<OsStr>) {
    let kept = kept.as_ref();
    let scratch = Scratch::new("story");
    let share = scratch.join("commun");
    plain(&share, 1);

    test_finds(destination, RepositoryFound::Absent);
    init(destination);
    test_finds(destination, RepositoryFound::Present);
    assert_eq!(
        run(destination, Task::Init).failure(),
        Failure::RepositoryExists
    );

    let first = back_up(destination, &share);
    assert_eq!(
        (first.files, first.files_new, first.unreadable),
        (38, 38, 0)
    );
    change(&share, 2);
    let second = back_up(destination, &share);
    assert!(
        second.files_new < 20 && second.bytes_new < 7_500_000,
        "{second:?}"
    );
    let third = back_up(destination, &share);
    assert_eq!((third.files_new, third.files_changed), (0, 0), "{third:?}");

    let snapshots = list(destination);
    assert_eq!(snapshots.len(), 3);
    assert!(
        snapshots
            .iter()
            .all(|s| s.share == "commun" && s.host == "preau-ecole")
    );
    assert_eq!(snapshots[2].id, third.snapshot);

    let back = scratch.join("back");
    outcome(destination, restore_task(&second.snapshot, "", &back));
    assert_same(&share, &back);

    check(kept);
    let listed = restic(kept, &["snapshots", "--json"]);
    assert_eq!(
        listed.matches(r#""paths":["/commun"]"#).count(),
        3,
        "{listed}"
    );
    let by_restic = scratch.join("by-restic");
    restic(
        kept,
        &[
            "restore",
            &second.snapshot.0,
            "--target",
            by_restic.to_str().unwrap(),
        ],
    );
    assert_same(&share, &by_restic.join("commun"));
    // Nobody is kept out by what the worker left behind.
    assert_eq!(restic(kept, &["list", "locks"]), "");

    change_again(&share);
    restic(kept, &["backup", share.to_str().unwrap()]);
    let theirs = list(destination).pop().unwrap();
    assert_eq!(theirs.share, "commun");
    let back = scratch.join("back from restic");
    outcome(destination, restore_task(&theirs.id, "", &back));
    assert_same(&share, &back);
}

fn change_again(share: &Path) {
    std::fs::write(share.join("by restic.txt"), crate::tree::noise(77, 100_000)).unwrap();
}

#[test]
fn copies_on_a_disk_come_back() {
    let scratch = Scratch::new("disk");
    let path = scratch.join("copies");
    copies_come_back(&Destination::Folder { path: path.clone() }, &path);
}

#[test]
fn copies_on_an_ssh_server_come_back() {
    let sshd = Sshd::start("sshd");
    copies_come_back(&sshd.destination(), sshd.server.folder.join("préau"));
}

#[test]
fn copies_on_a_server_that_never_deletes_come_back() {
    let rest = Rest::start("rest");
    copies_come_back(&rest.destination(), &rest.0.folder);
}

#[test]
fn copies_in_a_web_folder_come_back() {
    let webdav = WebDav::start("webdav");
    copies_come_back(&webdav.destination(), webdav.kept());
}

#[test]
fn copies_in_an_object_store_come_back() {
    let garage = Garage::start("garage");
    copies_come_back(&garage.destination(), garage.kept());
}

#[test]
fn an_object_store_tells_a_wrong_key_from_a_bucket_that_is_not_there() {
    let garage = Garage::start("garage-refuses");
    let wrong_key = "f".repeat(64);
    let refused = run(&garage.destination_with(BUCKET, &wrong_key), Task::Test);
    assert_eq!(refused.failure(), Failure::LoginRefused);
    let missing = run(
        &garage.destination_with("mairie", crate::servers::SECRET_KEY),
        Task::Test,
    );
    assert_eq!(missing.failure(), Failure::BucketMissing);
}

#[test]
fn an_ssh_server_is_known_by_its_key_alone() {
    let sshd = Sshd::start("keys");
    let unknown = run(&sshd.destination_with(None, sshd.key()), Task::Test);
    let Failure::HostKeyUnknown(shown) = unknown.failure() else {
        panic!("{:?}", unknown.failure());
    };
    assert_eq!(shown.key, sshd.host_key());
    assert!(shown.fingerprint.starts_with("SHA256:"), "{shown:?}");

    let changed = run(
        &sshd.destination_with(Some(sshd.other_key()), sshd.key()),
        Task::Test,
    );
    assert_eq!(changed.failure(), Failure::HostKeyChanged(shown));
}

#[test]
fn an_ssh_server_lets_in_with_a_password_and_not_with_another() {
    let sshd = Sshd::start("password");
    let with = |password: &str| {
        let login = SshLogin::Password(Secret::new(password));
        sshd.destination_with(Some(sshd.host_key()), login)
    };
    test_finds(&with(ACCOUNT_PASSWORD), RepositoryFound::Absent);
    assert_eq!(
        run(&with("faux"), Task::Test).failure(),
        Failure::LoginRefused
    );
}

#[test]
fn what_is_wrong_with_an_address_has_a_name() {
    let sshd = Sshd::start("address");
    let Destination::Sftp {
        user,
        folder,
        host_key,
        login,
        ..
    } = sshd.destination()
    else {
        panic!("no SSH server");
    };
    let sftp = |host: &str, port: u16, folder: &str| Destination::Sftp {
        host: host.into(),
        port,
        user: user.clone(),
        folder: folder.into(),
        host_key: host_key.clone(),
        login: login.clone(),
    };
    let web = |url: String| Destination::WebDav {
        url,
        account: None,
        certificate: None,
    };
    let closed = free_port();
    let cases = [
        (sftp("préau.invalid", 22, &folder), Failure::NameNotFound),
        (sftp("127.0.0.1", closed, &folder), Failure::PortClosed),
        (
            sftp("127.0.0.1", sshd.server.port, "/nowhere/copies"),
            Failure::FolderMissing,
        ),
        (
            web("https://preau.invalid/dav".into()),
            Failure::NameNotFound,
        ),
        (
            web(format!("https://127.0.0.1:{closed}/dav")),
            Failure::PortClosed,
        ),
        (web("preau".into()), Failure::BadJob),
        (
            Destination::Folder {
                path: "/media/unplugged/copies".into(),
            },
            Failure::FolderMissing,
        ),
    ];
    for (destination, failure) in cases {
        assert_eq!(
            run(&destination, Task::Test).failure(),
            failure,
            "{destination:?}"
        );
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let rest = Rest::start("certificate");
    let refused = run(&rest.destination_with(None), Task::Test);
    assert_eq!(refused.failure(), Failure::CertificateRefused);
    let other = Rest::start("other-certificate");
    let refused = run(
        &rest.destination_with(Some(other.certificate())),
        Task::Test,
    );
    assert_eq!(refused.failure(), Failure::CertificateRefused);
    test_finds(&rest.destination(), RepositoryFound::Absent);
}

#[test]
fn a_web_server_refuses_a_wrong_password() {
    let webdav = WebDav::start("wrong-password");
    let Destination::WebDav {
        url, certificate, ..
    } = webdav.destination()
    else {
        panic!("no web folder");
    };
    let account = Some(Account {
        user: "ecole".into(),
        password: Secret::new("faux"),
    });
    let destination = Destination::WebDav {
        url,
        account,
        certificate,
    };
    assert_eq!(
        run(&destination, Task::Test).failure(),
        Failure::LoginRefused
    );
}
