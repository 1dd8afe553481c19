//! Meshes of many notes, kept from frame to frame while nothing about them changes: thousands of
//! notes that stand still cost a copy, not a layout.

use std::hash::Hash;
use std::sync::Arc;

use egui::epaint::util::hash;
use egui::{Id, Mesh, Painter, Rect};

use super::PianoRollView;

#[derive(Clone, Default)]
struct Kept {
    key: u64,
    mesh: Arc<Mesh>,
}

/// The mesh of this name, made anew when what it was made of (`parts`) has changed.
pub(super) fn kept_mesh(
    painter: &Painter,
    name: Id,
    parts: impl Hash,
    make: impl FnOnce() -> Mesh,
) -> Arc<Mesh> {
    let key = hash(parts);
    let kept = painter.ctx().data(|data| data.get_temp::<Kept>(name));
    if let Some(kept) = kept.filter(|kept| kept.key == key) {
        return kept.mesh;
    }
    let mesh = Arc::new(make());
    let kept = Kept { key, mesh: Arc::clone(&mesh) };
    painter.ctx().data_mut(|data| data.insert_temp(name, kept));
    mesh
}

/// Where notes lie on the screen, for the key of a mesh.
pub(super) fn view_bits(view: &PianoRollView, painter: &Painter, grid: Rect) -> (u64, [u32; 8]) {
    let points = [
        view.points_per_step,
        view.top_pitch,
        view.points_per_pitch,
        grid.left(),
        grid.top(),
        grid.right(),
        grid.bottom(),
        painter.pixels_per_point(),
    ];
    (view.first_step.to_bits(), points.map(f32::to_bits))
}
