//! Being on this network: who we are and whether we are seen follow the settings; what is asked of people is carried out.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
};

use egui::Context;

use super::{App, dialog::Dialog};
use crate::{
    chat::{PersonColour, PersonId, Presence, person_name},
    core::{Comparing, Input, Key, PeopleInput, ServerState, Unable, Visibility},
    host,
    lan::{self, Identity, Me, Options},
    private_file,
    settings::{Settings, Visible},
    window::{
        parts::{
            me::{self, MeDialog},
            people_dialogs::{self, ForgetDialog, VerifyDialog},
            person_menu,
        },
        request::PersonRequest,
        screen::Screen,
    },
};

/// The most bytes that a file with a key has.
const LONGEST_KEY: u64 = 4096;

/// Where links are taken and beacons go, if not on the usual ports: two Sockhops on one computer are told to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanPorts {
    /// Where links are taken; 0 for any.
    pub links: u16,
    /// Where beacons go and come.
    pub beacons: u16,
}

impl Default for LanPorts {
    fn default() -> Self {
        Self { links: lan::LAN_PORT, beacons: lan::BEACON_PORT }
    }
}

/// What the rest of the program was told of us.
#[derive(Debug, Default)]
pub(super) struct OnLan {
    pub(super) ports: LanPorts,
    /// It was asked for that we are seen, with this said of us; none, if it was not.
    me: Option<Me>,
    interfaces: Vec<lan::Interface>,
    presence: Presence,
}

impl App {
    /// Has what is said of us, and whether we are seen, follow the settings, the server and this computer's addresses.
    pub(super) fn follow_lan(&mut self) {
        let wanted = self.settings.visible == Visible::On;
        match (wanted, &self.lan.me) {
            (false, None) => {}
            (false, Some(_)) => {
                self.lan.me = None;
                self.change(Input::People(PeopleInput::Disappear));
            }
            (true, None) => self.appear(),
            (true, Some(before)) => {
                let me = self.me();
                if *before != me {
                    self.lan.me = Some(me.clone());
                    self.change(Input::People(PeopleInput::Me(Box::new(me))));
                }
                let interfaces = self.lan_interfaces();
                if self.lan.interfaces != interfaces {
                    self.lan.interfaces.clone_from(&interfaces);
                    self.change(Input::People(PeopleInput::Interfaces(interfaces)));
                }
            }
        }
    }

    fn appear(&mut self) {
        let me = self.me();
        self.lan.me = Some(me.clone());
        let identity = match &self.folder {
            None => Err(Unable::NoFolder),
            Some(folder) => identity(&folder.identity()).map_err(|error| Unable::NoIdentity { why: error.to_string() }),
        };
        let asked = match identity {
            Err(why) => PeopleInput::Unable(why),
            Ok(identity) => {
                let interfaces = self.lan_interfaces();
                self.lan.interfaces.clone_from(&interfaces);
                let (lan_port, beacon_port) = (self.lan.ports.links, self.lan.ports.beacons);
                PeopleInput::Appear(Box::new(Options { identity, me, interfaces, lan_port, beacon_port }))
            }
        };
        self.change(Input::People(asked));
    }

    /// What is said of us.
    fn me(&self) -> Me {
        Me {
            name: own_name(&self.settings),
            colour: PersonColour::new(self.settings.lan_colour),
            presence: self.lan.presence,
            door: match self.core().server().state {
                ServerState::Listening { local, .. } => Some(local),
                ServerState::Starting(_) | ServerState::Stopped => None,
            },
            receipts: self.settings.read_receipts,
        }
    }

    fn lan_interfaces(&self) -> Vec<lan::Interface> {
        Vec::new()
    }

    pub(super) fn me_action(&mut self, ctx: &Context, action: me::Action) {
        match action {
            me::Action::Be(presence) => self.lan.presence = presence,
            me::Action::AskName => {
                self.front.dialog = Some(Dialog::Me(MeDialog::new(own_name(&self.settings), self.settings.lan_colour)));
            }
            me::Action::Call { name, colour } => {
                self.close_dialog();
                let settings = Settings { lan_name: name, lan_colour: colour, ..self.settings.clone() };
                self.set_settings(ctx, settings);
            }
            me::Action::SetVisible(on) => self.set_visible(ctx, on),
            me::Action::ShowNetwork => self.open(ctx, Screen::Network),
            me::Action::ShowProtection => self.front.dialog = Some(Dialog::Protection),
            me::Action::Dismiss => self.close_dialog(),
        }
    }

