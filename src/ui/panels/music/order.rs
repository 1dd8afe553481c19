//! In which order the pieces stand, and the figure by which they do.

use egui::{Align, Layout, Popup, Role, Ui, WidgetInfo};

use super::super::parts;
use crate::generate::{RankBy, Ranking, ranked};
use crate::ui::icons::Icon;
use crate::ui::state::{MusicState, PieceState};
use crate::ui::theme::UNIT;
use crate::ui::widgets::Chip;

/// `None`: the newest first.
const ORDERS: [(Option<RankBy>, &str, &str); 4] = [
    (None, "newest", "The newest first"),
    (Some(RankBy::Score), "score", "In key, no empty bars, notes of sound length: 1 is best"),
    (
        Some(RankBy::Novelty),
        "novelty",
        "How far the piece is from the nearest training excerpt: 0 is a copy",
    ),
    (
        Some(RankBy::FreeEnergy),
        "free energy",
        "In nats, the mean of the piece's excerpts: the lower, the likelier to the model",
    ),
];

/// The row over the list.
pub(super) fn order_ui(ui: &mut Ui, music: &mut MusicState) {
    ui.horizontal(|ui| {
        ui.label(parts::caption(ui, "Pieces"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let chosen = ORDERS.iter().find(|(by, ..)| *by == music.ranked_by);
            let name = chosen.map_or("newest", |(_, name, _)| name);
            let chip = ui.add(Chip::new(name).icon(Icon::ChevronDown));
            chip.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Order: {name}")));
            Popup::menu(&chip).width(132.0).gap(UNIT).show(|ui| {
                for (by, name, meaning) in ORDERS {
                    let entry = ui.selectable_label(music.ranked_by == by, name);
                    if entry.on_hover_text(meaning).clicked() {
                        music.ranked_by = by;
                    }
                }
            });
            chip.on_hover_text("The order of the pieces");
        });
    });
}

/// Places of the pieces in the order that is asked for, the best first.
pub(super) fn order_of(music: &MusicState) -> Vec<usize> {
    let rankings: Vec<Option<Ranking>> =
        music.pieces.iter().map(|piece| piece.record.ranking).collect();
    match music.ranked_by {
        None => (0..music.pieces.len()).collect(),
        Some(by) => ranked(&rankings, by),
    }
}

/// The figure that a piece is sorted by.
pub(super) fn figure(music: &MusicState, piece: &PieceState) -> Option<String> {
    let ranking = piece.record.ranking?;
    Some(match music.ranked_by? {
        RankBy::Score => format!("{:.2}", ranking.score.value()),
        RankBy::Novelty => format!("{:.2}", ranking.novelty?),
        RankBy::FreeEnergy => parts::signed(ranking.free_energy, 0),
    })
}

/// All figures, for the tooltip.
pub(super) fn figures(piece: &PieceState) -> String {
    let Some(ranking) = piece.record.ranking else { return String::new() };
    let novelty =
        ranking.novelty.map_or_else(String::new, |novelty| format!(" · novelty {novelty:.2}"));
    format!(
        "\nAs it was made: score {:.2} (in key {:.0} %, sounding bars {:.0} %){novelty} · free \
         energy {} nats",
        ranking.score.value(),
        100.0 * ranking.score.in_key,
        100.0 * ranking.score.sounding_bars,
        parts::signed(ranking.free_energy, 0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::MusicalScore;
    use crate::ui::panels::examples;

    #[test]
    fn pieces_stand_in_the_order_of_the_figure_and_show_it() {
        let mut music = examples::with_pieces().music;
        for (place, piece) in music.pieces.iter_mut().enumerate() {
            let score = MusicalScore {
                in_key: place as f64 / 10.0,
                sounding_bars: 1.0,
                sound_lengths: 1.0,
            };
            let free_energy = -(place as f64);
            piece.record.ranking = Some(Ranking { free_energy, novelty: None, score });
        }
        let n = music.pieces.len();
        assert_eq!(order_of(&music), (0..n).collect::<Vec<_>>());
        assert_eq!(figure(&music, &music.pieces[1]), None);
        music.ranked_by = Some(RankBy::Score);
        assert_eq!(order_of(&music), (0..n).rev().collect::<Vec<_>>());
        assert_eq!(figure(&music, &music.pieces[1]).as_deref(), Some("0.10"));
        music.ranked_by = Some(RankBy::FreeEnergy);
        assert_eq!(order_of(&music)[0], n - 1);
        assert_eq!(figure(&music, &music.pieces[1]).as_deref(), Some("−1"));
        music.ranked_by = Some(RankBy::Novelty);
        assert_eq!(figure(&music, &music.pieces[1]), None);
    }
}
