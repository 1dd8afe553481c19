//! How curves and the piano roll are looked at comes back at the next start.

use serde::{Deserialize, Serialize};

use crate::train::FIGURES;
use crate::ui::state::State;
use crate::ui::widgets::{RollGrid, ScaleChoice};

/// What of the view state is remembered; unknown measures are forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct KeptViews {
    /// Keys of [`FIGURES`].
    measure: String,
    second_measure: Option<String>,
    smoothing: f32,
    is_log_scale: bool,
    grid: RollGrid,
    scale: ScaleChoice,
}

impl KeptViews {
    pub(super) fn of(state: &State) -> Self {
        let key = |place: usize| FIGURES.get(place).unwrap_or(&FIGURES[0]).key.to_owned();
        let editor = &state.roll.view.editor;
        Self {
            measure: key(state.run.figure),
            second_measure: state.run.curves.second.map(key),
            smoothing: state.run.curves.smoothing,
            is_log_scale: state.run.is_log_scale,
            grid: editor.grid,
            scale: editor.scale,
        }
    }

    pub(super) fn apply(&self, state: &mut State) {
        let place = |key: &str| FIGURES.iter().position(|figure| figure.key == key);
        state.run.figure = place(&self.measure).unwrap_or(0);
        state.run.curves.second = self.second_measure.as_deref().and_then(place);
        let is_weight = (0.0..1.0).contains(&self.smoothing);
        state.run.curves.smoothing = if is_weight { self.smoothing.min(0.99) } else { 0.0 };
        state.run.is_log_scale = self.is_log_scale;
        state.roll.view.editor.grid = self.grid;
        state.roll.view.editor.scale = self.scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_come_back_and_odd_values_do_no_harm() {
        let mut state = State::default();
        state.run.figure = 2;
        state.run.curves.second = Some(1);
        state.run.curves.smoothing = 0.6;
        state.run.is_log_scale = true;
        state.roll.view.editor.grid = RollGrid::Beat;
        state.roll.view.editor.scale = ScaleChoice::OfPiece;
        let kept = KeptViews::of(&state);
        let text = toml::to_string(&kept).unwrap();
        let mut other = State::default();
        toml::from_str::<KeptViews>(&text).unwrap().apply(&mut other);
        assert_eq!(KeptViews::of(&other), kept);

        let odd = "measure = \"luck\"\nsecond_measure = \"fate\"\nsmoothing = nan\n";
        toml::from_str::<KeptViews>(odd).unwrap().apply(&mut other);
        let curves = other.run.curves;
        assert_eq!((other.run.figure, curves.second, curves.smoothing), (0, None, 0.0));
    }
}
