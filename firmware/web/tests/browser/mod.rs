//! A browser without scripts: it speaks TLS, keeps cookies, sends forms as browsers
//! do, and follows redirects.

#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use preau_web::{Config, serve};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

/// A page process with its supervisor.
pub struct Site {
    pub https: SocketAddr,
    pub http: SocketAddr,
    tls: TlsConnector,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION)?.to_str().ok()
    }

    /// What a browser would send of the form `id` if nobody touched it: its hidden
    /// fields and ticks, in their order.
    #[track_caller]
    pub fn form(&self, id: &str) -> Vec<(String, String)> {
        let start = self.body.find(&format!("<form id=\"{id}\"")).unwrap();
        let form = &self.body[start..];
        let form = &form[..form.find("</form>").unwrap()];
        form.split("<input ")
            .skip(1)
            .map(|tag| tag.split('>').next().unwrap())
            .filter(|tag| tag.contains("type=\"hidden\"") || tag.contains(" checked"))
            .map(|tag| (attribute(tag, "name"), attribute(tag, "value")))
            .collect()
    }

    #[track_caller]
    pub fn has(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "no {text:?} in:\n{}", self.body);
        self
    }

    #[track_caller]
    pub fn has_not(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} in:\n{}", self.body);
        self
    }
}

impl Site {
    /// The pages of the supervisor that listens on `socket`, in front of everybody
    /// who trusts the authority at the end of `certificate`.
    pub async fn open(socket: PathBuf, certificate: PathBuf, key: PathBuf) -> Self {
        let authority = CertificateDer::pem_file_iter(&certificate)
            .unwrap()
            .last()
            .unwrap()
            .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let config = Config {
            https: ([127, 0, 0, 1], 0).into(),
            http: ([127, 0, 0, 1], 0).into(),
            socket,
            certificate,
            key,
        };
        let (tell, told) = oneshot::channel();
        tokio::spawn(serve(config, |https, http| {
            tell.send((https, http)).unwrap();
        }));
        let (https, http) = told.await.unwrap();
        Self {
            https,
            http,
            tls: TlsConnector::from(Arc::new(client)),
        }
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.https).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = self.tls.connect(name, stream).await.unwrap();
        exchange(TokioIo::new(stream), request).await
    }

    /// The body of an answer that does not end.
    pub async fn stream(&self, request: Request<Full<Bytes>>) -> hyper::body::Incoming {
        let stream = TcpStream::connect(self.https).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = self.tls.connect(name, stream).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.into_body()
    }

    pub async fn send_plainly(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.http).await.unwrap();
        exchange(TokioIo::new(stream), request).await
    }

    pub fn browser(&self, language: &'static str) -> Browser<'_> {
        Browser {
            site: self,
            language,
            cookies: BTreeMap::new(),
        }
    }
}

async fn exchange(
    stream: impl hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Answer {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let start = tag.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
    tag[start..].split('"').next().unwrap().to_owned()
}

/// A request as the bare protocol has it.
pub fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "preau.local")
}

/// Somebody at a browser.
pub struct Browser<'a> {
    site: &'a Site,
    pub language: &'static str,
    pub cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    /// Opens an address, and where it leads to.
    pub async fn open(&mut self, path: &str) -> (String, Answer) {
        let mut path = path.to_owned();
        loop {
            let answer = self.exchange(Method::GET, &path, None).await;
            match answer.location() {
                Some(next) => path = next.to_owned(),
                None => return (path, answer),
            }
        }
    }

    /// Sends a form, and follows where it leads to.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (String, Answer) {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
            .collect();
        let answer = self
            .exchange(Method::POST, path, Some(body.join("&")))
            .await;
        match answer.location() {
            Some(next) => {
                let next = next.to_owned();
                self.open(&next).await
            }
            None => (path.to_owned(), answer),
        }
    }

    /// Sends the form `id` of `page` as it is, with `more`.
    pub async fn submit(
        &mut self,
        path: &str,
        page: &Answer,
        id: &str,
        more: &[(&str, &str)],
    ) -> (String, Answer) {
        let form = page.form(id);
        let own = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        self.post(path, &fields).await
    }

    async fn exchange(&mut self, method: Method, path: &str, body: Option<String>) -> Answer {
        let mut asked = request(method, path).header(header::ACCEPT_LANGUAGE, self.language);
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            asked = asked.header(header::COOKIE, cookies.join("; "));
        }
        if body.is_some() {
            asked = asked
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Bytes::from(body.unwrap_or_default());
        let answer = self.site.send(asked.body(Full::new(body)).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
