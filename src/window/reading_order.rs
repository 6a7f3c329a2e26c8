//! Tab goes through the window as one reads it, whatever the order in which it is drawn.

use std::collections::HashMap;

use egui::{
    Context, Event, Id, Key, LayerId, Modifiers, Order, Plugin, Popup, RawInput, Rect, WidgetRect,
    accesskit::{Action, ActionRequest, TreeId},
};

/// Of two things beside each other in a line, the lower one begins above this share of the other's height.
const OVERLAP: f32 = 0.5;

/// Moves the focus with Tab and Shift+Tab, and scrolls to where it goes.
///
/// egui goes through the controls in the order in which they are drawn: a panel at the foot comes before what is above
/// it, and a line that is filled from the right is read backwards. Here each area is gone through line by line and from
/// left to right, and what is in it before what is beside it.
#[derive(Debug, Default)]
pub struct ReadingOrder;

impl Plugin for ReadingOrder {
    fn debug_name(&self) -> &'static str {
        "reading order"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let Some(back) = input.events.iter().find_map(tab) else { return };
        let order = order(ctx);
        let Some(next) = beside(&order, ctx.memory(egui::Memory::focused), back) else { return };
        input.events.retain(|event| tab(event).is_none());
        input.events.extend([Action::Focus, Action::ScrollIntoView].map(|action| {
            let target_node = next.accesskit_id();
            Event::AccessKitActionRequest(ActionRequest { action, target_node, target_tree: TreeId::ROOT, data: None })
        }));
    }
}

/// Whether Tab goes back, if it is pressed.
fn tab(event: &Event) -> Option<bool> {
    match event {
        Event::Key { key: Key::Tab, pressed: true, modifiers: Modifiers::NONE, .. } => Some(false),
        Event::Key { key: Key::Tab, pressed: true, modifiers, .. } if modifiers.shift_only() => Some(true),
        _ => None,
    }
}

/// The one after it, or before it; from the end on to the beginning.
fn beside(order: &[Id], focused: Option<Id>, back: bool) -> Option<Id> {
    let at = focused.and_then(|id| order.iter().position(|other| *other == id));
    let next = match (at, back) {
        (None, false) => 0,
        (None, true) => order.len().checked_sub(1)?,
        (Some(at), false) if at + 1 == order.len() => 0,
        (Some(at), false) => at + 1,
        (Some(0), true) => order.len() - 1,
        (Some(at), true) => at - 1,
    };
    order.get(next).copied()
}

/// All that can have the focus in the frame that was drawn last, as it is read.
fn order(ctx: &Context) -> Vec<Id> {
    let menu_open = Popup::is_any_open(ctx);
    let layers: Vec<LayerId> = ctx.memory(|memory| {
        // What lies behind a dialog or a menu waits until that is closed.
        let reached =
            |layer: &LayerId| memory.allows_interaction(*layer) && (!menu_open || layer.order >= Order::Foreground);
        memory.layer_ids().filter(reached).collect()
    });
    ctx.viewport(|viewport| {
        let widgets = &viewport.prev_pass.widgets;
        layers.iter().flat_map(|layer| read(widgets.get_layer(*layer).copied())).collect()
    })
}

/// Something in a layer: a control, or an area with what is in it.
struct Node {
    rect: Rect,
    /// It can have the focus.
    id: Option<Id>,
    inside: Vec<Self>,
}

fn read(widgets: impl Iterator<Item = WidgetRect>) -> Vec<Id> {
    let mut inside: HashMap<Id, Vec<WidgetRect>> = HashMap::new();
    let mut tops = Vec::new();
    let all: Vec<WidgetRect> = widgets.collect();
    let ids: std::collections::HashSet<Id> = all.iter().map(|widget| widget.id).collect();
    for widget in all {
        if widget.parent_id != widget.id && ids.contains(&widget.parent_id) {
            inside.entry(widget.parent_id).or_default().push(widget);
        } else {
            tops.push(widget);
        }
    }
    let mut order = Vec::new();
    flatten(tops.into_iter().filter_map(|top| node(top, &mut inside)).collect(), &mut order);
    order
}

