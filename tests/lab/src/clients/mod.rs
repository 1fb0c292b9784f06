//! What a school drives the box with: HTTPS, Windows file sharing, a browser.

pub mod browser;
pub mod nas;
pub mod smb;
