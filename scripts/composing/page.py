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

# What was measured before an excerpt with held notes started from a chain that fits them, by part; empty once all is
# measured anew.
CHANGED = "measured before long pieces started from fitting chains (see Seams)"
BEFORE = {
    "gap": f"*All of this section was {CHANGED}; fills start from them too, so these are the figures of the program before.*",
    "seams": f"*Only the last table, of four bars and 1000 Gibbs steps, was {CHANGED.removesuffix(' (see Seams)')}.*",
    "density": f"*All of this section was {CHANGED}.*",
    "modes": f"*The rows of key, range, voices, rhythm, form and lock were {CHANGED}; vary and interpolate do not start from them.*",
}

FOOT = """Repeat it with `scripts/composing_figures.py --harmonium target/release/harmonium` in an environment that has what
`scripts/music-requirements.txt` names; `--only PART` measures a part anew. The models are made by the preset Recommended with seed 1 and
without a held-out share, unless said otherwise.
"""


def summary(figures: dict[str, dict]) -> str:
    own, density, modes = figures["seams"]["own"], figures["density"], figures["modes"]
    worst = max(abs(got[0] / float(asked) - 1) for row in density["rows"] for asked, got in row["asked"].items())
    values = [row["equal"]["bits"] for row in figures["entropy"]["rows"]]
    rises = all(a < b for a, b in zip(values, values[1:]))
    kept = min(modes[name]["kept"][0] for name in ("continue", "lead up", "inside", "around", "harmonise", "melody", "locks"))
    forced = max(key["outside"][2] for key in modes["led"]["keys"])
    heads = {name: values for name, values in own["heads"].items() if name != seams.FAR}
    outside = [name for name, (_, low, high, joins) in heads.items() if not low <= joins <= high]
    outside += [name for name, (distance, limit) in own["off"].items() if distance > limit]
    songs = [song["f1"] for found in figures["gap"].values() for song in found]
    mean = {way: sum(song[way] for song in songs) / len(songs) for way in gap.WAYS}
    ahead, behind = ([way for way in gap.WAYS[2:] if (mean[gap.FILL] > mean[way]) == is_ahead] for is_ahead in (True, False))
    return f"""- A gap in {len(songs)} songs that the model never saw is filled better than by: {'; '.join(ahead) or 'nothing'}. Worse than by: {'; '.join(behind) or 'nothing'}.
- Seams: {len(heads) + len(own["off"]) - len(outside)} of {len(heads) + len(own["off"])} figures at joins lie inside the 99 % interval of those within. Outside: {'; '.join(outside) or 'none'}.
- Density asked and got: at most {percent(worst)} apart. Entropy {'rises' if rises else '**does not rise**'} with the temperature at equal density.
- Held, given and locked notes: {percent(kept, 0)} kept, whatever is made. Key forced: {percent(forced, 0)} of the notes outside."""


def page(figures: dict[str, dict]) -> str:
    sections = {
        "gap": parts.gap_section(figures["gap"]),
        "seams": parts.seams_section(figures["seams"]),
        "density": parts.density_section(figures["density"]),
        "entropy": parts.entropy_section(figures["entropy"]),
        "modes": parts.modes_section(figures["modes"]),
    }
    for part, words in BEFORE.items():
        sections[part] = sections[part].replace("\n\n", f"\n\n{words}\n\n", 1)
    mixed = [f"Some figures were {CHANGED}: each section says which."] if BEFORE else []
    return "\n\n".join([HEAD.rstrip(), summary(figures), *mixed, *sections.values(), FOOT])