/// With all that is in it; `None`, if nothing of it can have the focus.
fn node(widget: WidgetRect, inside: &mut HashMap<Id, Vec<WidgetRect>>) -> Option<Node> {
    let held = inside.remove(&widget.id).unwrap_or_default();
    let nodes: Vec<Node> = held.into_iter().filter_map(|widget| node(widget, inside)).collect();
    let id = (widget.enabled && widget.visible && widget.sense.is_focusable()).then_some(widget.id);
    // Of what is scrolled, the part in sight is where it is; what is in it may be anywhere.
    let in_sight = widget.interact_rect.is_positive() && !nodes.is_empty();
    let rect = if in_sight { widget.interact_rect } else { widget.rect };
    (id.is_some() || !nodes.is_empty()).then_some(Node { rect, id, inside: nodes })
}

fn flatten(mut nodes: Vec<Node>, order: &mut Vec<Id>) {
    nodes.sort_by(|one, other| one.rect.top().total_cmp(&other.rect.top()));
    let mut rest = nodes.into_iter().peekable();
    while let Some(first) = rest.next() {
        let line = first.rect;
        let mut beside = vec![first];
        while let Some(node) = rest.next_if(|node| is_beside(line, node.rect)) {
            beside.push(node);
        }
        beside.sort_by(|one, other| one.rect.left().total_cmp(&other.rect.left()));
        for node in beside {
            order.extend(node.id);
            flatten(node.inside, order);
        }
    }
}

/// Whether these stand in one line.
fn is_beside(one: Rect, other: Rect) -> bool {
    let shared = one.bottom().min(other.bottom()) - one.top().max(other.top());
    shared > OVERLAP * one.height().min(other.height())
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Sense, pos2, vec2};

    fn widget(name: &str, parent: &str, (x, y): (f32, f32), (width, height): (f32, f32), sense: Sense) -> WidgetRect {
        let rect = Rect::from_min_size(pos2(x, y), vec2(width, height));
        WidgetRect {
            id: Id::unique(name),
            parent_id: Id::unique(parent),
            layer_id: LayerId::background(),
            rect,
            interact_rect: rect,
            sense,
            enabled: true,
            visible: true,
        }
    }

    #[test]
    fn what_is_beside_each_other_is_read_from_the_left_and_an_area_to_its_end() {
        let area = |name, at, size| widget(name, "all", at, size, Sense::hover());
        let button = |name, parent, at| widget(name, parent, at, (20.0, 20.0), Sense::click());
        // As drawn: the foot before the list above it, and its icons from the right.
        let drawn = [
            widget("all", "all", (0.0, 0.0), (400.0, 300.0), Sense::hover()),
            area("side", (0.0, 0.0), (100.0, 300.0)),
            button("settings", "side", (70.0, 270.0)),
            button("labs", "side", (10.0, 272.0)),
            button("row", "side", (10.0, 20.0)),
            area("middle", (100.0, 0.0), (300.0, 300.0)),
            button("send", "middle", (350.0, 260.0)),
            widget("field", "middle", (110.0, 240.0), (200.0, 60.0), Sense::click()),
            button("menu", "middle", (350.0, 4.0)),
        ];
        let expected = ["row", "labs", "settings", "menu", "field", "send"].map(Id::unique);
        assert_eq!(read(drawn.into_iter()), expected);
    }

    #[test]
    fn from_the_last_it_goes_on_to_the_first_and_back() {
        let order = ["a", "b", "c"].map(Id::unique);
        let [a, b, c] = order;
        for (focused, back, next) in [
            (None, false, a),
            (None, true, c),
            (Some(a), false, b),
            (Some(c), false, a),
            (Some(a), true, c),
            (Some(Id::unique("gone")), false, a),
        ] {
            assert_eq!(beside(&order, focused, back), Some(next));
        }
        assert_eq!(beside(&[], None, true), None);
    }
}
