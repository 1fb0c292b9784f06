//! The stories are in `tests/stories`: what a school lives through with its box,
//! told on the release image in QEMU and through its front door. `cargo xtask test`
//! runs them; each starts a machine of its own and keeps its evidence when it fails.
