"""The sections of docs/composing.md, each from the figures of its part."""

from __future__ import annotations

import numpy as np

from music_figures import percent

from . import gap, seams
from .common import of_mean, table
from .modes import AMOUNTS, GIVEN_BARS, NEW_BARS, SEEDS, STEPS_BETWEEN, TAKEN_FOLDS
from .steering import BARS, BURN_IN, PIECES

SETS = {"demo": "demo set", "pop": "pop songs"}


def with_interval(values: list[float] | tuple, digits: int = 2, sign: str = "") -> str:
    mean, low, high = values
    return f"{mean:{sign}.{digits}f} ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"


def share(values: list[float], digits: int = 0) -> str:
    mean, low, high = values
    return percent(mean, digits) if low == high == mean else f"{percent(mean, digits)} ({100 * low:.{digits}f} to {100 * high:.{digits}f})"


# --- the gap ------------------------------------------------------------------------------------------------------


def gap_table(found: dict, key: str) -> str:
    names = list(found)
    head = ["what fills the gap"] + [word for name in names for word in (f"F1, {SETS[name]}", "the model is better by")]
    rows = []
    for way in gap.WAYS:
        cells = []
        for name in names:
            of_way = np.array([song[key][way] for song in found[name]])
            ahead = np.array([song[key][gap.FILL] for song in found[name]]) - of_way
            cells += [f"{of_way.mean():.3f}", "" if way == gap.FILL else with_interval((ahead.mean(), *of_mean(ahead)), 3, "+")]
        rows.append([f"**{way}**" if way == gap.FILL else way, *cells])
    return table(head, rows)


def gap_verdict(found: dict) -> str:
    lines = []
    for name, songs in found.items():
        for rival in (gap.UNHELD, gap.DRAWN):
            ahead = np.array([song["f1"][gap.FILL] - song["f1"][rival] for song in songs])
            low, high = of_mean(ahead)
            word = "better than" if low > 0 else "**worse than**" if high < 0 else "**not told apart from**"
            lines.append(f"- {SETS[name]}: {word} {'the ' if rival == gap.UNHELD else ''}{rival}, by {with_interval((ahead.mean(), low, high), 3, '+')}")
    return "\n".join(lines)


def where_repeating_wins(songs: list[dict]) -> str:
    fill = np.array([song["f1"][gap.FILL] for song in songs])
    again = np.array([song["f1"][gap.BAR_BEFORE] for song in songs])
    parts = np.array_split(np.argsort(again, kind="stable"), 3)
    words = ["a third that repeats least", "the third between", "a third that repeats most"]
    rows = [[word, str(len(part)), f"{fill[part].mean():.2f}", f"{again[part].mean():.2f}", str(int((fill > again)[part].sum()))] for word, part in zip(words, parts)]
    return table(["songs of the demo set, by F1 of the bar before", "songs", "the model", "bar before", "the model wins in"], rows)


