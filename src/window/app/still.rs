//! A window that shows what it is given: its pictures are the same on every computer and in every run.

use egui::Context;
use jiff::tz::TimeZone;

use super::App;
use crate::{
    core::{Core, Key},
    host::{Interface, ListeningPort},
};

/// All that the window otherwise learns from the network, the history and this computer.
#[derive(Debug)]
pub struct Still {
    /// What the program knows.
    pub core: Core,
    /// The conversation that is open.
    pub selected: Key,
    /// This computer's addresses.
    pub interfaces: Vec<Interface>,
    /// The ports that this computer listens on.
    pub ports: Vec<ListeningPort>,
    /// What the system caps a backlog to.
    pub backlog_cap: Option<u32>,
    /// The time zone of times shown.
    pub zone: TimeZone,
}

impl App {
    /// Shows this, and from now on nothing that a thread reports. What is clicked and typed is done as ever.
    pub fn hold_still(&mut self, ctx: &Context, still: Still) {
        self.driver.replace_core(still.core);
        self.machine.interfaces = still.interfaces;
        self.machine.backlog_cap = still.backlog_cap;
        self.machine.zone = still.zone;
        self.machine.is_still = true;
        self.is_seen_already();
        self.screens.network.findings.ports = Some(Ok(still.ports));
        self.select(still.selected);
        ctx.request_repaint();
    }
}
