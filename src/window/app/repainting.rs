//! When the window is drawn for what its threads have to say.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use egui::{Context, ViewportId};

use crate::net::Urgency;

/// Events that come within this time share a frame.
const COALESCE: Duration = Duration::from_millis(10);

/// The least time between two frames for what comes to conversations out of sight: it changes a badge.
const OUT_OF_SIGHT: Duration = Duration::from_millis(400);

/// Has the window drawn at once, from any thread.
pub(super) fn repaint(ctx: &Context) -> impl Fn() + Send + Sync + use<> {
    let ctx = ctx.clone();
    move || ctx.request_repaint_after_for(COALESCE, ViewportId::ROOT)
}

/// Has the window drawn for what comes from the network: at once where it is in sight, and a few times a second where it
/// is not.
pub(super) fn repaint_for_network(ctx: &Context) -> impl Fn(Urgency) + Send + use<> {
    let ctx = ctx.clone();
    // When the last frame for what is out of sight was to be, or the next one is.
    let due: Cell<Option<Instant>> = Cell::default();
    move |urgency| {
        let now = Instant::now();
        let at_once = now + COALESCE;
        let at = match (urgency, due.get()) {
            (Urgency::Soon, Some(due)) if due > now => due,
            (Urgency::Soon, Some(due)) => at_once.max(due + OUT_OF_SIGHT),
            (Urgency::Soon, None) | (Urgency::Now, _) => at_once,
        };
        if urgency == Urgency::Soon {
            due.set(Some(at));
        }
        ctx.request_repaint_after_for(at - now, ViewportId::ROOT);
    }
}
