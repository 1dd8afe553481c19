//! For tests: what in the tree that a screen reader reads has no name, or none that can be said.

use egui::accesskit::{Action, Role};
use egui_kittest::kittest::AccessKitNode;

/// Complaints about everything below this node that can be pressed or reached and has no name.
pub(crate) fn nameless(root: &AccessKitNode<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    complain(root, &mut complaints);
    complaints
}

fn complain(node: &AccessKitNode<'_>, complaints: &mut Vec<String>) {
    if is_nameless(node) || is_sign(node) {
        let mut place = format!("{:?} at {:?}", node.role(), node.bounding_box());
        let mut around = node.parent();
        while let Some(parent) = around {
            let (role, label) = (parent.role(), parent.label().unwrap_or_default());
            let place_around = format!(" in {role:?} {label:?} at {:?}", parent.bounding_box());
            place.push_str(&place_around);
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

/// A label of icons alone, which no voice can say.
fn is_sign(node: &AccessKitNode<'_>) -> bool {
    let words = node.value().filter(|_| node.role() == Role::Label && !node.is_hidden());
    words.is_some_and(|words| {
        let mut signs = words.trim().chars().peekable();
        signs.peek().is_some() && signs.all(|sign| ('\u{e000}'..='\u{f8ff}').contains(&sign))
    })
}

/// The bar by which egui lets one move a window is not ours to name: the window has the name.
fn is_title_bar(node: &AccessKitNode<'_>) -> bool {
    let mut around = node.parent();
    while let Some(parent) = around.filter(|parent| parent.role() != Role::Window) {
        around = parent.parent();
    }
    // It is flat and takes most of its window, which may be a frame ahead of it, or not laid out.
    let is_bar = |window: AccessKitNode<'_>| {
        node.bounding_box().zip(window.bounding_box()).is_none_or(|(bar, window)| {
            bar.width() > 0.4 * window.width() && bar.height() < 0.2 * bar.width()
        })
    };
    node.role() == Role::Unknown && !node.is_root() && around.is_some_and(is_bar)
}
