//! The box's own certificate authority and the certificate of its page, made at
//! first start. People may trust the authority once (its fingerprint is on the
//! console); it can only vouch for names and addresses of a local network, so that
//! trusting it puts nothing else at risk.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use preau_host::{HostError, write_durably};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Before this no box existed: a clock that says so has not been set. A certificate
/// is never made to begin later than the clients' clocks because of it.
const FIRST_DAY: Date = jiff::civil::date(2024, 1, 1);
/// The authority's last day. It outlives the box's disks by far.
const LAST_DAY: Date = jiff::civil::date(2044, 1, 1);
/// Apple's systems refuse server certificates of more than 825 days.
const SERVER_DAYS: i64 = 800;
/// A certificate that ends sooner is made again.
const RENEW_DAYS: i64 = 60;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("a certificate's file")]
    File(#[from] HostError),
    /// A folder or file that could not be made or read.
    #[error("{path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It could not be made.
    #[error("making a certificate")]
    Making(#[from] rcgen::Error),
    /// A stored one is not a certificate.
    #[error("{path} is not a certificate")]
    NotACertificate {
        /// Which.
        path: PathBuf,
    },
}

/// What others may know of the certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The authority's certificate, in PEM.
    pub pem: String,
    /// Its SHA-256, as `AB:CD:…`.
    pub fingerprint: String,
}

/// The authority as it is kept elsewhere than on the card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityFiles {
    /// Its certificate.
    pub pem: String,
    /// Its key.
    pub key: String,
}

/// Reads the authority and its key.
///
/// # Errors
/// When they are not there.
pub fn read_authority(folder: &Path) -> Result<AuthorityFiles, TlsError> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|source| TlsError::Io { path, source })
    };
    Ok(AuthorityFiles {
        pem: read("ca.pem")?,
        key: read("ca.key")?,
    })
}

/// Puts another authority in the place of the one that is there. The page's
/// certificate is made anew by [`ensure`].
///
/// # Errors
/// When the card does not take it.
pub fn replace_authority(folder: &Path, files: &AuthorityFiles) -> Result<(), TlsError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Io { path, source }
    };
    fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(folder)
        .map_err(io(folder))?;
    let server = folder.join("server.pem");
    match fs::remove_file(&server) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(io(&server)(error));
        }
        _ => {}
    }
    write_durably(&folder.join("ca.key"), files.key.as_bytes(), 0o600)?;
    write_durably(&folder.join("ca.pem"), files.pem.as_bytes(), 0o644)?;
    Ok(())
}

/// Makes what is missing or about to end below `folder`, and tells the authority.
///
/// # Errors
/// When the card does not take it, or what is there is damaged.
pub fn ensure(folder: &Path, now: Timestamp) -> Result<Authority, TlsError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Io { path, source }
    };
    if !folder.exists() {
        fs::DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(folder)
            .map_err(io(folder))?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(io(folder))?;
    let [ca_pem, ca_key, server_pem, server_key] =
        ["ca.pem", "ca.key", "server.pem", "server.key"].map(|name| folder.join(name));

    // The key is written first: without the certificate it is made again.
    if !ca_pem.exists() {
        let key = KeyPair::generate()?;
        write_durably(&ca_key, key.serialize_pem().as_bytes(), 0o600)?;
        let certificate = authority_params().self_signed(&key)?;
        write_durably(&ca_pem, certificate.pem().as_bytes(), 0o644)?;
    }
    let pem = fs::read_to_string(&ca_pem).map_err(io(&ca_pem))?;
    let der = der_of(&ca_pem, &pem)?;

    if needs_renewal(&server_pem, now)? {
        let key = fs::read_to_string(&ca_key).map_err(io(&ca_key))?;
        let issuer = Issuer::from_ca_cert_pem(&pem, KeyPair::from_pem(&key)?)?;
        let key = KeyPair::generate()?;
        let certificate = server_params(now)?.signed_by(&key, &issuer)?;
        let chain = format!("{}{pem}", certificate.pem());
        // Both are replaced; a cut in between leaves a pair that does not match,
        // which the next start sees by the certificate that is gone.
        match fs::remove_file(&server_pem) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io(&server_pem)(error));
            }
            _ => {}
        }
        write_durably(&server_key, key.serialize_pem().as_bytes(), 0o600)?;
        write_durably(&server_pem, chain.as_bytes(), 0o644)?;
    }
    Ok(Authority {
        fingerprint: fingerprint(&der),
        pem,
    })
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Préau");
    set_days(&mut params, FIRST_DAY, LAST_DAY);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let name = |name: &str| GeneralSubtree::DnsName(name.to_owned());
    let net4 = |address, prefix| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(IpAddr::V4(address), prefix))
    };
    let net6 = |address, prefix| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(IpAddr::V6(address), prefix))
    };
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            name("preau.local"),
            name("preau"),
            name("localhost"),
            net4(Ipv4Addr::new(127, 0, 0, 0), 8),
            net4(Ipv4Addr::new(10, 0, 0, 0), 8),
            net4(Ipv4Addr::new(172, 16, 0, 0), 12),
            net4(Ipv4Addr::new(192, 168, 0, 0), 16),
            net4(Ipv4Addr::new(169, 254, 0, 0), 16),
            net6(Ipv6Addr::LOCALHOST, 128),
            net6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
            net6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
        ],
        excluded_subtrees: Vec::new(),
    });
    params
}

