//! Whole Sockhops in network namespaces, as `lan.py` plays them.

use std::{path::Path, process::Command};

use crate::measured::sockhop;

/// What `lan.py` measures, with windows on that screen. Where that can't be, it says why.
pub fn play(scenario: &str, count: u64, display: Option<&str>) -> Option<serde_json::Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/lan.py");
    // In a namespace of one user avahi can't be another one than root.
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout == b"0\n");
    let apart = if is_root { "-nm" } else { "-Urnm" };
    let mut unshare = Command::new("unshare");
    unshare.args([apart, "--kill-child", "sh", "-c", "ip link set lo up && exec python3 -B \"$0\" \"$1\" \"$2\""]);
    unshare.arg(script).args([scenario, &count.to_string()]).env("SOCKHOP", sockhop().get_program());
    if let Some(display) = display {
        unshare.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
    }
    let played = unshare.output();
    let why = match &played {
        Ok(played) if played.status.success() => return serde_json::from_slice(&played.stdout).ok(),
        Ok(played) => String::from_utf8_lossy(&played.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    println!("not measured: {scenario} in namespaces: {why}");
    None
}
