//! stub
pub fn window_ui(
    _: &mut egui::Ui,
    _: &mut super::state::State,
    _: &mut Vec<super::command::Command>,
) {
}
