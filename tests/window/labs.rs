//! All labs, gone through in the real window by their buttons, with a picture of each step once it is done.
//!
//! `cargo test --test window labs -- --ignored` writes `target/pictures/labs/en/1-2.png` (lab 1, step 2) and so on, and
//! the same in Chinese: for people to hold the text of the card against the screen.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use image::{Rgb, RgbImage};
use sockhop::core::labs;

use super::{
    desktop::{Desktop, SockhopWindow, until},
    free_port::free_port,
};

/// Of the button that goes on: the accent of the light theme.
const ACCENT: Rgb<u8> = Rgb([0x0f, 0x76, 0x6e]);

/// Where the card is, in pixels: right of the sidebar, and over what the user has said, which has the accent's colour too.
const CARD: (u32, u32) = (290, 215);

/// Where the pointer is on nothing, in pixels.
const ASIDE: (u32, u32) = (2, 2);

/// Whether messages stick together is up to the system: after this time the button is pressed again.
const PRESSED_AGAIN: Duration = Duration::from_secs(12);

#[test]
#[ignore = "takes minutes, and makes pictures to look at"]
fn labs_in_english() {
    go_through("en");
}

#[test]
#[ignore = "takes minutes, and makes pictures to look at"]
fn labs_in_chinese() {
    go_through("zh-CN");
}

fn go_through(language: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures/labs").join(language);
    fs::create_dir_all(&folder).unwrap();
    let desktop = Desktop::start();
    let settings = format!("port = {}\ntheme = \"light\"\n[window]\nsize = [1280, 800]\n", free_port());
    let window = SockhopWindow::open(&desktop, &settings, &["--lang", language]);
    begin_first(&window);
    let (all, _) = labs::embedded();
    for (n, lab) in all.iter().enumerate() {
        for step in 0..lab.steps.len() {
            let button = until("the step offers its button", || main_button(&window.picture()));
            window.click(button);
            let mut pressed = Instant::now();
            let next = until(&format!("step {} of lab {} is done", step + 1, n + 1), || {
                if pressed.elapsed() > PRESSED_AGAIN {
                    window.click(button);
                    pressed = Instant::now();
                }
                main_button(&window.picture()).filter(|now| now.0.abs_diff(button.0) > 60)
            });
            window.point(ASIDE);
            window.still_picture().save(folder.join(format!("{}-{}.png", n + 1, step + 1))).unwrap();
            window.click(next);
            if n + 1 < all.len() || step + 1 < lab.steps.len() {
                until("the next step is there", || {
                    main_button(&window.picture()).filter(|now| now.0.abs_diff(next.0) > 60)
                });
            }
        }
    }
    until("the last lab is left", || main_button(&window.picture()).is_none().then_some(()));
    window.close();
}

/// Opens the list of labs and begins the first: the uppermost row that changes where the pointer is.
fn begin_first(window: &SockhopWindow<'_>) {
    let before = window.still_picture();
    window.press("F9");
    let list = until("the list is open", || {
        let now = window.still_picture();
        // What is behind it is darker all over.
        (before.get_pixel(ASIDE.0, ASIDE.1) != now.get_pixel(ASIDE.0, ASIDE.1)).then_some(now)
    });
    let (middle, height) = (list.width() / 2, list.height());
    for y in (40..height - 40).step_by(16) {
        window.point((middle, y));
        if differing(&list, &window.still_picture(), y) > 200 {
            window.click((middle, y));
            until("the card is there", || main_button(&window.picture()));
            return;
        }
    }
    panic!("no list of labs");
}

/// How many pixels of this row, in the middle of the window, are not as they were.
fn differing(before: &RgbImage, now: &RgbImage, y: u32) -> usize {
    let middle = now.width() / 2;
    (middle - 240..middle + 240).filter(|x| now.get_pixel(*x, y) != before.get_pixel(*x, y)).count()
}

/// The middle of the highest button that is filled with the accent.
fn main_button(picture: &RgbImage) -> Option<(u32, u32)> {
    let is_accent = |x: u32, y: u32| *picture.get_pixel(x, y) == ACCENT;
    let (left, bottom) = CARD;
    for y in 0..bottom {
        let mut x = left;
        while x < picture.width() {
            let run = (x..picture.width()).take_while(|x| is_accent(*x, y)).count() as u32;
            // Not a line under a tab: as high as text.
            if run >= 40 && (0..12).all(|down| (2..6).all(|right| is_accent(x + right, y + down))) {
                return Some((x + run / 2, y + 12));
            }
            x += run.max(1);
        }
    }
    None
}
