//! The pages in front of the fake.

#![allow(dead_code, missing_docs)]

use crate::browser::Site;
use crate::fake::{Fake, Folder, Scene, make_certificate};
use std::ops::Deref;

/// The pages, and the fake behind them.
pub struct FakeSite {
    pub fake: Fake,
    site: Site,
    _folder: Folder,
}

impl Deref for FakeSite {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// The pages of a box like `scene`.
pub async fn open(scene: Scene) -> FakeSite {
    start(scene, |fake, folder| {
        fake.listen(&folder.path().join("api.sock"))
    })
    .await
}

/// The pages of a box whose supervisor does not answer.
pub async fn alone(scene: Scene) -> FakeSite {
    start(scene, |_, _| ()).await
}

async fn start(scene: Scene, listen: impl FnOnce(&Fake, &Folder)) -> FakeSite {
    let folder = Folder::new();
    let fake = Fake::new(scene);
    listen(&fake, &folder);
    let (certificate, key) = make_certificate(folder.path());
    let socket = folder.path().join("api.sock");
    FakeSite {
        fake,
        site: Site::open(socket, certificate, key).await,
        _folder: folder,
    }
}
