//! What a monkey does with a mouse, a keyboard, a touchpad and a screen reader's requests: one
//! gesture after the other, drawn from a seed.

use egui::accesskit::{Action, ActionData, ActionRequest};
use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, Vec2,
    pos2, vec2,
};
use egui_kittest::kittest::AccessKitNode;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::ui::actions::ACTIONS;

/// Something that can be pressed, turned or typed into, and where.
pub(super) struct Target {
    request: ActionRequest,
    center: Option<Pos2>,
}

/// All targets of a tree, by the scale of its picture.
pub(super) fn targets(root: &AccessKitNode<'_>, pixels_per_point: f32) -> Vec<Target> {
    let mut found = Vec::new();
    collect(root, pixels_per_point, &mut found);
    found
}

fn collect(node: &AccessKitNode<'_>, scale: f32, found: &mut Vec<Target>) {
    let (target_node, target_tree) = node.locate();
    let center = node.bounding_box().map(|bounds| {
        let (x, y) = (bounds.x0.midpoint(bounds.x1), bounds.y0.midpoint(bounds.y1));
        pos2(x as f32, y as f32) / scale
    });
    for action in [Action::Click, Action::Focus, Action::Increment, Action::SetValue] {
        if node.data().supports_action(action) {
            let request = ActionRequest { action, target_tree, target_node, data: None };
            found.push(Target { request, center });
        }
    }
    for child in node.children() {
        collect(&child, scale, found);
    }
}

pub(super) struct Hands {
    dice: Xoshiro256PlusPlus,
    pub(super) window: Vec2,
}

/// The smallest window, a usual one, a narrow one and a large one.
const WINDOWS: [Vec2; 5] = [
    vec2(1000.0, 640.0),
    vec2(1440.0, 900.0),
    vec2(1920.0, 1080.0),
    vec2(700.0, 500.0),
    vec2(2560.0, 1440.0),
];

const KEYS: [Key; 24] = [
    Key::Tab,
    Key::Tab,
    Key::Tab,
    Key::Enter,
    Key::Enter,
    Key::Space,
    Key::Escape,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::ArrowUp,
    Key::ArrowDown,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Delete,
    Key::Backspace,
    Key::A,
    Key::B,
    Key::D,
    Key::V,
    Key::X,
    Key::F6,
    Key::Num7,
];

/// No word is a path to somewhere.
const WORDS: [&str; 8] = ["7", "0.5", "-3", "1e9", "a", "näïve ♫", "learn", "12 x"];

