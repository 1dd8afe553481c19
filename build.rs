//! Tells the linker where the executable finds libtorch when it runs, and gives Windows' its icon.
//!
//! On Linux first beside the executable (`lib/`), then where packages put it (`../lib/harmonium/`),
//! and last the libtorch that this build used, so that `cargo run` and `cargo test` need no
//! environment. A release leaves the last one out (HARMONIUM_RELEASE=1). macOS the same, with the
//! folder of an application bundle. Windows looks beside the executable by itself.

fn main() {
    println!("cargo:rerun-if-env-changed=HARMONIUM_RELEASE");
    // For Help → About; src/ui/panels/about.rs reads it. Packaging may name it.
    println!("cargo:rerun-if-env-changed=HARMONIUM_COMMIT");
    name_commit();
    let folders: &[&str] = match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => &["$ORIGIN/lib", "$ORIGIN/../lib/harmonium"],
        Ok("macos") => &["@executable_path/../Frameworks", "@executable_path/../lib/harmonium"],
        _ => &[],
    };
    for folder in folders {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
    let is_release = std::env::var_os("HARMONIUM_RELEASE").is_some();
    if let (false, false, Ok(libtorch)) =
        (folders.is_empty(), is_release, std::env::var("DEP_TCH_LIBTORCH_LIB"))
    {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}");
    }
    #[cfg(windows)]
    resources();
}

/// Icon, version block and manifest (sharp on every screen, long paths, UTF-8).
#[cfg(windows)]
fn resources() {
    const ICON: &str = "packaging/icons/harmonium.ico";
    const MANIFEST: &str = "packaging/windows/harmonium.manifest";
    for file in [ICON, MANIFEST] {
        println!("cargo:rerun-if-changed={file}");
    }
    let mut resource = winresource::WindowsResource::new();
    resource
        .set_icon(ICON)
        .set_manifest_file(MANIFEST)
        .set("ProductName", "Harmonium")
        .set("FileDescription", "Harmonium")
        .set("LegalCopyright", "The Harmonium developers, MIT or Apache-2.0");
    if let Err(error) = resource.compile() {
        println!("cargo:warning=the .exe has no icon: {error}");
    }
}

/// A release says which commit it is of, unless its sources came without one. Other builds do not,
/// because they would be compiled anew after every commit.
fn name_commit() {
    let is_release = std::env::var_os("HARMONIUM_RELEASE").is_some();
    if std::env::var_os("HARMONIUM_COMMIT").is_some() || !is_release {
        return;
    }
    let git = std::process::Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    if let Ok(answer) = git
        && answer.status.success()
    {
        let commit = String::from_utf8_lossy(&answer.stdout);
        println!("cargo:rustc-env=HARMONIUM_COMMIT={}", commit.trim());
    }
}
