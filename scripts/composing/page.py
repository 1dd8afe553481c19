"""docs/composing.md as a whole."""

from __future__ import annotations

from . import page_parts as parts

HEAD = """<!-- Made by scripts/composing_figures.py; change that, not this. -->
# What composing does

[music.md](music.md) measures new pieces. This page measures what is made of something: a gap that is filled, bars that are joined,
a melody that is harmonised, and what steers the music. All of it was made with `harmonium generate` and read
back from its MIDI files; nothing was chosen by hand.
"""

FOOT = """Repeat it with `scripts/composing_figures.py --harmonium target/release/harmonium` in an environment that has what
`scripts/music-requirements.txt` names; `--only PART` measures a part anew. The models are made by the preset Recommended with seed 1 and
without a held-out share, unless said otherwise.
"""


def page(figures: dict[str, dict]) -> str:
    sections = [
        parts.gap_section(figures["gap"]),
        parts.seams_section(figures["seams"]),
        parts.density_section(figures["density"]),
        parts.entropy_section(figures["entropy"]),
        parts.modes_section(figures["modes"]),
    ]
    return "\n\n".join([HEAD.rstrip(), *sections, FOOT])
