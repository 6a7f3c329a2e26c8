//! The screens of the window, which of them is open, and what the window shows then.

pub mod about;
pub mod explain_error;
pub mod history;
pub mod network;
pub mod presenter;
pub mod settings;
pub mod welcome;

/// What is open. One at a time, so that none needs to know which others to close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// The selected conversation, or the welcome where there is none. It is never closed.
    #[default]
    Conversation,
    /// The settings: beside the conversation, or in its place where there is no room beside it.
    Settings,
    /// Past sessions, in the conversation's place.
    History,
    /// This computer's network, in the conversation's place.
    Network,
    /// The version and the licences, in the conversation's place.
    About,
    /// What an error means that a program printed, in the conversation's place.
    ExplainError,
}

impl Screen {
    /// Whether it takes the conversation's place however wide the window is. The projected window has no room for it.
    #[must_use]
    pub const fn is_in_its_place(self) -> bool {
        match self {
            Self::History | Self::Network | Self::About | Self::ExplainError => true,
            Self::Conversation | Self::Settings => false,
        }
    }
}

/// How much of the window the inspector takes where it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectorSize {
    /// None.
    Folded,
    /// Its side of the window; where that is narrow, the conversation's place.
    Beside,
    /// All of it, without the sidebar.
    Whole,
}

/// What the window shows in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middle {
    /// A screen.
    Screen(Screen),
    /// The inspector.
    Inspector,
}

/// What the window shows on the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// The settings.
    Settings,
    /// The inspector.
    Inspector,
}

/// What the window shows, unless it is the projected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Whether there is a sidebar on the left.
    pub sidebar: bool,
    /// In the middle.
    pub middle: Middle,
    /// On the right.
    pub right: Option<Right>,
}

/// The screen that is open, and whether the window is the projected one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    screen: Screen,
    /// The projected window has room for the settings beside it, and for no other screen.
    projecting: bool,
}

impl Stage {
    /// Whether the window is the projected one.
    #[must_use]
    pub fn is_projecting(self) -> bool {
        self.projecting
    }

    /// Whether this screen is in sight.
    #[must_use]
    pub fn shows(self, screen: Screen) -> bool {
        self.screen == screen && !(self.projecting && screen.is_in_its_place())
    }

    /// Open a screen, in place of the one that is open. What the projected window has no room for ends it.
    pub fn open(&mut self, screen: Screen) {
        self.screen = screen;
        self.projecting &= !screen.is_in_its_place();
    }

    /// Open a screen, or close it if it is in sight.
    pub fn toggle(&mut self, screen: Screen) {
        if self.shows(screen) {
            self.close();
        } else {
            self.open(screen);
        }
    }

    /// Close what is open.
    pub fn close(&mut self) {
        self.screen = Screen::Conversation;
    }

    /// Have the conversation in sight: close what is open in its place. The settings are beside it.
    pub fn uncover_conversation(&mut self) {
        if self.screen.is_in_its_place() {
            self.close();
        }
    }

    /// Turn the window into the projected one, or back.
    pub fn toggle_projecting(&mut self) {
        self.projecting = !self.projecting;
        if self.screen == Screen::Network {
            self.close();
        }
    }

    /// What Escape would close, if anything.
    #[must_use]
    pub fn in_front(self) -> Option<Screen> {
        (self.screen != Screen::Conversation && self.shows(self.screen)).then_some(self.screen)
    }

    /// What the window shows, unless it is the projected one. `roomy`: it is wide enough for two beside each other.
    #[must_use]
    pub fn layout(self, inspector: InspectorSize, roomy: bool) -> Layout {
        let right = match (self.screen, inspector) {
            _ if !roomy => None,
            (Screen::Settings, _) => Some(Right::Settings),
            (_, InspectorSize::Beside) => Some(Right::Inspector),
            (_, InspectorSize::Folded | InspectorSize::Whole) => None,
        };
        let middle = match (self.screen, inspector) {
            (Screen::History | Screen::Network | Screen::About | Screen::ExplainError, _) => {
                Middle::Screen(self.screen)
            }
            (Screen::Settings, _) if !roomy => Middle::Screen(Screen::Settings),
            (_, InspectorSize::Whole) => Middle::Inspector,
            (_, InspectorSize::Beside) if !roomy => Middle::Inspector,
            (Screen::Settings | Screen::Conversation, _) => Middle::Screen(Screen::Conversation),
        };
        Layout { sidebar: inspector != InspectorSize::Whole, middle, right }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(screen: Screen) -> Stage {
        Stage { screen, projecting: false }
    }

    #[test]
    fn one_screen_is_open_at_a_time() {
        let mut stage = Stage::default();
        for screen in [Screen::Settings, Screen::History, Screen::Network, Screen::Settings] {
            stage.toggle(screen);
            assert_eq!(stage.in_front(), Some(screen));
        }
        stage.toggle(Screen::Settings);
        assert_eq!(stage, Stage::default());
    }

    #[test]
    fn only_the_settings_lie_beside_what_is_projected() {
        let mut stage = stage(Screen::Settings);
        stage.toggle_projecting();
        assert!(stage.is_projecting() && stage.shows(Screen::Settings));
        stage.toggle(Screen::History);
        assert!(!stage.is_projecting() && stage.shows(Screen::History));
        stage.toggle_projecting();
        assert_eq!((stage.shows(Screen::History), stage.in_front()), (false, None));
        stage.toggle_projecting();
        assert!(stage.shows(Screen::History));
        stage.toggle(Screen::Network);
        stage.toggle_projecting();
        stage.toggle_projecting();
        assert_eq!(stage, Stage::default());
    }

    #[test]
    fn a_conversation_that_is_selected_is_not_covered_by_the_settings() {
        for (screen, left) in
            [(Screen::History, None), (Screen::Network, None), (Screen::Settings, Some(Screen::Settings))]
        {
            let mut stage = stage(screen);
            stage.uncover_conversation();
            assert_eq!(stage.in_front(), left);
        }
    }

    #[test]
    fn what_has_no_room_beside_the_conversation_takes_its_place() {
        use InspectorSize::{Beside, Folded, Whole};
        use Screen::{Conversation, History, Network, Settings};
        let layout = |screen, inspector, roomy| {
            let Layout { sidebar, middle, right } = stage(screen).layout(inspector, roomy);
            (sidebar, middle, right)
        };
        for (screen, inspector, roomy, expected) in [
            (Conversation, Folded, true, (true, Middle::Screen(Conversation), None)),
            (Conversation, Beside, true, (true, Middle::Screen(Conversation), Some(Right::Inspector))),
            (Conversation, Beside, false, (true, Middle::Inspector, None)),
            (Conversation, Whole, true, (false, Middle::Inspector, None)),
            (Settings, Beside, true, (true, Middle::Screen(Conversation), Some(Right::Settings))),
            (Settings, Beside, false, (true, Middle::Screen(Settings), None)),
            (Settings, Whole, true, (false, Middle::Inspector, Some(Right::Settings))),
            (History, Beside, true, (true, Middle::Screen(History), Some(Right::Inspector))),
            (History, Folded, false, (true, Middle::Screen(History), None)),
            (Network, Beside, false, (true, Middle::Screen(Network), None)),
        ] {
            assert_eq!(layout(screen, inspector, roomy), expected, "{screen:?} {inspector:?} {roomy}");
        }
    }
}
