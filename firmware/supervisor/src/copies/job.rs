//! A piece of work becomes a job for the worker. Pure.

use crate::secrets::Secrets;
use preau_domain::copies::{
    Destination as Settings, Place, RestoreTo, RestoreWork, Restored, SftpLogin,
};
use preau_offsite_job::{
    Account, Destination, EscapedPath, Existing, Job, Secret, SshLogin, Task, VERSION,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StringDeserializer;
use std::path::{Component, Path, PathBuf};
use uuid::Uuid;

/// What a job needs besides the settings.
#[derive(Debug, Clone)]
pub struct Means {
    /// The password of the repository.
    pub password: Option<Secret>,
    /// The repository's folder on a disk that was plugged in.
    pub folder: Option<PathBuf>,
    /// Where the worker may keep what can be fetched again.
    pub cache: Option<PathBuf>,
    /// Bytes per second.
    pub upload_limit: Option<u64>,
}

/// A place with what opens it; `None` when something is missing that only people can
/// give.
pub fn destination(
    place: &Place,
    secret: Option<&str>,
    ssh_key: Option<&str>,
    folder: Option<&Path>,
) -> Option<Destination> {
    let account = |user: &Option<String>| {
        user.as_ref().map(|user| Account {
            user: user.clone(),
            password: Secret::new(secret.unwrap_or_default()),
        })
    };
    Some(match place {
        Place::Sftp {
            host,
            port,
            user,
            folder,
            host_key,
            login,
        } => Destination::Sftp {
            host: host.clone(),
            port: *port,
            user: user.clone(),
            folder: folder.clone(),
            host_key: host_key.clone(),
            login: match login {
                SftpLogin::Key => SshLogin::Key(Secret::new(ssh_key?)),
                SftpLogin::Password => SshLogin::Password(Secret::new(secret?)),
            },
        },
        Place::UsbDisk { .. } => Destination::Folder {
            path: folder?.to_owned(),
        },
        Place::WebDav {
            url,
            user,
            certificate,
        } => Destination::WebDav {
            url: url.clone(),
            account: account(user),
            certificate: certificate.clone(),
        },
        Place::Rest {
            url,
            user,
            certificate,
        } => Destination::Rest {
            url: url.clone(),
            account: account(user),
            certificate: certificate.clone(),
        },
        Place::S3 {
            endpoint,
            region,
            bucket,
            folder,
            access_key,
            certificate,
        } => Destination::S3 {
            endpoint: endpoint.clone(),
            region: region.clone(),
            bucket: bucket.clone(),
            folder: folder.clone(),
            access_key: access_key.clone(),
            secret_key: Secret::new(secret?),
            certificate: certificate.clone(),
        },
    })
}

/// The job of a task.
pub fn job(
    settings: &Settings,
    secrets: &Secrets,
    host: String,
    means: Means,
    task: Task,
) -> Option<Job> {
    let secret = secrets.copies.of.get(&settings.id).map(String::as_str);
    let key = secrets.copies.ssh_key.as_ref();
    let key = key.map(|key| key.private.as_str());
    Some(Job {
        version: VERSION,
        host,
        destination: destination(&settings.place, secret, key, means.folder.as_deref())?,
        password: means.password,
        cache: means.cache,
        upload_limit: means.upload_limit,
        task,
    })
}

/// The box's name in its copies. It must not change from night to night, while people
/// may rename the box: the volume's identity stays, on another card too.
pub fn host_name(volume: Option<Uuid>) -> String {
    let number = volume.unwrap_or_default().simple().to_string();
    format!("preau-{}", &number[..8])
}

/// The folder below a share's root that a restore writes into; `None` for a path that
/// leads elsewhere.
pub fn target_below(restore: &RestoreWork) -> Option<PathBuf> {
    let path = restore.path.to_path();
    let inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return None;
    }
    Some(match &restore.to {
        RestoreTo::Beside(folder) => PathBuf::from(folder),
        // A file is written under its name into the folder that it was in.
        RestoreTo::Over if restore.kind == Restored::File => {
            path.parent().unwrap_or(Path::new("")).to_owned()
        }
        RestoreTo::Over => path,
    })
}

/// What a restore does with what is there.
pub const fn existing(to: &RestoreTo) -> Existing {
    match to {
        RestoreTo::Beside(_) => Existing::Refuse,
        RestoreTo::Over => Existing::Replace,
    }
}

/// A path that travelled escaped.
pub fn escaped(text: String) -> EscapedPath {
    let text: StringDeserializer<serde::de::value::Error> = text.into_deserializer();
    // Every text is one.
    EscapedPath::deserialize(text).unwrap_or_default()
}
