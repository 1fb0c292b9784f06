//! What the form about a destination holds: as it was typed, as it is stored, and as
//! the API wants it.

use crate::forms::Fields;
use crate::words::Words;
use preau_api::{ApiError, DestinationView, SetDestination};
use preau_domain::copies::{Day, Place, SftpLogin};

/// What a school's line bears beside its work, in kilobits per second.
const GENTLE: u32 = 1000;

/// What the form holds.
#[derive(Default, Clone)]
pub(crate) struct Values {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: String,
    pub(crate) user: String,
    pub(crate) folder: String,
    pub(crate) host_key: String,
    pub(crate) login: String,
    pub(crate) url: String,
    pub(crate) region: String,
    pub(crate) bucket: String,
    pub(crate) access_key: String,
    pub(crate) certificate: String,
    pub(crate) filesystem: String,
    pub(crate) hour: String,
    pub(crate) days: Vec<String>,
    pub(crate) gentle: bool,
    pub(crate) enabled: bool,
    pub(crate) has_secret: bool,
}

impl Values {
    pub(crate) fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            port: "22".to_owned(),
            folder: if kind == "sftp" { "preau" } else { "" }.to_owned(),
            login: "key".to_owned(),
            region: "auto".to_owned(),
            hour: "1".to_owned(),
            days: Day::ALL.map(|day| day.as_str().to_owned()).to_vec(),
            gentle: true,
            enabled: true,
            ..Self::default()
        }
    }

    pub(crate) fn typed(fields: &Fields) -> Self {
        Self {
            kind: fields.text("kind"),
            name: fields.text("name"),
            host: fields.text("host"),
            port: fields.text("port"),
            user: fields.text("user"),
            folder: fields.text("folder"),
            host_key: fields.text("host_key"),
            login: fields.text("login"),
            url: fields.text("url"),
            region: fields.text("region"),
            bucket: fields.text("bucket"),
            access_key: fields.text("access_key"),
            certificate: fields.text("certificate"),
            filesystem: fields.text("filesystem"),
            hour: fields.text("hour"),
            days: fields.all("days").map(str::to_owned).collect(),
            gentle: fields.has("gentle", "yes"),
            enabled: !fields.has("enabled", "no"),
            has_secret: fields.has("has_secret", "yes"),
        }
    }

    pub(super) fn stored(view: &DestinationView) -> Self {
        let mut values = Self {
            kind: view.place.kind().to_owned(),
            name: view.name.clone(),
            hour: view.hour.to_string(),
            days: view
                .days
                .iter()
                .map(|day| day.as_str().to_owned())
                .collect(),
            gentle: view.kilobits_at_school.is_some(),
            enabled: view.enabled,
            has_secret: view.has_secret,
            ..Self::default()
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match view.place.clone() {
            Place::Sftp {
                host,
                port,
                user,
                folder,
                host_key,
                login,
            } => {
                values.host = host;
                values.port = port.to_string();
                values.user = user;
                values.folder = folder;
                values.host_key = text(&host_key);
                values.login = match login {
                    SftpLogin::Key => "key",
                    SftpLogin::Password => "password",
                }
                .to_owned();
            }
            Place::UsbDisk { filesystem } => values.filesystem = filesystem,
            Place::WebDav {
                url,
                user,
                certificate,
            }
            | Place::Rest {
                url,
                user,
                certificate,
            } => {
                values.url = url;
                values.user = text(&user);
                values.certificate = text(&certificate);
            }
            Place::S3 {
                endpoint,
                region,
                bucket,
                folder,
                access_key,
                certificate,
            } => {
                values.url = endpoint;
                values.region = region;
                values.bucket = bucket;
                values.folder = folder;
                values.access_key = access_key;
                values.certificate = text(&certificate);
            }
        }
        values
    }

    /// Where it is.
    pub(crate) fn place(&self, words: Words) -> Result<Place, ApiError> {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(match self.kind.as_str() {
            "sftp" => Place::Sftp {
                host: self.host.clone(),
                port: self
                    .port
                    .parse()
                    .map_err(|_| no_number(words, "port", "mail-port-wrong"))?,
                user: self.user.clone(),
                folder: self.folder.clone(),
                host_key: filled(&self.host_key),
                login: if self.login == "password" {
                    SftpLogin::Password
                } else {
                    SftpLogin::Key
                },
            },
            "usb_disk" => Place::UsbDisk {
                filesystem: self.filesystem.clone(),
            },
            "web_dav" => Place::WebDav {
                url: self.url.clone(),
                user: filled(&self.user),
                certificate: filled(&self.certificate),
            },
            "rest" => Place::Rest {
                url: self.url.clone(),
                user: filled(&self.user),
                certificate: filled(&self.certificate),
            },
            _ => Place::S3 {
                endpoint: self.url.clone(),
                region: self.region.clone(),
                bucket: self.bucket.clone(),
                folder: self.folder.clone(),
                access_key: self.access_key.clone(),
                certificate: filled(&self.certificate),
            },
        })
    }

    pub(super) fn request(
        &self,
        words: Words,
        secret: &str,
        before: Option<&DestinationView>,
    ) -> Result<SetDestination, ApiError> {
        let chosen = |day: &Day| self.days.iter().any(|found| found == day.as_str());
        let kept = before.and_then(|before| before.kilobits_at_school);
        Ok(SetDestination {
            name: self.name.clone(),
            place: self.place(words)?,
            secret: Some(secret.to_owned()).filter(|secret| !secret.is_empty()),
            days: Some(Day::ALL.into_iter().filter(chosen).collect()),
            hour: Some(
                self.hour
                    .parse()
                    .map_err(|_| no_number(words, "hour", "copies-hour-wrong"))?,
            ),
            keep: before.map(|before| before.keep),
            kilobits_at_school: self.gentle.then(|| kept.unwrap_or(GENTLE)),
            enabled: Some(self.enabled),
        })
    }
}

fn no_number(words: Words, field: &str, key: &str) -> ApiError {
    ApiError {
        field: Some(field.to_owned()),
        code: "not-a-number".to_owned(),
        message: words.t(key),
        retry_after: None,
    }
}

/// The API's names of fields, as the form has them.
pub(crate) fn as_shown(mut error: ApiError) -> ApiError {
    let shown = match error.field.as_deref() {
        Some("secret") => "password",
        Some("endpoint") => "url",
        _ => return error,
    };
    error.field = Some(shown.to_owned());
    error
}
