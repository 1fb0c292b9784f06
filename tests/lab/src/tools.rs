//! Where the lab's programs are: fixed paths of the Debian 13 packages that
//! `cargo xtask` installs in its root. Nothing is looked up in `PATH`, so that
//! a missing program is an error that names it.

/// QEMU for the arm64 board (`qemu-system-arm`).
pub const QEMU: &str = "/usr/bin/qemu-system-aarch64";
/// Makes card overlays (`qemu-utils`).
pub const QEMU_IMG: &str = "/usr/bin/qemu-img";
/// Ties a child's life to its parent's (`util-linux`).
pub const SETPRIV: &str = "/usr/bin/setpriv";
/// Shows a folder in a second place (`mount`).
pub const MOUNT: &str = "/usr/bin/mount";
/// Copies sparse files as sparse files (`coreutils`).
pub const CP: &str = "/usr/bin/cp";
/// Issues the lab's certificates (`openssl`).
pub const OPENSSL: &str = "/usr/bin/openssl";
/// The mail server (`exim4-daemon-light`).
pub const EXIM: &str = "/usr/sbin/exim4";
/// The client of the school's computers (`smbclient`).
pub const SMBCLIENT: &str = "/usr/bin/smbclient";
/// A server that keeps copies (`openssh-server`).
pub const SSHD: &str = "/usr/sbin/sshd";
/// Makes and shows its keys (`openssh-client`).
pub const SSH_KEYGEN: &str = "/usr/bin/ssh-keygen";
/// Reads what the box wrote (`restic`).
pub const RESTIC: &str = "/usr/bin/restic";
/// The browser (`chromium`).
pub const CHROMIUM: &str = "/usr/bin/chromium";
/// Its WebDriver (`chromium-driver`).
pub const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
