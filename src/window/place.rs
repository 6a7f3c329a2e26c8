//! Where the window opens: where it was, whole and on the screens that there are now.

use crate::settings::WindowPlace;

/// What a window that is fitted to a screen leaves of its width and height: for its own frame, and for a panel.
const LEFT_FREE: (u32, u32) = (40, 112);

/// The least height of a frame's title: an inside as high as the screen is partly outside.
const TITLE: u32 = 20;

/// So much of a window may be off the screen, in points: the frames of some systems have an edge that nobody sees.
const EDGE: i32 = 8;

/// A screen, in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Left and top.
    pub position: (i32, i32),
    /// Width and height.
    pub size: (u32, u32),
}

impl Screen {
    /// What a window leaves room beside itself in.
    fn room(self) -> (u32, u32) {
        (self.size.0.saturating_sub(LEFT_FREE.0), self.size.1.saturating_sub(LEFT_FREE.1))
    }

    fn holds(self, size: (u32, u32)) -> bool {
        size.0 <= self.size.0 && size.1 + TITLE <= self.size.1
    }

    /// How much of a window at this position, without its edges, is on the screen; in square points.
    fn overlap(self, position: (i32, i32), size: (u32, u32)) -> i64 {
        let along = |at: i32, size: u32, low: i32, screen: u32| {
            let (at, size) = (at.saturating_add(EDGE), size as i32 - 2 * EDGE);
            i64::from(at.saturating_add(size).min(low + screen as i32) - at.max(low)).max(0)
        };
        along(position.0, size.0, self.position.0, self.size.0)
            * along(position.1, size.1, self.position.1, self.size.1)
    }
}

/// The place on these screens, the first of which is the one to open on where nothing else is known. Never smaller than
/// `smallest`.
///
/// A window that was wholly on the screens stays as it was, also across two of them. Any other is moved onto the screen
/// that has most of it, and made no larger than that leaves room for: what is outside cannot be used.
#[must_use]
pub fn fitted(place: WindowPlace, screens: &[Screen], smallest: (u32, u32)) -> WindowPlace {
    let Some(first) = screens.first() else { return place };
    let at_least = |size: (u32, u32)| (size.0.max(smallest.0), size.1.max(smallest.1));
    let within = |size: (u32, u32), room: (u32, u32)| (size.0.min(room.0), size.1.min(room.1));
    let Some(position) = place.position else {
        // The system chooses the screen.
        let size = if place.size == WindowPlace::default().size {
            screens.iter().fold(place.size, |size, screen| within(size, screen.room()))
        } else if screens.iter().any(|screen| screen.holds(place.size)) {
            place.size
        } else {
            within(place.size, first.room())
        };
        return WindowPlace { size: at_least(size), ..place };
    };
    let whole = i64::from(place.size.0 as i32 - 2 * EDGE) * i64::from((place.size.1 + TITLE) as i32 - 2 * EDGE);
    let with_title = (place.size.0, place.size.1 + TITLE);
    if screens.iter().map(|screen| screen.overlap(position, with_title)).sum::<i64>() >= whole {
        return WindowPlace { size: at_least(place.size), ..place };
    }
    // The first of several that have as much of it.
    let screen = screens.iter().rev().max_by_key(|screen| screen.overlap(position, place.size)).unwrap_or(first);
    let size = at_least(if screen.holds(place.size) { place.size } else { within(place.size, screen.room()) });
    let inside = |at: i32, size: u32, low: i32, screen: u32, free: u32| {
        at.min(low + screen as i32 - (size + free) as i32).max(low)
    };
    let position = (
        inside(position.0, size.0, screen.position.0, screen.size.0, LEFT_FREE.0),
        inside(position.1, size.1, screen.position.1, screen.size.1, LEFT_FREE.1),
    );
    WindowPlace { position: Some(position), size, ..place }
}

