//! What a second start for the same data folder asks of this window: to do something, and to come to the front.

use egui::Context;

use super::App;
use crate::window::second_start::{Asked, SecondStart, SecondStarts};

impl App {
    /// Do what other starts for the same folder asked, and show it.
    pub(super) fn answer_second_starts(&mut self, ctx: &Context) {
        while let Some(start) = self.second_starts.as_ref().and_then(SecondStarts::try_recv) {
            let SecondStart { asked: Asked { listen, connect }, .. } = &start;
            // One server a window: the one that runs is shown, with its address.
            if let Some(address) = listen.filter(|_| !self.is_serving()) {
                self.told_to_listen = Some(address);
                self.listen(address);
            }
            if let Some((host, port)) = connect.clone() {
                self.connect(host, port, crate::window::parts::connect::Way::default());
            }
            self.viewport.raise(ctx);
            start.done();
        }
    }
}
