//! Built and run before the program: for Windows, puts the icon, the version and the manifest into it.

use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=packaging/windows/resource.rs");
    println!("cargo::rerun-if-changed=packaging/windows/manifest.xml");
    println!("cargo::rerun-if-changed=resources/icon/sockhop.ico");
    // Not `cfg!(windows)`: that is the system that builds.
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return Ok(());
    }
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