def gap_section(found: dict) -> str:
    demo = found["demo"]
    fill, again = (np.array([song["f1"][way] for song in demo]) for way in (gap.FILL, gap.BAR_BEFORE))
    ahead = (fill - again).mean()
    bars = [[np.mean([song["by_bar"][bar][way] for song in demo]) for bar in range(gap.GAP_BARS)] for way in (gap.FILL, gap.UNHELD)]
    notes = {way: np.mean([song["notes"][way] for song in demo]) for way in gap.WAYS}
    pop = (
        f" The pop songs are {len(found['pop'])} choruses and verses of the 2016 study's set, one of each song, filled by models of the other\n"
        f"  songs; no key is changed. That set is not ours to pass on."
        if "pop" in found
        else ""
    )
    return f"""## Filling a gap

Two bars in the middle of a song (bars n/2 + 1 and n/2 + 2 of n, for every song) are made anew with everything else held:
`generate --infill SONG --bars-free A-B`. A note is right if the song has one of the same pitch that starts at the same
step. F1 is 2 × right / (notes of the song + notes of the fill). No song was seen by the model that fills it.

{gap_verdict(found)}

{gap_table(found, "f1")}

The same if the length has to be right too:

{gap_table(found, "f1_with_length")}

**Where repeating wins.** On the average of the demo set the bar before is {'better' if ahead < 0 else 'worse'} than the model by {abs(ahead):.3f}. The model is
better in {int((fill > again).sum())} of {len(demo)} songs. Songs say things twice, most of all in the accompaniment, with the same notes at the same steps;
the model sees two bars at a time, so it knows what fits between its neighbours, but not that this song has the same bar
again and again. (In the pop songs, whose chords come round every two or four bars, repeating two bars is better still.)

{where_repeating_wins(demo)}

**Where a hedge wins.** The likeliest independent notes are the same few for every song (C, E and G on the beats): F1
rewards what is often right, and nobody would want to hear it. A fill is one of many that fit, and decides: where
it decides for another chord than the song, all its notes are wrong. Once the lengths have to be right the hedge is no longer ahead.

What the held bars give the chain is real but small: {bars[0][0]:.3f} against {bars[1][0]:.3f} in the first bar of the gap, {bars[0][1]:.3f} against {bars[1][1]:.3f} in
the second. Notes in the gap, a song: {np.mean([song['truth'] for song in demo]):.1f} in the demo set itself, {notes[gap.FILL]:.1f} by the model, {notes[gap.SAMPLED]:.1f} where the last step is a sample:
there stray notes come in, and F1 falls.

- **Held out**: {gap.FOLDS} models, each of the songs of the demo set whose number in the list (by name) leaves another remainder by
  {gap.FOLDS}; so each of the {len(demo)} songs is filled by a model of the other nine tenths. The songs are arrangements of our own and share
  kinds of accompaniment.{pop}
- **The model** is the preset Recommended; {gap.SEEDS} seeds a song, whose F1 is averaged. Intervals are of the mean difference over
  songs, each song with itself (95 %, percentile bootstrap, {len(demo)} songs drawn again 10,000 times).
- **Chain that holds nothing**: the same command with all bars of the song free: same model, seeds, passes and Gibbs steps.
- **Independent notes**: each place of the bar (the step modulo 16) and pitch starts a note at the rate of the training songs; its
  length is drawn from theirs at that pitch. **The likeliest**: as many as are expected, those with the highest rates.
- **Bar before, twice**; **two bars before**: as they stand in the song."""


# --- seams --------------------------------------------------------------------------------------------------------


def seam_table(found: dict, inner: str, outer: str) -> str:
    rows = []
    for name, (within, low, high, joins) in found["heads"].items():
        inside = "yes" if low <= joins <= high else "**no**"
        rows.append([name, f"{within:.3f}", f"{low:.3f} to {high:.3f}", f"{joins:.3f}", inside])
    for name, (distance, limit) in found["off"].items():
        bins = found["bins"][name]
        rows.append([f"{name}: distance", "0", f"up to {limit:.3f}", f"{distance:.3f}", "yes" if distance <= limit else "**no**"])
        rows.append([f"{name}: bins of the histogram inside", "", f"{len(bins['low'])} in all", str(bins["inside"]), ""])
    return table(["", inner, "99 % interval", outer, "inside"], rows)


# Of the same pieces when bars were joined at bar lines: the distance of the melodic intervals, its limit, and the steps of a
# tone or less at joins and within.
JOINED_AT_LINES = (0.188, 0.165, 0.23, 0.34)


def small_steps(values: list[float]) -> str:
    return percent(sum(values[seams.MOST - 2 : seams.MOST + 3]), 0)


def off_by(compared: dict, name: str) -> str:
    distance, limit = compared["off"][name]
    return f"{distance:.3f} (limit {limit:.3f})"


