//! For tests: what in the tree that a screen reader reads has no name.

use egui::accesskit::{Action, Role};
use egui_kittest::kittest::AccessKitNode;

/// Complaints about everything below this node that can be pressed or reached and has no name.
pub(crate) fn nameless(root: &AccessKitNode<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    complain(root, &mut complaints);
    complaints
}

fn complain(node: &AccessKitNode<'_>, complaints: &mut Vec<String>) {
    if is_nameless(node) {
        let mut place = format!("{:?} at {:?}", node.role(), node.bounding_box());
        let mut around = node.parent();
        while let Some(parent) = around {
            let (role, label) = (parent.role(), parent.label().unwrap_or_default());
            place += &format!(" in {role:?} {label:?} at {:?}", parent.bounding_box());
            around = parent.parent();
        }
        complaints.push(place);
    }
    for child in node.children() {
        complain(&child, complaints);
    }
}

fn is_nameless(node: &AccessKitNode<'_>) -> bool {
    let can = |request| node.data().supports_action(request);
    let is_pressed = can(Action::Click) || can(Action::SetValue) || can(Action::Increment);
    let is_reached = can(Action::Focus) && node.role() != Role::GenericContainer;
    // The words of a label are its value.
    let name = node.label().or_else(|| node.value().filter(|_| node.role() == Role::Label));
    let is_named = name.is_some_and(|name| !name.trim().is_empty());
    let is_window = matches!(node.role(), Role::Window | Role::ScrollBar | Role::Splitter);
    (is_pressed || is_reached) && !is_named && !is_window && !is_title_bar(node)
}

/// The bar by which egui lets one move a window is not ours to name: the window has the name.
fn is_title_bar(node: &AccessKitNode<'_>) -> bool {
    let width = |node: &AccessKitNode<'_>| {
        node.bounding_box().map_or(f64::NAN, |bounds| bounds.x1 - bounds.x0)
    };
    let mut around = node.parent();
    while let Some(parent) = around.filter(|parent| parent.role() != Role::Window) {
        around = parent.parent();
    }
    // It is as wide as its window, but for the button that closes it; a window that is laid out for
    // the first time has no width yet.
    let is_as_wide = |window: AccessKitNode<'_>| {
        let whole = width(&window);
        whole.is_nan() || width(node) > 0.75 * whole
    };
    node.role() == Role::Unknown && !node.is_root() && around.is_some_and(is_as_wide)
}