impl Hands {
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: Xoshiro256PlusPlus::seed_from_u64(seed), window: WINDOWS[1] }
    }

    /// The next gesture, event by event; `size` is what the window measures in points.
    pub(super) fn gesture(&mut self, targets: &[Target], size: Vec2) -> Vec<Event> {
        match self.dice.random_range(0..100) {
            0..26 => {
                let button = self.button();
                self.click(button, targets, size)
            }
            26..32 => {
                let once = self.click(PointerButton::Primary, targets, size);
                [once.clone(), once].concat()
            }
            32..43 => self.drag(targets, size),
            43..50 => self.wheel(targets, size),
            50..66 => self.some_key(),
            66..73 => self.shortcut(),
            73..80 => vec![Event::Text(self.word())],
            80..91 => self.request(targets),
            91..95 => vec![Event::PointerMoved(self.place(targets, size))],
            95..97 => self.resize(),
            97 => vec![Event::Zoom(self.dice.random_range(0.7..1.4))],
            98 => vec![
                [Event::Copy, Event::Cut, Event::Paste(self.word())]
                    .choose(&mut self.dice)
                    .cloned()
                    .unwrap_or(Event::Copy),
            ],
            _ => vec![Event::PointerGone, Event::WindowFocused(false), Event::WindowFocused(true)],
        }
    }

    fn word(&mut self) -> String {
        WORDS.choose(&mut self.dice).copied().unwrap_or_default().to_owned()
    }

    fn button(&mut self) -> PointerButton {
        match self.dice.random_range(0..10) {
            0..7 => PointerButton::Primary,
            7..9 => PointerButton::Secondary,
            _ => PointerButton::Middle,
        }
    }

    fn modifiers(&mut self) -> Modifiers {
        match self.dice.random_range(0..12) {
            0 => Modifiers::COMMAND,
            1 => Modifiers::SHIFT,
            2 => Modifiers::ALT,
            3 => Modifiers::COMMAND | Modifiers::SHIFT,
            _ => Modifiers::NONE,
        }
    }

    /// Mostly something that can be pressed, else anywhere.
    fn place(&mut self, targets: &[Target], size: Vec2) -> Pos2 {
        let is_inside = |place: &Pos2| place.x < size.x && place.y < size.y;
        if self.dice.random_bool(0.7) {
            let center = targets.choose(&mut self.dice).and_then(|target| target.center);
            if let Some(center) = center.filter(is_inside) {
                return center;
            }
        }
        pos2(self.dice.random_range(0.0..size.x), self.dice.random_range(0.0..size.y))
    }

    fn click(&mut self, button: PointerButton, targets: &[Target], size: Vec2) -> Vec<Event> {
        let (pos, modifiers) = (self.place(targets, size), self.modifiers());
        let press = |pressed| Event::PointerButton { pos, button, pressed, modifiers };
        vec![Event::PointerMoved(pos), press(true), press(false)]
    }

    fn drag(&mut self, targets: &[Target], size: Vec2) -> Vec<Event> {
        let (from, modifiers) = (self.place(targets, size), self.modifiers());
        let button = self.button();
        let press = |pos, pressed| Event::PointerButton { pos, button, pressed, modifiers };
        let mut events = vec![Event::PointerMoved(from), press(from, true)];
        let mut pos = from;
        let reach = if self.dice.random_bool(0.5) { 20.0 } else { 200.0 };
        for _ in 0..self.dice.random_range(1..7) {
            let by = || -reach..reach;
            pos += vec2(self.dice.random_range(by()), self.dice.random_range(by()));
            events.push(Event::PointerMoved(pos));
        }
        events.push(press(pos, false));
        events
    }

    fn wheel(&mut self, targets: &[Target], size: Vec2) -> Vec<Event> {
        let (pos, modifiers) = (self.place(targets, size), self.modifiers());
        let delta = vec2(self.dice.random_range(-3.0..3.0), self.dice.random_range(-8.0..8.0));
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta,
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers,
        };
        vec![Event::PointerMoved(pos), wheel]
    }

    fn some_key(&mut self) -> Vec<Event> {
        let key = KEYS.choose(&mut self.dice).copied().unwrap_or(Key::Tab);
        let modifiers = self.modifiers();
        pressed(key, modifiers).to_vec()
    }

    fn shortcut(&mut self) -> Vec<Event> {
        let keys = ACTIONS.choose(&mut self.dice).and_then(|entry| entry.keys.first());
        keys.map_or_else(
            || self.some_key(),
            |keys| pressed(keys.logical_key, keys.modifiers).to_vec(),
        )
    }

    /// As a screen reader asks.
    fn request(&mut self, targets: &[Target]) -> Vec<Event> {
        let Some(target) = targets.choose(&mut self.dice) else { return Vec::new() };
        let mut request = target.request.clone();
        if request.action == Action::SetValue {
            request.data = Some(if self.dice.random_bool(0.5) {
                ActionData::NumericValue(self.dice.random_range(-10.0..100.0))
            } else {
                ActionData::Value(self.word().into())
            });
        } else if request.action == Action::Increment && self.dice.random_bool(0.5) {
            request.action = Action::Decrement;
        }
        vec![Event::AccessKitActionRequest(request)]
    }

    fn resize(&mut self) -> Vec<Event> {
        self.window = WINDOWS.choose(&mut self.dice).copied().unwrap_or(WINDOWS[0]);
        vec![Event::PointerGone]
    }
}

fn pressed(key: Key, modifiers: Modifiers) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    })
}
