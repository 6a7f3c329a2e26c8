//! How large X11 is told to draw: looked at before the toolkit does, which ends the program over a value that makes no
//! sense.

use x11rb::{
    protocol::xproto::{AtomEnum, ConnectionExt as _},
    resource_manager,
};

/// Overrides what the X server says.
pub const VARIABLE: &str = "WINIT_X11_SCALE_FACTOR";

/// The toolkit takes the scale from the screens where the variable says so.
const BY_SCREEN: &str = "randr";

/// Dots per inch at a scale of 1.
const DPI: f64 = 96.0;

/// What the settings of the desktop count in a dot per inch.
const PARTS_OF_DPI: f64 = 1024.0;

/// The scale that the toolkit would take, if it makes no sense: where it is set, and its value.
#[must_use]
pub fn bad() -> Option<(&'static str, String)> {
    let set = std::env::var(VARIABLE).unwrap_or_default();
    if !set.is_empty() {
        return bad_variable(&set).then_some((VARIABLE, set));
    }
    // The toolkit asks in this order. A server that does not answer is its matter.
    let (connection, screen) = x11rb::connect(None).ok()?;
    let (source, dpi) = if let Some(dpi) = of_settings(&connection, screen) {
        ("Xft/DPI", dpi)
    } else {
        let resources = resource_manager::new_from_default(&connection).ok()?;
        ("Xft.dpi", resources.get_string("Xft.dpi", "")?.parse().ok()?)
    };
    (!may_be(dpi / DPI)).then(|| (source, dpi.to_string()))
}

fn bad_variable(set: &str) -> bool {
    !set.eq_ignore_ascii_case(BY_SCREEN) && !set.parse().is_ok_and(may_be)
}

/// Whether a window can be drawn at this scale, and something be read in it.
fn may_be(scale: f64) -> bool {
    (0.25..=20.0).contains(&scale)
}

/// `Xft/DPI` of the desktop's settings: <https://specifications.freedesktop.org/xsettings-spec/latest/>.
fn of_settings(connection: &impl x11rb::connection::Connection, screen: usize) -> Option<f64> {
    let atom = |name: String| Some(connection.intern_atom(true, name.as_bytes()).ok()?.reply().ok()?.atom);
    let (selection, property) = (atom(format!("_XSETTINGS_S{screen}"))?, atom("_XSETTINGS_SETTINGS".to_owned())?);
    let owner = connection.get_selection_owner(selection).ok()?.reply().ok()?.owner;
    if owner == x11rb::NONE {
        return None;
    }
    let settings =
        connection.get_property(false, owner, property, AtomEnum::ANY, 0, u32::MAX / 4).ok()?.reply().ok()?;
    dpi(&settings.value)
}

/// The settings are a row of: type (0 is a number), name and value, each padded to four bytes.
fn dpi(settings: &[u8]) -> Option<f64> {
    let big = *settings.first()? == 1;
    let number = |at: usize, bytes: usize| {
        let found = settings.get(at..at + bytes)?;
        let digits = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
        Some(if big { found.iter().fold(0, digits) } else { found.iter().rev().fold(0, digits) })
    };
    let (mut at, count) = (12, number(8, 4)?);
    for _ in 0..count {
        let (kind, name_length) = (*settings.get(at)?, number(at + 2, 2)?);
        let name = settings.get(at + 4..at + 4 + name_length)?;
        let value = at + 4 + name_length.next_multiple_of(4) + 4;
        if name == b"Xft/DPI" && kind == 0 {
            return Some(f64::from(number(value, 4)? as u32 as i32) / PARTS_OF_DPI);
        }
        at = match kind {
            0 => value + 4,
            1 => value + 4 + number(value, 4)?.next_multiple_of(4),
            _ => value + 8,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_that_makes_no_sense_is_recognised() {
        for good in ["1", "1.5", "0.5", "2e0", "randr", "RandR"] {
            assert!(!bad_variable(good), "{good}");
        }
        for bad in ["0", "-1", "nan", "inf", "1e-320", "1e9", "two", "1,5", " "] {
            assert!(bad_variable(bad), "{bad}");
        }
    }

    #[test]
    fn the_dpi_is_found_among_the_settings_of_the_desktop() {
        let mut settings = vec![0, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0];
        // A text, a colour and the number; of a byte order each.
        settings.extend(b"\x01\0\x05\0Theme\0\0\0\0\0\0\0\x03\0\0\0Abc\0");
        settings.extend(b"\x02\0\x01\0C\0\0\0\0\0\0\0\x01\0\x02\0\x03\0\x04\0");
        settings.extend(b"\0\0\x07\0Xft/DPI\0\0\0\0\0\0\x80\x01\0");
        assert_eq!(dpi(&settings), Some(96.0));
        assert_eq!(dpi(&settings[..settings.len() - 1]), None);
        assert_eq!(dpi(b"\x01\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x07Xft/DPI\0\0\0\0\0\xff\xff\xfc\0"), Some(-1.0));
        assert_eq!(dpi(&[]), None);
    }
}
