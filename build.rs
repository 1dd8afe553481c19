//! Tells the linker where the executable finds libtorch when it runs.
//!
//! First beside the executable (`lib/`, as in a portable folder), then where packages put it
//! (`../lib/harmonium/`), and last the libtorch that this build used, so that `cargo run` and
//! `cargo test` need no environment. A release leaves the last one out (HARMONIUM_RELEASE=1).

fn main() {
    println!("cargo:rerun-if-env-changed=HARMONIUM_RELEASE");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    for folder in ["$ORIGIN/lib", "$ORIGIN/../lib/harmonium"] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
    let is_release = std::env::var_os("HARMONIUM_RELEASE").is_some();
    if let (false, Ok(libtorch)) = (is_release, std::env::var("DEP_TCH_LIBTORCH_LIB")) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}");
    }
}
