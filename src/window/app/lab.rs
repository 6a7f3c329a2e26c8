//! Labs: the list of them, and what the user asks of the one that runs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{App, dialog::Dialog};
use crate::{
    core::{
        Input, Key, LabInput, NoticeKind,
        labs::{self, DamagedLab, Lab, LabPlace},
    },
    host::{self, HandOut},
    net::ConnId,
    window::parts::lab::{self, LabList},
};

/// The labs there are.
#[derive(Debug, Default)]
pub(super) struct Labs {
    /// All labs that can be used, in their order.
    pub(super) all: Vec<Lab>,
    /// Damaged files that were reported to the user.
    reported: Vec<DamagedLab>,
    /// Whether the inspector showed before the lab that runs opened it.
    inspector_before: Option<bool>,
}

impl Labs {
    /// The user has chosen whether the inspector shows: it stays so after the lab.
    pub(super) fn inspector_was_chosen(&mut self) {
        self.inspector_before = None;
    }
}

impl App {
    /// Read the labs: those that come with the program, and those in the data folder, which may replace them.
    pub(super) fn read_labs(&mut self) {
        let (mut all, mut damaged) = labs::embedded();
        if let Some(folder) = &self.folder {
            let (own, damaged_own) = labs::of_folder(&folder.labs());
            all.retain(|lab| own.iter().all(|other| other.id != lab.id));
            all.extend(own);
            all.sort_by(|a, b| labs::place_in_list(a).cmp(&labs::place_in_list(b)));
            damaged.extend(damaged_own);
        }
        for one in &damaged {
            if !self.labs.reported.contains(one) {
                let DamagedLab { file, line, why } = one.clone();
                self.change(Input::Notice(NoticeKind::LabDamaged { file, line, why }));
            }
        }
        self.labs.reported = damaged;
        self.labs.all = all;
    }

    /// Show the list of labs, or close it.
    pub(super) fn toggle_labs(&mut self) {
        if self.front.dialog.is_none() {
            self.read_labs();
            self.front.dialog = Some(Dialog::Labs(LabList::default()));
        } else {
            self.front.dialog = None;
        }
    }

    /// Begin a lab; if that stops a server with clients that are not the lab's, ask before.
    pub(super) fn start_lab(&mut self, id: &str, stop_server: bool) {
        let Some(lab) = self.labs.all.iter().find(|lab| lab.id == id).cloned() else { return };
        let strangers = self.core().strangers();
        if self.core().lab().is_none() && self.is_serving() && strangers > 0 && !stop_server {
            self.front.dialog = Some(Dialog::Labs(LabList::asking(lab.id, strangers)));
            return;
        }
        self.front.dialog = None;
        self.uncover_conversation();
        self.begin_lab(lab);
    }

    pub(super) fn lab_action(&mut self, action: lab::Action) {
        match action {
            lab::Action::DoStep => {
                let phrases = self.student_phrases();
                self.change(Input::Lab(LabInput::Do(phrases)));
            }
            lab::Action::Next if self.core().lab().is_some_and(|lab| lab.progress.is_last()) => self.leave_lab(),
            lab::Action::NextLab => {
                let running = self.core().lab();
                let next = running.and_then(|lab| lab::next_lab(&self.labs.all, &lab.progress.lab)).cloned();
                if let Some(next) = next {
                    self.begin_lab(next);
                }
            }
            lab::Action::Next => {
                self.change(Input::Lab(LabInput::Next));
                self.look_where_the_step_says();
            }
            lab::Action::Back => {
                self.change(Input::Lab(LabInput::Back));
                self.look_where_the_step_says();
            }
            lab::Action::Restart => {
                if let Some(lab) = self.core().lab().map(|running| running.progress.lab.clone()) {
                    self.begin_lab(lab);
                }
            }
            lab::Action::Leave => self.leave_lab(),
            lab::Action::ShowTab(tab) => self.show_tab(tab),
            lab::Action::ShowBytes(key, entry) => self.show_bytes(key, entry),
        }
    }

    fn begin_lab(&mut self, lab: Lab) {
        let free = if self.machine.is_still { Ok(self.settings.port) } else { host::free_port(self.settings.port) };
        let port = free.unwrap_or_else(|error| {
            tracing::warn!("no free port: {error}");
            self.settings.port
        });
        let lan = match host::hand_out(&self.machine.interfaces, Ipv4Addr::UNSPECIFIED.into()) {
            HandOut::Address(ip) => ip,
            _ => IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)),
        };
        self.change(Input::Lab(LabInput::Start(Box::new(lab), LabPlace { port, lan })));
        // Beside what is said in the lab, for as long as it runs.
        self.labs.inspector_before.get_or_insert(self.settings.inspector);
        self.settings.inspector = true;
        self.look_where_the_step_says();
    }

    /// Opens the tab that the step speaks of, unless the user has folded the inspector.
    fn look_where_the_step_says(&mut self) {
        let look = self.core().lab().and_then(|lab| lab.progress.step()).and_then(|step| step.look);
        if let Some(tab) = look.map(lab::tab)
            && (self.settings.inspector || self.screens.stage.is_projecting())
        {
            // The latest message, not one that was chosen before.
            self.selection.inspected_message = None;
            self.show_tab(tab);
        }
    }

    fn leave_lab(&mut self) {
        // Where it listened before, core knows.
        let anywhere = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.settings.port);
        let listen = self.listen_options(anywhere);
        self.change(Input::Lab(LabInput::Leave(listen)));
        if let Some(before) = self.labs.inspector_before.take() {
            self.settings.inspector = before;
            self.save_settings();
        }
        if self.is_serving() {
            self.screens.settings.started(self.settings.clone());
        }
    }

    /// While a lab runs, whoever was accepted last is what it is about.
    pub(super) fn follow_lab(&mut self, conn: ConnId) {
        let Some(lab) = self.core().lab() else { return };
        let selected = self.selection.conversation;
        let made = matches!(selected, Key::Conn(conn) if lab.made(conn));
        let over = self.core().conversation(selected).is_none_or(|end| end.state.is_over());
        if !made || over {
            self.select(Key::Conn(conn));
        }
    }

    /// Remember the lab that was done to its end.
    pub(super) fn note_lab_done(&mut self) {
        let Some(lab) = self.core().lab().filter(|lab| lab.progress.is_all_done()) else { return };
        let id = lab.progress.lab.id.clone();
        if !self.settings.labs_done.contains(&id) {
            self.settings.labs_done.push(id);
            self.save_settings();
        }
    }
}
