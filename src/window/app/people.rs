//! Being on this network: who we are and whether we are seen follow the settings; what is asked of people is carried out.

use egui::Context;

use super::{App, dialog::Dialog};
use crate::{
    chat::{PersonColour, PersonId, Presence},
    core::{Comparing, Input, Key, PeopleInput, ServerState, Visibility},
    driver::{self, LanPorts},
    lan::Me,
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

/// What the rest of the program was told of us.
#[derive(Debug, Default)]
pub(super) struct OnLan {
    pub(super) ports: LanPorts,
    /// What this computer is called.
    computer: String,
    /// It was asked for that we are seen, with this said of us; none, if it was not.
    me: Option<Me>,
    presence: Presence,
}

impl OnLan {
    pub(super) fn new(ports: LanPorts) -> Self {
        Self { ports, computer: driver::computer_name(), ..Self::default() }
    }
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
            }
        }
    }

    /// The core that is held still has been told already what the settings say.
    pub(super) fn is_seen_already(&mut self) {
        self.lan.me = (self.settings.visible == Visible::On).then(|| self.me());
    }

    fn appear(&mut self) {
        let me = self.me();
        self.lan.me = Some(me.clone());
        self.driver.appear(self.folder.as_ref(), &self.settings, me, self.lan.ports);
    }

    /// The addresses of this computer have changed, or which interfaces are to be used.
    pub(super) fn lan_interfaces_changed(&mut self) {
        if self.lan.me.is_some() {
            self.driver.interfaces_changed(&self.settings);
        }
    }

    /// What is said of us.
    fn me(&self) -> Me {
        Me {
            presence: self.lan.presence,
            door: match self.core().server().state {
                ServerState::Listening { local, .. } => Some(local),
                // They would connect.
                ServerState::Starting(_) | ServerState::Stopped | ServerState::Bound { .. } => None,
            },
            ..driver::me(&self.settings, &self.lan.computer)
        }
    }

    pub(super) fn me_action(&mut self, ctx: &Context, action: me::Action) {
        match action {
            me::Action::Be(presence) => self.lan.presence = presence,
            me::Action::AskName => {
                self.front.dialog = Some(Dialog::Me(MeDialog::new(self.me().name, self.settings.lan_colour)));
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
        let mut settings = Settings { visible, ..self.settings.clone() };
        if self.settings.visible == Visible::Unanswered && settings.lan_colour == 0 {
            // The computers of a room differ in their names, so do their first colours.
            let sum: u32 = self.lan.computer.bytes().map(u32::from).sum();
            settings.lan_colour = (sum % u32::from(PersonColour::COUNT)) as u8;
        }
        self.set_settings(ctx, settings);
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

    /// A frame was drawn: what goes over the wire of a link is reported while it is in sight.
    pub(super) fn watch_link(&mut self) {
        let watched = self.screens.inspector.bytes.take_watched();
        if self.core().people().wire().with() != watched {
            self.change(Input::People(PeopleInput::Watch(watched)));
        }
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