fn server_params(now: Timestamp) -> Result<CertificateParams, TlsError> {
    let names = ["preau.local", "preau", "localhost"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    for address in [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    params.distinguished_name = named("preau.local");
    let (first, last) = server_days(now);
    set_days(&mut params, first, last);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// The first and last day of a server certificate made now. With a clock that was
/// never set it must hold today all the same, whatever day that is: it is made long
/// and, once the clock is right, made again.
fn server_days(now: Timestamp) -> (Date, Date) {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    if today < FIRST_DAY {
        return (FIRST_DAY, LAST_DAY);
    }
    let yesterday = today.saturating_sub(1.day());
    (yesterday, yesterday.saturating_add(SERVER_DAYS.days()))
}

fn needs_renewal(path: &Path, now: Timestamp) -> Result<bool, TlsError> {
    if !path.exists() || !path.with_extension("key").exists() {
        return Ok(true);
    }
    let pem = fs::read_to_string(path).map_err(|source| TlsError::Io {
        path: path.to_owned(),
        source,
    })?;
    // A damaged certificate is worth nothing to anybody: it is made again.
    let Ok(der) = der_of(path, &pem) else {
        return Ok(true);
    };
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) else {
        return Ok(true);
    };
    let (first, last) = (
        certificate.validity().not_before.timestamp(),
        certificate.validity().not_after.timestamp(),
    );
    let seconds = |days: i64| days * 24 * 3600;
    let clock_is_set = now.to_zoned(jiff::tz::TimeZone::UTC).date() >= FIRST_DAY;
    let made_without_a_clock = last - first > seconds(SERVER_DAYS + 1);
    let ends_soon = last - now.as_second() < seconds(RENEW_DAYS);
    let begins_later = first > now.as_second();
    Ok(clock_is_set && (made_without_a_clock || ends_soon || begins_later))
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::OrganizationName, "Préau");
    names.push(DnType::CommonName, name);
    names
}

fn set_days(params: &mut CertificateParams, first: Date, last: Date) {
    let midnight = |date: Date| {
        rcgen::date_time_ymd(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    params.not_before = midnight(first);
    params.not_after = midnight(last);
}

fn der_of(path: &Path, pem: &str) -> Result<Vec<u8>, TlsError> {
    x509_parser::pem::parse_x509_pem(pem.as_bytes())
        .map(|(_, pem)| pem.contents)
        .map_err(|_| TlsError::NotACertificate {
            path: path.to_owned(),
        })
}

fn fingerprint(der: &[u8]) -> String {
    let bytes: Vec<String> = Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    bytes.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn days(path: &Path) -> (i64, i64) {
        let pem = fs::read_to_string(path).unwrap();
        let der = der_of(path, &pem).unwrap();
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
        (
            certificate.validity().not_before.timestamp(),
            certificate.validity().not_after.timestamp(),
        )
    }

    #[test]
    fn certificates_are_made_once_and_keys_are_private() {
        let folder = Folder::new("tls");
        let now = at("2026-11-24T06:42:10Z");
        let first = ensure(folder.path(), now).unwrap();
        let server = fs::read(folder.path().join("server.pem")).unwrap();
        assert_eq!(ensure(folder.path(), now).unwrap(), first);
        assert_eq!(fs::read(folder.path().join("server.pem")).unwrap(), server);
        assert_eq!(first.fingerprint.len(), 32 * 3 - 1);
        for key in ["ca.key", "server.key"] {
            let mode = fs::metadata(folder.path().join(key)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600, "{key}");
        }
    }

    #[test]
    fn a_certificate_is_renewed_before_it_ends_and_the_authority_stays() {
        let folder = Folder::new("tls-renew");
        let first = ensure(folder.path(), at("2026-11-24T06:42:10Z")).unwrap();
        let server = folder.path().join("server.pem");
        let before = days(&server);
        assert!(before.1 - before.0 <= 825 * 24 * 3600);
        let later = at("2028-12-20T00:00:00Z");
        assert_eq!(ensure(folder.path(), later).unwrap(), first);
        assert!(days(&server).1 > before.1);
    }

    #[test]
    fn a_box_without_a_clock_has_a_certificate_that_holds_today() {
        let folder = Folder::new("tls-1970");
        ensure(folder.path(), at("1970-01-01T00:01:00Z")).unwrap();
        let server = folder.path().join("server.pem");
        let today = at("2026-11-24T06:42:10Z");
        let (first, last) = days(&server);
        assert!(first < today.as_second() && today.as_second() < last);
        ensure(folder.path(), today).unwrap();
        let (first, last) = days(&server);
        assert!(last - first <= 825 * 24 * 3600);
    }
}
