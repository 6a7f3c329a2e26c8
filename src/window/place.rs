//! Where the window opens: where it was, as far as that is still on a screen, and no larger than there is room.

use crate::settings::WindowPlace;

/// What a first window leaves of the screen's width and height: for its own frame, and for a panel.
const LEFT_FREE: (u32, u32) = (40, 112);

/// So much of the upper edge has to be on a screen for the window to be reached, in points.
const REACHABLE: (i32, i32) = (120, 24);

/// A screen, in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Left and top.
    pub position: (i32, i32),
    /// Width and height.
    pub size: (u32, u32),
}

/// The place on these screens, the first of which is the one to open on where nothing else is known. Never smaller than
/// `smallest`.
#[must_use]
pub fn fitted(place: WindowPlace, screens: &[Screen], smallest: (u32, u32)) -> WindowPlace {
    let Some(first) = screens.first() else { return place };
    let reached = place.position.and_then(|position| {
        screens.iter().find(|screen| {
            let on = |from: i32, length: i32, low: i32, high: i32| (from + length).min(high) - from.max(low);
            let ((x, y), (left, top)) = (position, screen.position);
            let (right, bottom) = (left + screen.size.0 as i32, top + screen.size.1 as i32);
            on(x, place.size.0 as i32, left, right) >= REACHABLE.0 && y >= top - 2 && y + REACHABLE.1 <= bottom
        })
    });
    let screen = reached.unwrap_or(first);
    let is_first = place.position.is_none() && place.size == WindowPlace::default().size;
    let free = if is_first { LEFT_FREE } else { (0, 0) };
    let fit = |size: u32, screen: u32, free: u32, least: u32| size.min(screen.saturating_sub(free)).max(least);
    let size =
        (fit(place.size.0, screen.size.0, free.0, smallest.0), fit(place.size.1, screen.size.1, free.1, smallest.1));
    let position = place.position.map(|(x, y)| {
        if reached.is_some() {
            return (x, y);
        }
        let inside = |at: i32, size: u32, low: i32, screen: u32| at.min(low + screen as i32 - size as i32).max(low);
        let (left, top) = screen.position;
        (inside(x, size.0, left, screen.size.0), inside(y, size.1, top, screen.size.1))
    });
    WindowPlace { position, size, maximized: place.maximized }
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
    fn a_window_that_cannot_be_reached_comes_back_and_any_other_stays() {
        let at = |x, y| WindowPlace { position: Some((x, y)), size: (1000, 600), maximized: false };
        let right = Screen { position: (1366, 0), size: (1920, 1080) };
        let fit = |place, screens: &[Screen]| fitted(place, screens, SMALLEST).position;
        assert_eq!(fit(at(5000, 3000), &[screen(1366, 768)]), Some((366, 168)));
        assert_eq!(fit(at(-3000, 10), &[screen(1366, 768)]), Some((0, 10)));
        assert_eq!(fit(at(10, -500), &[screen(1366, 768)]), Some((10, 0)));
        assert_eq!(fit(at(1200, 700), &[screen(1366, 768)]), Some((1200, 700)), "its upper edge is there");
        assert_eq!(fit(at(2000, 100), &[screen(1366, 768), right]), Some((2000, 100)), "on the second screen");
        assert_eq!(fit(at(2000, 100), &[screen(1366, 768)]), Some((366, 100)), "which is gone");
        let large = WindowPlace { size: (3000, 2000), ..at(0, 0) };
        assert_eq!(fitted(large, &[screen(1366, 768)], SMALLEST).size, (1366, 768));
        let maximized = WindowPlace { maximized: true, ..at(5000, 5000) };
        assert!(fitted(maximized, &[screen(1366, 768)], SMALLEST).maximized);
    }
}
