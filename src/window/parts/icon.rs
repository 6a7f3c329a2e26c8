//! The picture of the program, for the window and the task bar.

use egui::IconData;

/// The icon of the window, 256 by 256 pixels.
#[must_use]
pub fn window_icon() -> IconData {
    match image::load_from_memory_with_format(PNG, image::ImageFormat::Png) {
        Ok(picture) => {
            let picture = picture.into_rgba8();
            IconData { width: picture.width(), height: picture.height(), rgba: picture.into_raw() }
        }
        // A window without an icon is still a window.
        Err(error) => {
            tracing::error!("icon: {error}");
            IconData::default()
        }
    }
}

const PNG: &[u8] = include_bytes!("../../../resources/icon/sockhop-256.png");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_square_and_not_empty() {
        let icon = window_icon();
        assert_eq!((icon.width, icon.height), (256, 256));
        assert_eq!(icon.rgba.len(), 256 * 256 * 4);
        assert!(icon.rgba.chunks(4).any(|pixel| pixel == [0x0f, 0x76, 0x6e, 0xff]));
    }
}
