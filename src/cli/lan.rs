//! `sockhop nearby`, `lan`, `say` and `verify`.

use std::path::PathBuf;

use clap::Args;

use crate::lan::{BEACON_PORT, LAN_PORT};

/// `sockhop nearby`
#[derive(Clone, Debug, Args)]
pub struct NearbyArgs {
    /// How long to look, in seconds
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,

    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// `sockhop lan`
#[derive(Clone, Debug, Args)]
pub struct LanArgs {
    /// What others see; this computer’s name by default
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// `sockhop say`
#[derive(Clone, Debug, Args)]
pub struct SayArgs {
    /// The person’s name, or the id that `nearby --json` prints
    #[arg(value_name = "NAME")]
    pub person: String,

    /// The text; it may have many lines
    #[arg(value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub said: String,

    /// How long to wait until it is delivered, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub wait: u64,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// `sockhop verify`
#[derive(Clone, Debug, Args)]
pub struct VerifyArgs {
    /// The person’s name, or the id that `nearby --json` prints
    #[arg(value_name = "NAME")]
    pub person: String,

    /// Where to be on this network.
    #[command(flatten)]
    pub ports: PortArgs,
}

/// Where to be on this network.
#[derive(Clone, Debug, Args)]
pub struct PortArgs {
    /// TCP port where encrypted links are taken; any free one if it is in use
    #[arg(long, value_name = "PORT", default_value_t = LAN_PORT)]
    pub lan_port: u16,

    /// UDP port of beacons; only those with the same one find each other
    #[arg(long, value_name = "PORT", default_value_t = BEACON_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub beacon_port: u16,

    /// Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them
    #[arg(long, value_name = "FILE")]
    pub tls_keys: Option<PathBuf>,
}