def seams_section(found: dict) -> str:
    first, *further = (f"seed {seed}" for seed in seams.SEEDS)
    lines = found[first]["bar lines"]["bins"]["melodic intervals"]
    four = found["four bars"]
    again = "\n\n".join(
        f"The same from {seed} on, joins and then bar lines:\n\n{seam_table(found[seed]['joins'], 'within', 'at joins')}\n\n"
        f"{seam_table(found[seed]['bar lines'], 'between bars 1 and 2', 'later')}"
        for seed in further
    )
    before = JOINED_AT_LINES
    return f"""## Seams

{seams.PIECES} pieces of {seams.BARS} bars. The model sees two bars; a long piece is made by sliding a bar at a time. Of the bar that an
excerpt shares with the one before it, the first half stands and is held; the second half is made together with the bar after
it. So every bar line lies inside an excerpt, and **what is joined is the middle of a bar**, from bar 2 on. The chain starts from one
of the persistent chains that share most with what is held (of 100, one of the best 7).

**Joins, against the middles of both bars of {seams.PIECES} pieces of one excerpt, made from the same seeds:**

{seam_table(found[first]["joins"], "within", "at joins")}

**Bar lines from bar 3 on, against that between bars 1 and 2:**

{seam_table(found[first]["bar lines"], "between bars 1 and 2", "later")}

The top line moves over later bar lines by a tone or less in {small_steps(lines["joins"])} of the cases, over the first in {small_steps(lines["within"])}, in the songs
in {small_steps(found["songs"][seams.TOP_BINS])}. When bars were joined at bar lines it was {percent(before[2], 0)} against {percent(before[3], 0)}, and the melodic intervals were off by {before[0]}
(limit {before[1]}); more Gibbs steps did not mend that, and in a trial in NumPy with the model's weights neither did tempering nor the best of eight
chains by free energy. What did was to let the model dream the line itself.

{again}

**A model of four bars that moves on by two** (64 steps, stride 32; trained on all songs and on all songs without their
first bar). Of the middles of bars after the first excerpt every second one is a join. Melodic intervals at joins are off from those
at the others by {off_by(four["joins"], "melodic intervals")}, intervals of pitch classes by {off_by(four["joins"], "intervals of pitch classes")}. That says little: inside excerpts made whole the middle of bar 4 is
off from that of bar 2 by {off_by(four["places"], "melodic intervals")} and {off_by(four["places"], "intervals of pitch classes")}, because 100 persistent chains, which hardly leave their modes, are
few beginnings, and a piece keeps the place of its phrases. Whether such a model has seams this cannot tell.

- **Interval**: of what is within, {seams.PIECES} pieces drawn again 2000 times. **Distance**: total variation between the two
  histograms; the limit is what 99 % of the samples of lines within stay below. It knows nothing of the chance in the joins
  themselves, so it is a little strict.
- **Melodic intervals**: from the highest note of the last step with an onset in the half bar before to the highest of the first one
  in the half bar after, in semitones, {2 * seams.MOST + 1} bins, an octave and more as one. **Intervals of pitch classes**: between all notes that sound in
  the step before and all that sound after it, modulo 12."""


# --- steering -----------------------------------------------------------------------------------------------------


def density_section(found: dict) -> str:
    rows, worst = [], 0.0
    for row in found["rows"]:
        cells = []
        for asked, (got, low, high) in row["asked"].items():
            ratio = got / float(asked)
            worst = max(worst, abs(ratio - 1))
            cells.append(f"{got:.3f} ({100 * (ratio - 1):+.0f} %)")
        rows.append([f"temperature {row['temperature']}, {row['last']}", *cells, f"{row['free'][0]:.2f}"])
    asked = [f"asked {multiple} ×" for multiple in found["rows"][0]["asked"]]
    first = found["rows"][0]["asked"]
    half = max((high - low) / 2 / float(multiple) for multiple, (got, low, high) in first.items())
    return f"""## Density

Sounding notes a step as a multiple of those of the songs ({found['data']:.2f}): asked with `--density`, got in {PIECES * (BARS - BURN_IN)} bars, {PIECES} pieces of
{BARS} bars without the first {BURN_IN} of each. Wanted: within 5 %. The farthest is off by {percent(worst)}: {'reached' if worst <= 0.05 else '**not reached everywhere**'}.

{table(["", *asked, "left to the model"], rows)}

The bars of one piece are alike, so a mean of {PIECES} pieces is itself uncertain by up to ±{percent(half, 0)} (95 %, temperature 1)."""