    /// The user says whether others see this Sockhop.
    pub(super) fn set_visible(&mut self, ctx: &Context, on: bool) {
        let visible = if on { Visible::On } else { Visible::Off };
        self.set_settings(ctx, Settings { visible, ..self.settings.clone() });
        // A network that failed is asked for once more.
        if on && matches!(self.core().people().visibility(), Visibility::Unable(_)) {
            self.lan.me = None;
        }
    }

    /// Carry out what was asked of a person.
    pub(super) fn person_request(&mut self, id: PersonId, request: PersonRequest) {
        let asked = match request {
            PersonRequest::Verify => {
                self.front.dialog = Some(Dialog::Verify(VerifyDialog::new(id)));
                // They may have begun.
                let comparing = self.core().people().get(id).and_then(crate::core::Person::comparing);
                if matches!(comparing, Some(Comparing::Begun | Comparing::Digits { .. } | Comparing::WaitsForThem(_))) {
                    return;
                }
                PeopleInput::Verify(id)
            }
            PersonRequest::StopVerifying => {
                self.close_dialog();
                PeopleInput::StopVerifying(id)
            }
            PersonRequest::Compared { same } => PeopleInput::Compared { with: id, same },
            PersonRequest::Block => PeopleInput::Block(id),
            PersonRequest::Unblock => PeopleInput::Unblock(id),
            PersonRequest::AskForget => {
                self.front.dialog = Some(Dialog::Forget(ForgetDialog::new(id)));
                return;
            }
            PersonRequest::Forget => {
                self.close_dialog();
                self.change(Input::People(PeopleInput::Forget(id)));
                let still = self.core().people().iter().any(|person| person.id() == id);
                if !still && self.selection.conversation == Key::Person(id) {
                    self.select(Key::Everyone);
                    self.selection.user_has_selected = false;
                }
                return;
            }
            PersonRequest::Accept => PeopleInput::Accept(id),
            PersonRequest::Cancel(row) => PeopleInput::Cancel { to: id, row },
        };
        self.change(Input::People(asked));
    }

    pub(super) fn person_action(&mut self, ctx: &Context, action: person_menu::Action) {
        match action {
            person_menu::Action::Ask(id, request) => self.person_request(id, request),
            person_menu::Action::Copy(text) => self.copy(ctx, text),
            person_menu::Action::AskFile(wanted) => self.ask_file(wanted),
            person_menu::Action::ShowProtection => self.front.dialog = Some(Dialog::Protection),
        }
    }

    pub(super) fn people_dialog_action(&mut self, action: people_dialogs::Action) {
        match action {
            people_dialogs::Action::Close => self.close_dialog(),
            people_dialogs::Action::Person(id, request) => self.person_request(id, request),
        }
    }

    /// Have this taken in as if it came from elsewhere, for tests.
    pub fn take_in(&mut self, input: Input) {
        self.change(input);
    }
}

/// What we call ourselves, as others may see it.
pub(super) fn own_name(settings: &Settings) -> String {
    let name = if settings.lan_name.trim().is_empty() { host::computer_name() } else { settings.lan_name.clone() };
    person_name(&name, &PersonId::default())
}

/// The key of this data folder; it is made where there is none.
fn identity(path: &Path) -> io::Result<Identity> {
    match private_file::check_plain(path) {
        Ok(()) => {
            let mut bytes = Vec::new();
            fs::File::open(path)?.take(LONGEST_KEY).read_to_end(&mut bytes)?;
            private_file::restrict(path);
            Identity::from_pkcs8(&bytes).map_err(io::Error::other)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let identity = Identity::generate().map_err(io::Error::other)?;
            let mut file = private_file::options().write(true).create_new(true).open(path)?;
            file.write_all(identity.pkcs8())?;
            file.sync_all()?;
            Ok(identity)
        }
        Err(error) => Err(error),
    }
}