/// Puts the window there. What the system does not let a window choose (on Wayland its position) stays.
pub(super) fn put(created: &eframe::CreationContext<'_>, place: WindowPlace, smallest: (u32, u32)) {
    let Some(window) = created.winit_window() else { return };
    let scale = window.scale_factor();
    let (points, pixels) = (|pixels: f64| (pixels / scale).round(), |points: f64| (points * scale).round());
    let mut screens: Vec<Screen> = Vec::new();
    for monitor in
        window.primary_monitor().into_iter().chain(window.current_monitor()).chain(window.available_monitors())
    {
        let (position, size) = (monitor.position(), monitor.size());
        let screen = Screen {
            position: (points(position.x.into()) as i32, points(position.y.into()) as i32),
            size: (points(size.width.into()) as u32, points(size.height.into()) as u32),
        };
        if !screens.contains(&screen) && size.width > 0 && size.height > 0 {
            screens.push(screen);
        }
    }
    let fitted = fitted(place, &screens, smallest);
    if fitted.size != place.size {
        let mut size = window.inner_size();
        size.width = pixels(fitted.size.0.into()) as u32;
        size.height = pixels(fitted.size.1.into()) as u32;
        let _ = window.request_inner_size(size);
    }
    if let (Some((x, y)), Ok(mut position)) =
        (fitted.position.filter(|_| fitted.position != place.position), window.outer_position())
    {
        position.x = pixels(x.into()) as i32;
        position.y = pixels(y.into()) as i32;
        window.set_outer_position(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: (u32, u32) = (480, 300);

    fn screen(width: u32, height: u32) -> Screen {
        Screen { position: (0, 0), size: (width, height) }
    }

    #[test]
    fn a_first_window_leaves_room_for_a_panel_on_every_usual_screen() {
        for (width, height) in [(1280, 800), (1366, 768), (1024, 640), (1920, 1080), (3840, 2160)] {
            let (w, h) = fitted(WindowPlace::default(), &[screen(width, height)], SMALLEST).size;
            assert!(w + 40 <= width && h + 100 <= height && w <= 1280 && h <= 800, "{w}×{h} on {width}×{height}");
            assert!(w >= 900 && h >= 500, "{w}×{h} on {width}×{height}");
        }
        assert_eq!(fitted(WindowPlace::default(), &[screen(320, 200)], SMALLEST).size, SMALLEST);
        assert_eq!(fitted(WindowPlace::default(), &[], SMALLEST), WindowPlace::default());
    }

    #[test]
    fn a_first_window_fits_whichever_screen_the_system_opens_it_on() {
        let small = Screen { position: (1920, 0), size: (1024, 768) };
        let first = fitted(WindowPlace::default(), &[screen(1920, 1080), small], SMALLEST);
        assert_eq!((first.size, first.position), ((984, 656), None));
    }

    #[test]
    fn a_window_that_is_partly_outside_is_moved_and_any_other_stays() {
        let at = |x, y| WindowPlace { position: Some((x, y)), size: (1000, 600), maximized: false };
        let right = Screen { position: (1366, 0), size: (1920, 1080) };
        let fit = |place, screens: &[Screen]| fitted(place, screens, SMALLEST).position;
        for stays in [(0, 0), (366, 120), (-7, 0), (100, -7)] {
            assert_eq!(fit(at(stays.0, stays.1), &[screen(1366, 768)]), Some(stays), "it is there");
        }
        assert_eq!(fit(at(5000, 3000), &[screen(1366, 768)]), Some((326, 56)));
        assert_eq!(fit(at(i32::MAX, i32::MIN), &[screen(1366, 768)]), Some((326, 0)));
        assert_eq!(fit(at(-3000, 10), &[screen(1366, 768)]), Some((0, 10)));
        assert_eq!(fit(at(10, -500), &[screen(1366, 768)]), Some((10, 0)));
        assert_eq!(fit(at(1200, 700), &[screen(1366, 768)]), Some((326, 56)), "only its upper edge is there");
        assert_eq!(fit(at(2000, 100), &[screen(1366, 768), right]), Some((2000, 100)), "on the second screen");
        assert_eq!(fit(at(900, 50), &[screen(1366, 768), right]), Some((900, 50)), "across both");
        assert_eq!(fit(at(2000, 100), &[screen(1366, 768)]), Some((326, 56)), "which is gone");
        assert_eq!(fit(at(2900, 900), &[screen(1366, 768), right]), Some((2246, 368)), "most of it is on the second");
    }

    #[test]
    fn a_window_of_a_larger_screen_leaves_room_for_frame_and_panel_on_a_smaller_one() {
        for position in [None, Some((0, 0)), Some((300, 400))] {
            let large = WindowPlace { position, size: (2500, 1300), maximized: false };
            let fitted = fitted(large, &[screen(1366, 768)], SMALLEST);
            assert_eq!(fitted, WindowPlace { position: position.map(|_| (0, 0)), size: (1326, 656), maximized: false });
        }
        let maximized = WindowPlace { position: Some((5000, 5000)), size: (1000, 600), maximized: true };
        assert!(fitted(maximized, &[screen(1366, 768)], SMALLEST).maximized);
        let own = WindowPlace { position: None, size: (1300, 700), maximized: false };
        assert_eq!(fitted(own, &[screen(1024, 640), screen(1366, 768)], SMALLEST), own, "there is one that holds it");
    }
}
