//! Built and run before the program: for Windows, puts the icon, the version and the manifest into it; for Linux, leaves
//! out of the packaged one what it has no use for.

use std::{env, error::Error, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=packaging/build.rs");
    println!("cargo::rerun-if-changed=packaging/windows/manifest.xml");
    println!("cargo::rerun-if-changed=resources/icon/sockhop.ico");
    println!("cargo::rerun-if-changed=packaging/linux/no-unwinding.ld");
    let is = |name: &str, value: &str| env::var(name).as_deref() == Ok(value);
    // Not `cfg!(windows)`: that is the system that builds.
    if is("CARGO_CFG_TARGET_OS", "windows") {
        put_resources_in()?;
    }
    // The tables for unwinding; not where the program is built for a debugger, which has a use for them.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release") && is("DEBUG", "false") {
        let script = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("packaging/linux/no-unwinding.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    }
    Ok(())
}

fn put_resources_in() -> Result<(), Box<dyn Error>> {
    let mut resource = winresource::WindowsResource::new();
    resource
        .set_icon("resources/icon/sockhop.ico")
        .set_manifest_file("packaging/windows/manifest.xml")
        .set("ProductName", "Sockhop")
        // What Windows calls the program in its list of tasks.
        .set("FileDescription", "Sockhop")
        .set("OriginalFilename", "sockhop.exe")
        .set("LegalCopyright", "MIT OR Apache-2.0");
    // Only into the program: the tests have no icon.
    resource.compile_for("sockhop")?;
    Ok(())
}
