//! A real Chromium, driven through WebDriver as a person's hands would.
//!
//! The browser resolves `preau.local` to the forwarded port and trusts the box's
//! own key and no other (by the hash of its public key), so that the page is seen
//! as by somebody who installed the box's authority. Screens are set to a phone's
//! or a desk's size through Chromium's DevTools, because a headless window cannot
//! be as narrow as a phone.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::nas::NAME;
use crate::{
    machine::free_ports,
    process::{Service, run},
    tools,
    wait::{Look, secs, wait_until},
};

/// A screen's size in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Screen {
    /// A phone held upright.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
    };
    /// A window on a desk.
    pub const DESK: Self = Self {
        width: 1280,
        height: 900,
    };
}

/// A browser with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    driver: u16,
    https: u16,
    evidence: PathBuf,
    _service: Service,
}

impl Browser {
    /// Starts Chromium for the box that is reached at `https`; its profile and log
    /// go to `folder`. `certificate` is the box's server certificate in PEM.
    pub async fn start(folder: &Path, https: u16, certificate: &Path) -> Result<Self> {
        let folder = folder.join("browser");
        std::fs::create_dir_all(&folder)?;
        let [driver] = free_ports()?;
        let mut service = Service::start(
            tools::CHROMEDRIVER,
            [format!("--port={driver}")],
            &folder,
            &folder.join("driver.log"),
        )?;
        let capabilities = capabilities(&folder, &public_key_hash(certificate).await?);
        let address = format!("http://127.0.0.1:{driver}");
        let client = wait_until("the browser to start", secs(90), || async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            Ok(match builder.connect(&address).await {
                Ok(client) => Look::Found(client),
                Err(error) => Look::NotYet(error.to_string()),
            })
        })
        .await;
        let client = match client {
            Ok(client) => client,
            Err(error) => {
                service.check_alive()?;
                return Err(error);
            }
        };
        let browser = Self {
            client,
            driver,
            https,
            evidence: folder,
            _service: service,
        };
        browser.show_on(Screen::DESK).await?;
        Ok(browser)
    }

    /// Opens a page of the box.
    pub async fn open(&self, path: &str) -> Result<()> {
        let address = format!("https://{NAME}:{}{path}", self.https);
        self.client
            .goto(&address)
            .await
            .with_context(|| format!("opening {address}"))
    }

    /// The path of the page that is open.
    pub async fn path(&self) -> Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// All text that can be read on the page.
    pub async fn text(&self) -> Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Waits until the page shows a text.
    pub async fn wait_for_text(&self, wanted: &str, limit: Duration) -> Result<()> {
        wait_until(&format!("the page to say {wanted:?}"), limit, || async {
            // The page may be replaced while it is read.
            let text = self
                .text()
                .await
                .unwrap_or_else(|error| format!("unreadable: {error:#}"));
            Ok(if text.contains(wanted) {
                Look::Found(())
            } else {
                Look::NotYet(text)
            })
        })
        .await
    }

    /// Types into the field called `name`, in place of what is there.
    pub async fn fill(&self, name: &str, value: &str) -> Result<()> {
        let field = self.field(name).await?;
        field.clear().await?;
        field
            .send_keys(value)
            .await
            .with_context(|| format!("typing into {name}"))
    }

    /// Chooses an option of a list by its value.
    pub async fn select(&self, name: &str, value: &str) -> Result<()> {
        self.field(name)
            .await?
            .select_by_value(value)
            .await
            .with_context(|| format!("choosing {value} in {name}"))
    }

    /// Ticks a box or a choice.
    pub async fn tick(&self, css: &str) -> Result<()> {
        let field = self.find(css).await?;
        if !field.is_selected().await? {
            field
                .click()
                .await
                .with_context(|| format!("ticking {css}"))?;
        }
        Ok(())
    }

    /// Presses the button, or follows the link, that does `action`.
    pub async fn act(&self, action: &str) -> Result<()> {
        let element = self.find(&format!("[data-action=\"{action}\"]")).await?;
        element
            .click()
            .await
            .with_context(|| format!("pressing {action}"))
    }

    /// Waits until the page of a step of the set-up is open.
    pub async fn at_step(&self, step: &str) -> Result<()> {
        self.wait_for(&format!("main[data-step=\"{step}\"]")).await
    }

    /// Waits until the page has what a CSS selector names.
    pub async fn wait_for(&self, css: &str) -> Result<()> {
        self.wait_for_within(css, secs(30)).await
    }

    /// The same with a limit of its own.
    pub async fn wait_for_within(&self, css: &str, limit: Duration) -> Result<()> {
        wait_until(&format!("the page to have {css}"), limit, || async {
            Ok(match self.client.find(Locator::Css(css)).await {
                Ok(_) => Look::Found(()),
                Err(_) => Look::NotYet(self.seen().await),
            })
        })
        .await
    }

    /// Opens a part of the page that is folded at first.
    pub async fn unfold(&self, css: &str) -> Result<()> {
        let part = self.find(css).await?;
        if part.attr("open").await?.is_none() {
            self.find(&format!("{css} > summary"))
                .await?
                .click()
                .await?;
        }
        Ok(())
    }

    /// The page in words, for an error; it may be replaced while it is read.
    async fn seen(&self) -> String {
        let path = self.path().await.unwrap_or_else(|error| error.to_string());
        let text = self
            .text()
            .await
            .unwrap_or_else(|error| format!("unreadable: {error:#}"));
        format!("{path}: {text}")
    }

    /// The first element for a CSS selector; an error shows the page's text.
    pub async fn find(&self, css: &str) -> Result<Element> {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => Ok(element),
            Err(error) => bail!(
                "{css} is not on {} ({error}):\n{}",
                self.path().await?,
                self.text().await?
            ),
        }
    }

    /// All elements for a CSS selector.
    pub async fn find_all(&self, css: &str) -> Result<Vec<Element>> {
        Ok(self.client.find_all(Locator::Css(css)).await?)
    }

    async fn field(&self, name: &str) -> Result<Element> {
        self.find(&format!("[name=\"{name}\"]")).await
    }

    /// Shows the page on a screen of another size.
    pub async fn show_on(&self, screen: Screen) -> Result<()> {
        let size = json!({
            "width": screen.width, "height": screen.height,
            "deviceScaleFactor": 1, "mobile": screen == Screen::PHONE,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await
            .map(drop)
    }

    /// Takes a picture of the whole page as PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let options = json!({"format": "png", "captureBeyondViewport": true});
        let taken = self.devtools("Page.captureScreenshot", options).await?;
        Ok(BASE64.decode(taken["data"].as_str().context("a picture without data")?)?)
    }

    /// Keeps a picture and the page's source beside the other evidence.
    #[expect(
        clippy::disallowed_methods,
        reason = "evidence of a failure: nothing depends on it"
    )]
    pub async fn keep_evidence(&self, name: &str) -> Result<()> {
        std::fs::write(
            self.evidence.join(format!("{name}.png")),
            self.picture().await?,
        )?;
        std::fs::write(
            self.evidence.join(format!("{name}.html")),
            self.client.source().await?,
        )?;
        Ok(())
    }

    /// Runs a script in the page and returns its value.
    pub async fn script(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, vec![]).await?)
    }

    /// Ends the browser.
    pub async fn close(self) -> Result<()> {
        self.client.close().await.context("closing the browser")
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let session = self
            .client
            .session_id()
            .await?
            .context("the browser has no session")?;
        let address = format!(
            "http://127.0.0.1:{}/session/{session}/goog/cdp/execute",
            self.driver
        );
        let answer: Value = reqwest::Client::builder()
            .no_proxy()
            .timeout(secs(60))
            .build()?
            .post(address)
            .json(&json!({"cmd": command, "params": parameters}))
            .send()
            .await?
            .error_for_status()
            .with_context(|| format!("asking the browser for {command}"))?
            .json()
            .await?;
        Ok(answer["value"].clone())
    }
}

fn capabilities(folder: &Path, key: &str) -> serde_json::Map<String, Value> {
    let arguments = [
        "--headless=new".to_owned(),
        // Root has no other way, and the page that it opens is ours.
        "--no-sandbox".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        "--hide-scrollbars".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--lang=fr".to_owned(),
        "--accept-lang=fr".to_owned(),
        format!("--user-data-dir={}", folder.join("profile").display()),
        format!("--host-resolver-rules=MAP {NAME} 127.0.0.1"),
        format!("--ignore-certificate-errors-spki-list={key}"),
    ];
    let options = json!({
        "goog:chromeOptions": {
            "binary": tools::CHROMIUM, "args": arguments,
            "prefs": {"intl.accept_languages": "fr"},
        },
    });
    match options {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

/// Base64 of the SHA-256 of a certificate's public key, as Chromium names keys.
async fn public_key_hash(certificate: &Path) -> Result<String> {
    let path = certificate.to_string_lossy();
    let pem = run(
        tools::OPENSSL,
        ["x509", "-in", &path, "-noout", "-pubkey"],
        secs(10),
    )
    .await?;
    let body: String = String::from_utf8(pem)?
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    Ok(BASE64.encode(Sha256::digest(BASE64.decode(body)?)))
}
