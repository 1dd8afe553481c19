//! Moving about in a plot: the wheel, the way back, and a cursor that several plots share.

use egui::{Id, Rect, Response, Ui, Vec2, Vec2b, pos2, vec2};
use egui_plot::{PlotTransform, PlotUi};

use crate::ui::icons::Icon;
use crate::ui::theme::UNIT;
use crate::ui::widgets::ActionButton;

const FIT_SIZE: Vec2 = vec2(56.0, 24.0);

/// The plain wheel zooms as well: there is nothing else for it to do here.
pub(super) fn zoom_by_wheel(plot_ui: &mut PlotUi<'_>) {
    if !plot_ui.response().hovered() {
        return;
    }
    let scroll = plot_ui.ctx().input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta)).y;
    if scroll != 0.0 {
        let factor = (scroll / 300.0).exp();
        plot_ui.zoom_bounds_around_hovered(Vec2::splat(factor));
    }
}

/// Carries out what the button "Fit" asked for. Whether less than everything is shown.
pub(super) fn fit_if_asked(plot_ui: &mut PlotUi<'_>) -> bool {
    let id = plot_ui.response().id.with("fit");
    if plot_ui.ctx().data_mut(|data| data.remove_temp::<bool>(id)).is_some() {
        plot_ui.set_auto_bounds(Vec2b::TRUE);
        return false;
    }
    let is_automatic = plot_ui.auto_bounds();
    !(is_automatic.x && is_automatic.y)
}

/// The button that shows everything again.
pub(super) fn fit_button_ui(ui: &mut Ui, plot: &Response, transform: &PlotTransform, name: &str) {
    let frame = transform.frame();
    let corner = pos2(frame.right() - FIT_SIZE.x - UNIT, frame.top() + UNIT);
    let button = ActionButton::new("Fit").with_icon(Icon::Maximize2).height(FIT_SIZE.y);
    let tooltip = format!("Shows all of {name} again; so does a double-click");
    let button = button.tooltip(&tooltip);
    if ui.put(Rect::from_min_size(corner, FIT_SIZE), button).clicked() {
        let id = plot.id.with("fit");
        ui.ctx().data_mut(|data| data.insert_temp(id, true));
        ui.ctx().request_repaint();
    }
}

/// Where the pointer is in one of the plots of a group: which plot, and the x value.
#[derive(Clone, Copy)]
struct SharedCursor {
    plot: Id,
    x: f64,
}

/// The x value at the pointer, be it over this plot or over another of its group.
pub(super) fn cursor_x(
    ui: &Ui,
    response: &Response,
    transform: &PlotTransform,
    group: Option<Id>,
) -> Option<f64> {
    let pointer = response.hover_pos().filter(|at| transform.frame().contains(*at));
    let own = pointer.map(|at| transform.value_from_position(at).x);
    let Some(group) = group else { return own };
    let shared = ui.data(|data| data.get_temp::<Option<SharedCursor>>(group)).flatten();
    match (own, shared) {
        (Some(x), _) => {
            let cursor = Some(SharedCursor { plot: response.id, x });
            ui.data_mut(|data| data.insert_temp(group, cursor));
            // A plot that was drawn before this one hears of it in the next frame.
            if shared.is_none_or(|shared| shared.x != x) {
                ui.ctx().request_repaint();
            }
            Some(x)
        }
        (None, Some(shared)) if shared.plot == response.id => {
            ui.data_mut(|data| data.insert_temp(group, None::<SharedCursor>));
            ui.ctx().request_repaint();
            None
        }
        (None, shared) => shared.map(|shared| shared.x),
    }
}
