//! libFuzzer with one of the parsers' promises (`preau_host::targets`), chosen by the
//! variable `PREAU_FUZZ_TARGET`: one program for all of them, so that the whole is
//! instrumented and linked once. `cargo xtask fuzz` builds and runs it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use preau_host::targets::{Target, named};
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("PREAU_FUZZ_TARGET").unwrap_or_default();
    match named(&name) {
        Some(target) => target,
        None => panic!("PREAU_FUZZ_TARGET names no parser: {name:?}"),
    }
});

fuzz_target!(|text: &[u8]| (TARGET.read)(text));
