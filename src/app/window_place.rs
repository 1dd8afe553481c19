//! Where the window stands on the screen and how large it is, from one start to the next.

use egui::{Context, Pos2, Rect, Vec2, ViewportCommand, pos2, vec2};

use crate::ui::window_state::Layout;

use super::App;

/// So much of the upper edge, in points, must lie on a screen for the window to be taken by it.
const HANDLE: Vec2 = vec2(96.0, 24.0);

/// Moves a window that was left on a screen which is no longer there onto the first that is.
pub(super) fn bring_onto_a_screen(creation: &eframe::CreationContext<'_>, layout: &Layout) {
    let (Some(corner), Some(window)) = (layout.window_corner, creation.winit_window()) else {
        return;
    };
    let screens: Vec<Rect> = window
        .available_monitors()
        .map(|screen| {
            let (at, size) = (screen.position(), screen.size());
            let corner = pos2(at.x as f32, at.y as f32);
            let whole = Rect::from_min_size(corner, vec2(size.width as f32, size.height as f32));
            whole / screen.scale_factor() as f32
        })
        .collect();
    if let Some(place) = moved_corner(Pos2::from(corner), layout.window_width, &screens) {
        // By then the window is zoomed.
        let place = place / (layout.zoom_percent as f32 / 100.0);
        creation.egui_ctx.send_viewport_cmd(ViewportCommand::OuterPosition(place));
    }
}

/// Where a window of this width goes instead; `None` where it can stay, or where nothing is known of
/// the screens. All in points.
fn moved_corner(corner: Pos2, width: f32, screens: &[Rect]) -> Option<Pos2> {
    let edge = Rect::from_min_size(corner, vec2(width, HANDLE.y));
    let can_be_held = |screen: &Rect| {
        let seen = screen.intersect(edge);
        seen.width() >= HANDLE.x && seen.height() >= HANDLE.y
    };
    let first = screens.first()?;
    (!screens.iter().any(can_be_held)).then_some(first.min)
}

impl App {
    /// The window's place and size come back at the next start.
    pub(super) fn note_window_place(&mut self, ctx: &Context) {
        let viewport = ctx.input(|input| input.viewport().clone());
        let layout = &mut self.state.window.layout;
        layout.is_maximized = viewport.maximized.unwrap_or(false);
        let is_whole_screen = viewport.fullscreen.unwrap_or(false);
        if layout.is_maximized || is_whole_screen || viewport.minimized == Some(true) {
            return;
        }
        if let Some(rect) = viewport.inner_rect {
            let size = rect.size() * ctx.zoom_factor();
            layout.window_width = size.x.round();
            layout.window_height = size.y.round();
        }
        layout.window_corner = viewport.outer_rect.map(|rect| {
            let corner = rect.min * ctx.zoom_factor();
            [corner.x.round(), corner.y.round()]
        });
        *layout = layout.mended();
        // This may be the last frame.
        self.note_layout();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_comes_back_only_onto_a_screen_that_is_there() {
        let screen = |x: f32, y: f32| Rect::from_min_size(pos2(x, y), vec2(1920.0, 1080.0));
        let two = [screen(0.0, 0.0), screen(1920.0, -200.0)];
        let one = &two[..1];
        let moved = |x: f32, y: f32, screens: &[Rect]| moved_corner(pos2(x, y), 1440.0, screens);
        assert_eq!(moved(200.0, 100.0, &two), None);
        assert_eq!(moved(2000.0, 100.0, &two), None, "the second screen");
        assert_eq!(moved(2000.0, 100.0, one), Some(Pos2::ZERO), "it was unplugged");
        assert_eq!(moved(-1400.0, 100.0, one), Some(Pos2::ZERO), "too little of it to hold it by");
        assert_eq!(moved(-1300.0, 100.0, one), None, "partly beside, as it was left");
        assert_eq!(moved(200.0, -300.0, one), Some(Pos2::ZERO), "its upper edge is out of reach");
        assert_eq!(moved(200.0, 1079.0, one), Some(Pos2::ZERO));
        assert_eq!(moved(200.0, 100.0, &[]), None, "nothing is known");
    }
}
