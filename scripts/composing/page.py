"""docs/composing.md as a whole."""

from __future__ import annotations

from music_figures import percent

from . import gap, seams
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


def summary(figures: dict[str, dict]) -> str:
    density, modes = figures["density"], figures["modes"]
    worst = max(abs(got[0] / float(asked) - 1) for row in density["rows"] for asked, got in row["asked"].items())
    values = [row["equal"]["bits"] for row in figures["entropy"]["rows"]]
    rises = all(a < b for a, b in zip(values, values[1:]))
    kept = min(modes[name]["kept"][0] for name in ("continue", "lead up", "inside", "around", "harmonise", "melody", "locks"))
    forced = max(key["outside"][2] for key in modes["led"]["keys"])
    inside, in_all, outside = seam_verdict(figures["seams"])
    songs = [song["f1"] for found in figures["gap"].values() for song in found]
    mean = {way: sum(song[way] for song in songs) / len(songs) for way in gap.WAYS}
    ahead, behind = ([way for way in gap.WAYS[2:] if (mean[gap.FILL] > mean[way]) == is_ahead] for is_ahead in (True, False))
    return f"""- A gap in {len(songs)} songs that the model never saw is filled better than by: {'; '.join(ahead) or 'nothing'}. Worse than by: {'; '.join(behind) or 'nothing'}.
- Seams: {inside} of {in_all} figures at joins and at bar lines lie inside the 99 % interval of those within. Outside: {'; '.join(outside) or 'none'}.
- Density asked and got: at most {percent(worst)} apart. Entropy {'rises' if rises else '**does not rise**'} with the temperature at equal density.
- Held, given and locked notes: {percent(kept, 0)} kept, whatever is made. Key forced: {percent(forced, 0)} of the notes outside."""


def seam_verdict(found: dict) -> tuple[int, int, list[str]]:
    """How many figures lie inside, of how many, and which do not."""
    names, outside = [], []
    for seed in seams.SEEDS:
        for place, compared in found[f"seed {seed}"].items():
            heads = {name: low <= got <= high for name, (_, low, high, got) in compared["heads"].items() if name != seams.FAR}
            off = {name: distance <= limit for name, (distance, limit) in compared["off"].items()}
            names += [f"{name} at {place}, seed {seed}" for name in (*heads, *off)]
            outside += [f"{name} at {place}, seed {seed}" for name, is_inside in {**heads, **off}.items() if not is_inside]
    return len(names) - len(outside), len(names), outside


def page(figures: dict[str, dict]) -> str:
    sections = {
        "gap": parts.gap_section(figures["gap"]),
        "seams": parts.seams_section(figures["seams"]),
        "density": parts.density_section(figures["density"]),
        "entropy": parts.entropy_section(figures["entropy"]),
        "modes": parts.modes_section(figures["modes"]),
    }
    return "\n\n".join([HEAD.rstrip(), summary(figures), *sections.values(), FOOT])