def entropy_section(found: dict) -> str:
    rate = found["data"]
    ceiling = -(rate * np.log2(rate) + (1 - rate) * np.log2(1 - rate))
    rows = [
        [f"{row['temperature']}", f"{row['equal']['bits']:.4f}", percent(row["equal"]["rate"], 2), f"{row['equal']['nats']:+.2f}"]
        + [f"{row['free']['bits']:.4f}", percent(row["free"]["rate"], 2)]
        for row in found["rows"]
    ]
    values = [row["equal"]["bits"] for row in found["rows"]]
    rises = all(a < b for a, b in zip(values, values[1:]))
    return f"""## Temperature

Mean entropy of p(v | h) a visible unit, at the density of the songs ({percent(rate, 2)} of the units on), from chains of our own in
NumPy with the model's weights: it {'rises with the temperature throughout' if rises else '**does not rise throughout**'}. Units that were on and off by themselves at that rate would
have {ceiling:.3f} bits.

{table(["temperature", "bits a unit, equal density", "units on", "nats added", "bits a unit, density left free", "units on"], rows)}

A bias on all units is corrected at each of 300 steps of 50 chains until the density is right; the next 100 steps are
measured. What is left free grows denser with the temperature, and its entropy with that: hence the bias."""


# --- all other ways -----------------------------------------------------------------------------------------------


def touching(go_on: dict, lead: dict) -> str:
    """Whether new bars are like the given ones that they touch, in words that follow the intervals."""
    told = {"lead up to": lead["other minus own"], "go on from": go_on["other minus own"]}
    near = [way for way, (_, low, _) in told.items() if low > 0]
    chance = [way for way in told if way not in near]
    words = f"New bars that {' or '.join(near)} given ones are nearer to them than other music is, but not by much" if near else ""
    unknown = f"those that {' or '.join(chance)} given ones cannot be told from other music by their distance" if chance else ""
    joined = "; ".join(part for part in (words, unknown) if part)
    return joined[:1].upper() + joined[1:] + "."


def modes_section(found: dict) -> str:
    go_on, lead, har, mel = found["continue"], found["lead up"], found["harmonise"], found["melody"]
    led, inter, form = found["led"], found["interpolate"], found["form"]
    keys = led["keys"]
    apart = [
        (
            f"{key['key']}: notes outside",
            f"forced {percent(key['outside'][2], 1)}, favoured {percent(key['outside'][1], 1)} (without: {percent(key['outside'][0], 0)})",
            f"forced {percent(key['notes'][2] / key['notes'][0], 0)}, favoured {percent(key['notes'][1] / key['notes'][0], 0)}",
        )
        for key in keys
    ]
    rows = [
        ["go on (`--continue`)", "the given notes stay", share(go_on["kept"])],
        ["", "pairs of seeds that differ", share(go_on["differ"])],
        ["", "the first new bar is nearer to the last given one than other songs' are, by", with_interval(go_on["other minus own"], 3, "+")],
        ["lead up (`--lead-up-to`)", "the given notes stay", share(lead["kept"])],
        ["", "pairs of seeds that differ", share(lead["differ"])],
        ["", "the last new bar is nearer to the first given one than other songs' are, by", with_interval(lead["other minus own"], 3, "+")],
        ["bars 3-4 anew (`--infill`)", "notes outside stay", share(found["inside"]["kept"])],
        ["", "pairs of seeds that differ", share(found["inside"]["differ"])],
        ["all but bars 3-4 (`--around`)", "notes of bars 3-4 stay", share(found["around"]["kept"])],
        ["", "pairs of seeds that differ", share(found["around"]["differ"])],
        ["harmonise", "the melody stays", share(har["kept"])],
        ["", "melody notes with another above them", share(har["above"])],
        ["", "notes in all, for each of the melody's", with_interval(har["voices"])],
        ["", "steps whose pitch-class set the training set has", share(har["known"], 1)],
        ["", "the same of the song as it is", share(har["known in the song"], 1)],
        ["", "agreement with the song's own harmony (cosine)", with_interval(har["own"])],
        ["", "more than that of harmonies made for other songs, by", with_interval(har["own minus other"], 3, "+")],
        ["melody for chords", "the chords stay", share(mel["kept"])],
        ["", "steps with more than one new note", share(mel["two at a time"])],
        ["", "new notes below a chord's top", share(mel["below the chords"])],
        ["", "bars that got a melody", share(mel["bars with a melody"])],
        ["", "new notes that are notes of the chord", share(mel["in the chord"])],
        ["", "more than the same notes over other chords of the piece, by", share(mel["in the chord minus shuffled"], 1)],
        *[row for words, outside, left in apart for row in (["key", words, outside], ["", "notes, of as many as without", left])],
        ["range C4-C6", "notes outside", f"{percent(led['range']['outside'])} (without: {percent(led['range']['free'], 0)})"],
        ["voices, at most 3", "most that sound at a time", f"{led['voices']['most']} (without: {led['voices']['free']})"],
        ["rhythm -1, -0.5, 0, 0.5, 1", "notes that start on a beat", ", ".join(percent(value, 0) for value in led["rhythm"].values())],
        ["form A A B A", "pieces whose second A has the notes of the first", percent(form["second A"], 0)],
        ["", "the same with the first step, over which notes may ring", percent(form["second A, first step too"], 0)],
        ["", "pieces whose last A has the notes of the first", percent(form["last A"], 0)],
        ["", "pieces whose B has them", percent(form["B"], 0)],
        ["lock", "locked notes stay", share(found["locks"]["kept"])],
    ]
    amounts = found["vary"]["amounts"]
    strayed = [f"{amounts[str(amount)][0]:.2f}" for amount in AMOUNTS]
    vary = table(["amount", *map(str, AMOUNTS)], [["distance from the piece", *strayed]])
    numbers = [str(number + 1) for number in range(STEPS_BETWEEN)]
    ways = [[f"distance {end}", *(f"{distance:.2f}" for distance in inter[end])] for end in ("to the first", "to the second")]
    return f"""## Every way

The first {GIVEN_BARS} bars of {found['songs']} songs ({TAKEN_FOLDS} of the {gap.FOLDS} models above, each with the songs that it never saw), {SEEDS} pieces each, all default
settings; going on and leading up by {NEW_BARS} bars. Key, range, voices, rhythm (50 new pieces of 8 bars), form ({form['pieces']} pieces) and locks
({found['locks']['pieces']} pieces of 4 bars, up to 12 notes drawn at random) are of one model of all songs. Notes are compared by start, pitch and
length, read back from the MIDI files. Intervals are 95 % over songs.

{table(["way", "what is measured", "figure"], rows, words=2)}

**Vary** (`--vary SONG --amount X`): mean distance from the piece; it never falls as the amount rises in {percent(found['vary']['monotone'], 0)} of the songs, and
at 0 the piece comes back.

{vary}

**Interpolate** ({inter['pairs']} pairs of songs, {STEPS_BETWEEN} pieces between them): the correlation of the number of the piece with the distance to the
first song is {with_interval(inter['rises'])}, to the second {with_interval(inter['falls'])}. The pieces are the model's own, so even
the first of them is not the song itself, which the model never saw.

{table(["piece", *numbers], ways)}

**Weak points.** A key far from those of the songs (all are in C major or A minor) leaves out what the model wants to play: the
pieces hold to it, but grow thin, because nothing is transposed. A single Gibbs step (amount 0.05) carries a
song that the model never saw a good way off, so that there is nothing between 0 and {amounts["0.05"][0]:.2f}: the knob has no faithful end but 0
itself. {touching(go_on, lead)}

Distances are those of [music.md](music.md): 0 the same, 1 nothing in common. The form's sections are compared by the notes that start in
them, without the beat before the next section, which is made to lead over. Chords and melody are the song's own, divided by its
top line."""

