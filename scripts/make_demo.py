#!/usr/bin/env python3
"""Makes the demo set: assets/demo/*.mid and the table in assets/demo/README.md, from assets/demo/sources/.

    make_demo.py                 write every file anew (and remove .mid files without a source)
    make_demo.py --check         change nothing; exit code 1 when a committed file differs or the set breaks a rule
    make_demo.py --stats         what the pieces are like, in numbers
    make_demo.py --roll PIECE    the first bars of a piece as a piano roll of letters

The same sources give the same bytes. Python 3.10 or newer, standard library only.

HOW A SOURCE READS

A file is a head, then sections. `#` starts a comment only at the start of a line.

    title: Ode to Joy
    origin: Ludwig van Beethoven, Symphony No. 9, 1824
    key: C major                 or A minor; every piece stands in one of the two
    metre: 4/4
    tempo: 112                   quarter notes a minute
    unit: 1/4                    what a letter without a number lasts; 1/4 when left out
    sounds: 73 48 32             General MIDI programmes, from 0: melody, chords, bass
    form: A A2 B                 the sections in the order they sound

    [A] halves                   a section: its name, then the accompaniment (a pattern of styles.txt)
    melody: E E F G | G F E D | C C D E | E3/2 D/ D2
    chords: C | G7 | C . . G | C G

    [A2 = A] alberti voices=4    the lines of A once more, with another accompaniment; lines given here replace

Options after the style: `voices=3` or 4 notes a chord, `melody=-1` octaves that the melody moves.

melody   Letters as in ABC notation: C D E F G A B from middle C up, c d e … the octave above, c' a further octave
         above, C, an octave below. `^F` is F sharp, `_B` B flat, for that note alone. z is a rest. A number after it
         says how many units it lasts (E2, E/ for half a unit, E3/2 for one and a half); `-` ties it to the next.
         `[CE]2` sounds together. Bars are parted by |, each must fill the metre; one bar may be % (the one before).
chords   Names parted by spaces share their bar equally; `.` goes on with the chord before, `-` is silence, % repeats
         the bar before. C Am G7 Dm7 Fmaj7 Bm7b5 E7 Bdim Asus4 Csus2 Cadd9 C6 F#dim7 …, and C/E for another bass.
play     The rhythm of the chords in place of the style's, one pattern a bar. x strikes the chord, X the chord of the
         next beat; 1 2 3 4 single voices from the lowest, (13) several; ~ holds, - is silent. A chord that changes
         under a ~ is struck anew.
bass     The same for the bass: R root (or the note after the slash), n the root of the next beat, 8 the octave above,
         3 5 6 7 degrees of the chord, a a step to the root of the next beat. A chord enters on its root all the same.
ring     yes: what play strikes rings on, through - too, until the chord or the bar ends.
upper    The Chords track written out as notes; takes the place of chords' voices.
lower    The Bass track written out as notes.

melody, chords, upper and lower may take several lines. A section's length is that of its chords, or of its longest
written line when it has none.
"""

from __future__ import annotations

import argparse
import itertools
import re
import struct
import sys
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "assets" / "demo"
SOURCES = DEMO / "sources"
README = DEMO / "README.md"
STYLES = "styles.txt"

TICKS_PER_BEAT = 480
STEPS_PER_BEAT = 4
TICKS_PER_STEP = TICKS_PER_BEAT // STEPS_PER_BEAT

MIN_TUNES, MIN_PROGRESSIONS, MIN_BARS = 20, 20, 600
MIN_IN_KEY = 0.85
MAX_SHARE = 0.8
SHORTEST, LONGEST = 8, 36  # bars of a piece

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
WHITE = frozenset(LETTERS.values())

# Semitones above the root; the order says what a chord of fewer voices keeps (first kept first).
QUALITIES = {
    "": (4, 0, 7), "m": (3, 0, 7), "dim": (3, 6, 0), "aug": (4, 8, 0),
    "sus4": (5, 0, 7), "sus2": (2, 7, 0), "5": (0, 7),
    "6": (4, 9, 0, 7), "m6": (3, 9, 0, 7), "add9": (4, 2, 0, 7), "madd9": (3, 2, 0, 7),
    "7": (4, 10, 0, 7), "maj7": (4, 11, 7, 0), "m7": (3, 10, 7, 0), "m7b5": (3, 6, 10, 0), "dim7": (3, 9, 6, 0),
    "7sus4": (5, 10, 0, 7), "9": (4, 10, 2, 7), "maj9": (4, 11, 2, 7), "m9": (3, 10, 2, 7),
}  # fmt: skip

MELODY, CHORDS, BASS = range(3)
TRACK_NAMES = ("Melody", "Chords", "Bass")
RANGES = ((55, 88), (45, 81), (36, 60))  # what each track may use, MIDI pitches
VELOCITY = (92, 58, 70)


class Wrong(Exception):
    """A source that cannot be played; says where and what to do."""


# ---- notation -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    start: int  # sixteenth steps
    length: int
    pitch: int
    velocity: int = 0

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class Chord:
    name: str
    classes: tuple[int, ...]  # pitch classes, the most needed first
    root: int
    bass: int
    intervals: tuple[int, ...]

    def degree(self, number: str) -> int:
        """Pitch class of a degree of the chord, for the bass."""
        choices = {"3": (4, 3, 5, 2), "5": (7, 6, 8), "7": (10, 11, 9), "6": (9, 8)}[number]
        fallback = {"3": 7, "5": 7, "7": 10, "6": 9}[number]
        found = next((i for i in choices if i in self.intervals), fallback)
        return (self.root + found) % 12


def parse_chord(name: str, where: str) -> Chord:
    match = re.fullmatch(r"([A-G])([#b]?)([a-z0-9]*)(?:/([A-G])([#b]?))?", name)
    if not match or match[3] not in QUALITIES:
        known = " ".join(f"C{q}" for q in QUALITIES)
        raise Wrong(f"{where}: no chord is called {name!r}; the kinds are {known}")
    shift = {"": 0, "#": 1, "b": -1}
    root = (LETTERS[match[1]] + shift[match[2]]) % 12
    bass = (LETTERS[match[4]] + shift[match[5]]) % 12 if match[4] else root
    intervals = QUALITIES[match[3]]
    return Chord(name, tuple((root + i) % 12 for i in intervals), root, bass, intervals)


TOKEN = re.compile(
    r"""\s* (?: (?P<rest>z) | \[(?P<group>[^\]]*)\] | (?P<note>[_^]?[A-Ga-g][,']*) )
        (?P<up>\d+)? (?P<slash>/(?P<down>\d*))? (?P<tie>-)? \s*""",
    re.VERBOSE,
)
PITCH = re.compile(r"([_^]?)([A-Ga-g])([,']*)")


def parse_pitch(text: str) -> int:
    sign, letter, octave = PITCH.fullmatch(text).groups()
    pitch = 60 + LETTERS[letter.upper()] + (12 if letter.islower() else 0)
    return pitch + {"": 0, "^": 1, "_": -1}[sign] + 12 * (octave.count("'") - octave.count(","))


def parse_notes(bars: list[str], bar_steps: int, unit: Fraction, where: str) -> list[Note]:
    notes: list[Note] = []
    tied: dict[int, int] = {}  # pitch -> index of the note that goes on
    for number, bar in enumerate(bars):
        here = f"{where}, bar {number + 1}"
        at = Fraction(0)
        position = 0
        while position < len(bar):
            match = TOKEN.match(bar, position)
            if not match:
                unread = bar[position:].strip()
                raise Wrong(f"{here}: cannot read {unread!r}; write letters A to G, z, ^ _ , ' and numbers")
            position = match.end()
            length = unit * int(match["up"] or 1)
            if match["slash"]:
                length /= int(match["down"] or 2)
            steps = length * 4 * STEPS_PER_BEAT
            if steps.denominator != 1 or (at * 4 * STEPS_PER_BEAT).denominator != 1:
                raise Wrong(f"{here}: {match[0].strip()!r} leaves the grid of sixteenths; write whole sixteenths")
            start = number * bar_steps + int(at * 4 * STEPS_PER_BEAT)
            at += length
            texts = [] if match["rest"] else [p[0] for p in PITCH.finditer(match["group"] or match["note"])]
            going_on, tied = tied, {}
            for pitch in map(parse_pitch, texts):
                if pitch in going_on:
                    index = going_on.pop(pitch)
                    notes[index] = Note(notes[index].start, notes[index].length + int(steps), pitch)
                else:
                    index = len(notes)
                    notes.append(Note(start, int(steps), pitch))
                if match["tie"]:
                    tied[pitch] = index
            if going_on:
                raise Wrong(f"{here}: a tie reaches no note of the same pitch; take the - away or repeat the note")
        steps = at * 4 * STEPS_PER_BEAT
        if steps != bar_steps:
            much = "too much; shorten" if steps > bar_steps else "missing; lengthen"
            wrong = f"{steps} sixteenths in a bar of {bar_steps}, {abs(steps - bar_steps)} {much}"
            raise Wrong(f"{here}: {wrong} {bar.strip()!r}")
    if tied:
        raise Wrong(f"{where}, bar {len(bars)}: the last note is tied to nothing; take the - away")
    return notes


def parse_chord_bars(bars: list[str], bar_steps: int, where: str) -> list[Chord | None]:
    """The chord of every step."""
    steps: list[Chord | None] = []
    for number, bar in enumerate(bars):
        here = f"{where}, bar {number + 1}"
        names = bar.split()
        if not names or bar_steps % len(names):
            raise Wrong(f"{here}: {len(names)} chords cannot share {bar_steps} sixteenths equally; fill in with .")
        for name in names:
            if name == ".":
                if not steps:
                    raise Wrong(f"{here}: nothing goes on with '.'; name a chord first")
                chord = steps[-1]
            else:
                chord = None if name == "-" else parse_chord(name, here)
            steps += [chord] * (bar_steps // len(names))
    return steps


def split_bars(text: str, where: str) -> list[str]:
    bars = [bar.strip() for bar in text.strip().strip("|").split("|")]
    for index, bar in enumerate(bars):
        if bar == "%":
            if index == 0:
                raise Wrong(f"{where}, bar 1: % repeats the bar before, and there is none; write the bar out")
            bars[index] = bars[index - 1]
    return bars


def parse_pattern(text: str, bar_steps: int, allowed: str, where: str) -> list[list[str | None]]:
    """For each bar of the pattern, the sign at every step (None: nothing new, what sounds goes on)."""
    result = []
    for bar in text.replace(" ", "").strip("|").split("|"):
        signs = re.findall(r"\([^)]*\)|.", bar)
        for sign in signs:
            if set(sign.strip("()")) - set(allowed):
                raise Wrong(f"{where}: cannot read {sign!r} in {bar!r}; the signs are {allowed}")
        if not signs or bar_steps % len(signs):
            wrong = f"{len(signs)} signs cannot share {bar_steps} sixteenths equally"
            raise Wrong(f"{where}: {wrong} in {bar!r}; add or take signs")
        each = bar_steps // len(signs)
        steps: list[str | None] = []
        for sign in signs:
            steps += [None if sign == "~" else sign] + [None] * (each - 1)
        result.append(steps)
    return result


PLAY_SIGNS, BASS_SIGNS = "xX1234~-", "Rn35678a~-"
NOTE_LINES = ("melody", "upper", "lower")
SECTION_LINES = (*NOTE_LINES, "chords", "play", "bass", "ring")
HEAD_LINES = ("title", "origin", "key", "metre", "tempo", "unit", "sounds", "form")


@dataclass
class Section:
    name: str
    style: str
    options: dict[str, int]
    lines: dict[str, str] = field(default_factory=dict)


def read_blocks(path: Path) -> tuple[dict[str, str], list[tuple[str, str, dict[str, str]]]]:
    """Head lines, and (bracket text, text after it, lines) of each block."""
    head: dict[str, str] = {}
    blocks: list[tuple[str, str, dict[str, str]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if match := re.fullmatch(r"\[([^\]]*)\]\s*(.*)", line):
            blocks.append((match[1].strip(), match[2].strip(), {}))
            continue
        word, colon, value = line.partition(":")
        known = SECTION_LINES if blocks else HEAD_LINES
        if not colon or word not in known:
            here = f"{path.name}, line {number}"
            raise Wrong(f"{here}: {line!r} is no line of ours; start it with one of: {', '.join(known)}")
        lines = blocks[-1][2] if blocks else head
        if word in lines:
            if word not in (*NOTE_LINES, "chords"):
                raise Wrong(f"{path.name}, line {number}: {word} stands here twice; keep one")
            lines[word] = lines[word].rstrip().rstrip("|") + " | " + value.strip()
        else:
            lines[word] = value.strip()
    return head, blocks


def parse_metre(text: str, where: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(2|4|8|16)", text)
    if not match:
        raise Wrong(f"{where}: {text!r} is no metre; write one such as 4/4 or 6/8")
    return int(match[1]), int(match[2])


def read_styles(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    styles = {}
    for name, _, lines in read_blocks(path)[1]:
        style, _, metre = name.rpartition(" ")
        parse_metre(metre, f"{path.name}, [{name}]")
        if (style, metre) in styles:
            raise Wrong(f"{path.name}: [{name}] stands there twice; give one another name")
        styles[style, metre] = lines
    return styles


# ---- voices -------------------------------------------------------------------------------------------------


def voicings(chord: Chord, count: int) -> list[tuple[int, ...]]:
    """Every spacing of the chord that a hand would take, C3 to about C5."""
    classes = list(chord.classes)
    if len(classes) > count:
        # The bass has the root; a third and a seventh (or what stands in for them) say what chord it is.
        kept = [classes[:count]]
        if count == 3:
            kept.append(classes[:2] + classes[3:])
    else:
        doubled = itertools.combinations_with_replacement(sorted(classes), count - len(classes))
        kept = [classes + list(extra) for extra in doubled]
    found = set()
    for wanted in kept:
        places = [[p for p in range(48, 75) if p % 12 == c] for c in wanted]
        for pitches in itertools.product(*places):
            spread = tuple(sorted(set(pitches)))
            if len(spread) == count and spread[-1] - spread[0] <= 15:
                found.add(spread)
    return sorted(found)


def voicing_cost(voicing: tuple[int, ...], chord: Chord, bass: int, melody: set[int]) -> float:
    cost = 0.12 * abs(sum(voicing) / len(voicing) - 59.5) ** 1.5
    cost += 2.0 * max(0, voicing[-1] - voicing[0] - 12)
    cost += sum(1.5 for a, b in itertools.pairwise(voicing) if b - a == 1)
    cost += sum(0.6 for a, b in itertools.pairwise(voicing) if b - a == 2)
    cost += 3.0 * max(0, bass + 3 - voicing[0])
    if voicing[0] < 52 and voicing[1] - voicing[0] < 4:
        cost += 2.0  # mud
    if melody:
        cost += 0.7 * max(0, voicing[-1] - min(melody) + 1) ** 0.5
        cost += sum(2.5 for p in voicing if p in melody)
        cost += sum(0.8 for p in voicing for m in melody if abs(p - m) == 1)
    return cost


def move_cost(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    if len(before) == len(after):
        steps = [abs(a - b) for a, b in zip(before, after)]
    else:
        steps = [min(abs(a - b) for b in before) for a in after]
    return 0.55 * sum(steps) + sum(1.0 for s in steps if s > 5)


@dataclass
class Span:
    """A stretch of one chord."""

    start: int
    end: int
    chord: Chord | None
    count: int
    voicing: tuple[int, ...] = ()
    bass: int = 0


def lead_voices(spans: list[Span], melody: list[Note]) -> None:
    """The cheapest path through all voicings of all chords (Viterbi)."""
    sounding = [s for s in spans if s.chord]
    previous: int | None = None
    for span in sounding:
        choices = [p for p in range(38, 53) if p % 12 == span.chord.bass]
        span.bass = min(choices, key=lambda p: ((0.6 * abs(p - previous) if previous else 0) + 0.7 * abs(p - 44), p))
        previous = span.bass
    best: list[tuple[float, tuple[int, ...], int]] = []
    paths: list[list[tuple[float, tuple[int, ...], int]]] = []
    for span in sounding:
        above = {n.pitch for n in melody if n.start < span.end and n.end > span.start}
        row = []
        for voicing in voicings(span.chord, span.count):
            own = voicing_cost(voicing, span.chord, span.bass, above)
            if best:
                cost, index = min((b[0] + move_cost(b[1], voicing), i) for i, b in enumerate(best))
            else:
                cost, index = 0.0, -1
            row.append((round(cost + own, 6), voicing, index))
        paths.append(row)
        best = row
    if not sounding:
        return
    index = min(range(len(best)), key=lambda i: (best[i][0], best[i][1]))
    for span, row in zip(reversed(sounding), reversed(paths)):
        span.voicing = row[index][1]
        index = row[index][2]


def near(pitch_class: int, pitch: int, low: int, high: int) -> int:
    choices = [p for p in range(low, high + 1) if p % 12 == pitch_class % 12]
    return min(choices, key=lambda p: (abs(p - pitch), p))


def step_towards(target: int, origin: int) -> int:
    """The white key next to the target, from the side where the line comes from."""
    side = -1 if origin <= target else 1
    pitch = target + side
    return pitch if pitch % 12 in WHITE else pitch + side


# ---- pieces -------------------------------------------------------------------------------------------------


@dataclass
class Piece:
    source: str
    title: str
    origin: str
    key: str
    metre: tuple[int, int]
    tempo: int
    sounds: list[int]
    bars: int
    bar_steps: int
    tracks: tuple[list[Note], list[Note], list[Note]]

    @property
    def is_progression(self) -> bool:
        return self.title.startswith("Progression ")

    @property
    def file_name(self) -> str:
        plain = unicodedata.normalize("NFKD", self.title).encode("ascii", "ignore").decode()
        return re.sub(r"[^A-Za-z0-9 .,()&+-]", "", plain) + ".mid"

    @property
    def steps(self) -> int:
        return self.bars * self.bar_steps

    def notes(self) -> list[Note]:
        return [note for track in self.tracks for note in track]

    def onsets(self) -> frozenset[tuple[int, int]]:
        return frozenset((n.start, n.pitch) for n in self.notes())


def accented(start: int, metre: tuple[int, int], bar_steps: int, base: int) -> int:
    place = start % bar_steps
    beat = 6 if metre[1] == 8 and metre[0] % 3 == 0 else 4
    if place == 0:
        return base + 10
    if place == bar_steps // 2 and (metre[0] % 2 == 0):
        return base + 5
    if place % beat == 0:
        return base + 2
    return base - 4 if place % 2 == 0 else base - 8


def sound_pattern(
    spans: list[Span],
    section_starts: list[tuple[int, int]],
    bar_steps: int,
    beat: int,
    patterns: list[list[list[str | None]] | None],
    ringing: list[bool],
    is_bass: bool,
) -> list[Note]:
    """Plays rhythm patterns over the spans of chords."""
    notes: list[Note] = []
    span_at: list[int] = []
    for index, span in enumerate(spans):
        span_at += [index] * (span.end - span.start)
    held: list[tuple[int, int]] = []  # (start, pitch)
    last_sign, sounding_span = None, -1

    def release(step: int) -> None:
        for start, pitch in held:
            if step > start:
                notes.append(Note(start, step - start, pitch))
        held.clear()

    total = len(span_at)
    for step in range(total):
        bar, place = divmod(step, bar_steps)
        section, first_bar = section_starts[bar]
        pattern = patterns[section]
        if pattern is None:
            release(step)
            last_sign = None
            continue
        sign = pattern[(bar - first_bar) % len(pattern)][place]
        here = span_at[step]
        ahead = span_at[min((step // beat + 1) * beat, total - 1)]
        if sign == "-" and ringing[section] and place and here == sounding_span:
            continue
        if sign is None:
            same = sounding_span >= 0 and (here == sounding_span or spans[here].chord == spans[sounding_span].chord)
            if last_sign in (None, "-") or same or sounding_span == here:
                continue
            if sounding_span > here:  # struck ahead of its chord
                continue
            sign = last_sign if last_sign not in ("X", "n") else ("R" if is_bass else "x")
        if ringing[section] and place and here == sounding_span and sign != "-":
            pitches = set(chord_pitches(sign, spans[here])) if spans[here].chord else set()
            notes.extend(Note(s, step - s, p) for s, p in held if p in pitches)
            held[:] = [(s, p) for s, p in held if p not in pitches]
        else:
            release(step)
        last_sign = sign
        if is_bass and step == spans[here].start and sign in "35678a":
            sign = "R"  # a chord enters on its root, whatever the pattern goes on with
        if sign == "-":
            continue
        source = ahead if sign in ("X", "n") else here
        span = spans[source]
        sounding_span = source
        if span.chord is None:
            last_sign = "-"
            continue
        if is_bass:
            held.append((step, bass_pitch(sign, span, spans[ahead])))
        else:
            for pitch in chord_pitches(sign, span):
                held.append((step, pitch))
    release(total)
    return notes


def bass_pitch(sign: str, span: Span, following: Span) -> int:
    root = span.bass
    if sign in "Rn":
        return root
    if sign == "8":
        return root + 12 if root + 12 <= 60 else root
    if sign == "a":
        if following.chord is None:
            return root
        return step_towards(following.bass, root if following.bass != root else root + 7)
    if sign == "5":
        target = root - 5 if root - 5 >= 38 else root + 7
        return near(span.chord.degree("5"), target, 36, 60)
    return near(span.chord.degree(sign), root + int(sign) + 1, 36, 60)


def chord_pitches(sign: str, span: Span) -> list[int]:
    if sign in "xX":
        return list(span.voicing)
    ladder = list(span.voicing) + [p + 12 for p in span.voicing]
    return sorted({ladder[int(c) - 1] for c in sign.strip("()")})


def read_piece(path: Path, styles: dict[tuple[str, str], dict[str, str]]) -> Piece:
    head, blocks = read_blocks(path)
    name = path.name
    for word in ("title", "origin", "key", "metre", "tempo", "sounds", "form"):
        if word not in head:
            raise Wrong(f"{name}: the head has no {word}; add a line '{word}: …'")
    if head["key"] not in ("C major", "A minor"):
        raise Wrong(f"{name}: key {head['key']!r}; move the piece to C major or A minor")
    metre = parse_metre(head["metre"], name)
    bar_steps = 16 * metre[0] // metre[1]
    try:
        unit = Fraction(head.get("unit", "1/4"))
        tempo = int(head["tempo"])
        sounds = [int(word) for word in head["sounds"].split()]
    except (ValueError, ZeroDivisionError) as error:
        raise Wrong(f"{name}: unit, tempo or sounds: {error}; write them as in unit: 1/4, tempo: 96, sounds: 0 0 32")
    if not 20 <= tempo <= 300:
        raise Wrong(f"{name}: tempo {tempo}; write 20 to 300 quarter notes a minute")
    if len(sounds) != 3 or not all(0 <= s <= 127 for s in sounds):
        raise Wrong(f"{name}: sounds are three programmes, 0 to 127: melody, chords, bass")

    sections: dict[str, Section] = {}
    for bracket, rest, lines in blocks:
        label, _, parent = (part.strip() for part in bracket.partition("="))
        words = rest.split()
        options = dict(re.findall(r"([a-z]+)=(-?\d+)", rest))
        options = {word: int(value) for word, value in options.items()}
        if set(options) - {"voices", "melody"} or len(options) != sum("=" in word for word in words):
            raise Wrong(f"{name}, [{label}]: the options are voices=… and melody=…")
        style = " ".join(w for w in words if "=" not in w)
        if parent and parent not in sections:
            raise Wrong(f"{name}, [{label}]: no section {parent!r} stands before it; write that one first")
        merged = dict(sections[parent].lines) if parent else {}
        if style and parent:  # another style replaces the rhythms written out
            merged = {k: v for k, v in merged.items() if k not in ("play", "bass", "ring", "upper", "lower")}
        if style and (style, head["metre"]) not in styles:
            known = ", ".join(s for s, m in styles if m == head["metre"])
            raise Wrong(f"{name}, [{label}]: no style {style!r} in {head['metre']}; there are {known}")
        if style:
            merged |= styles[style, head["metre"]]
        merged |= lines
        if parent:
            options = sections[parent].options | options
        sections[label] = Section(label, style, options, merged)

    melody: list[Note] = []
    upper: list[Note] = []
    lower: list[Note] = []
    chords: list[tuple[Chord | None, int]] = []
    section_starts: list[tuple[int, int]] = []
    plays, basses, ringing = [], [], []
    beat = 6 if metre[1] == 8 and metre[0] % 3 == 0 else 16 // metre[1]
    bars = 0
    for number, label in enumerate(head["form"].split()):
        if label not in sections:
            there = ", ".join(sections)
            raise Wrong(f"{name}: form names {label!r}, but there is no [{label}]; the sections are {there}")
        section = sections[label]
        where = f"{name}, [{label}]"
        lines = section.lines
        texts = {w: split_bars(lines[w], f"{where} {w}") for w in (*NOTE_LINES, "chords") if w in lines}
        if not texts:
            raise Wrong(f"{where}: empty; write at least chords")
        length = len(texts["chords"]) if "chords" in texts else max(map(len, texts.values()))
        for word, text in texts.items():
            if len(text) != length:
                raise Wrong(f"{where}: {word} has {len(text)} bars where the section has {length}; make them equal")
        offset = bars * bar_steps
        for word, into in (("melody", melody), ("upper", upper), ("lower", lower)):
            if word in texts:
                shift = 12 * section.options.get("melody", 0) if word == "melody" else 0
                for n in parse_notes(texts[word], bar_steps, unit, f"{where} {word}"):
                    into.append(Note(n.start + offset, n.length, n.pitch + shift))
        count = section.options.get("voices", 3)
        names: list[Chord | None] = [None] * (length * bar_steps)
        if "chords" in texts:
            names = parse_chord_bars(texts["chords"], bar_steps, f"{where} chords")
        chords += [(chord, count) for chord in names]
        plays.append(None if "upper" in texts or "play" not in lines
                     else parse_pattern(lines["play"], bar_steps, PLAY_SIGNS, f"{where} play"))  # fmt: skip
        basses.append(None if "lower" in texts or "bass" not in lines
                      else parse_pattern(lines["bass"], bar_steps, BASS_SIGNS, f"{where} bass"))  # fmt: skip
        ringing.append(lines.get("ring") == "yes")
        section_starts += [(number, bars)] * length
        bars += length

    spans: list[Span] = []
    for step, (chord, count) in enumerate(chords):
        if spans and spans[-1].chord == chord and spans[-1].count == count:
            spans[-1].end = step + 1
        else:
            spans.append(Span(step, step + 1, chord, count))
    lead_voices(spans, melody)

    written = [
        melody,
        upper + sound_pattern(spans, section_starts, bar_steps, beat, plays, ringing, False),
        lower + sound_pattern(spans, section_starts, bar_steps, beat, basses, [False] * len(basses), True),
    ]
    tracks = []
    for track, notes in enumerate(written):
        low, high = RANGES[track]
        for n in notes:
            if not low <= n.pitch <= high:
                bar = n.start // bar_steps + 1
                here = f"{name}, bar {bar}"
                raise Wrong(f"{here}: {TRACK_NAMES[track]} has pitch {n.pitch}; keep it within {low} to {high}")
        tracks.append(sorted(
            (Note(n.start, n.length, n.pitch, accented(n.start, metre, bar_steps, VELOCITY[track])) for n in notes),
            key=lambda n: (n.start, n.pitch, n.length),
        ))  # fmt: skip
    return Piece(
        name, head["title"], head["origin"], head["key"], metre, tempo, sounds, bars, bar_steps, tuple(tracks)
    )


def read_all() -> list[Piece]:
    styles = read_styles(SOURCES / STYLES)
    pieces = [read_piece(path, styles) for path in sorted(SOURCES.glob("*.txt")) if path.name != STYLES]
    names = [p.file_name for p in pieces]
    for name in names:
        if names.count(name) > 1:
            raise Wrong(f"two sources make {name!r}; give one another title")
    return sorted(pieces, key=lambda p: (p.is_progression, p.file_name))


# ---- MIDI ---------------------------------------------------------------------------------------------------


def variable_length(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def midi_track(events: list[tuple[int, int, bytes]], end: int) -> bytes:
    """events: (tick, order within the tick, bytes)."""
    data, now = bytearray(), 0
    for tick, _, message in sorted(events):
        data += variable_length(tick - now) + message
        now = tick
    data += variable_length(end - now) + b"\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(data)) + bytes(data)


def meta(kind: int, data: bytes) -> bytes:
    return b"\xff" + bytes([kind]) + variable_length(len(data)) + data


def midi_file(piece: Piece) -> bytes:
    end = piece.steps * TICKS_PER_STEP
    clocks = 36 if piece.metre[1] == 8 and piece.metre[0] % 3 == 0 else 24 * 4 // piece.metre[1]
    conductor = [
        (0, 0, meta(0x03, piece.title.encode("ascii", "replace"))),
        (0, 1, meta(0x02, b"Arrangement: CC0-1.0")),
        (0, 2, meta(0x51, struct.pack(">I", round(60_000_000 / piece.tempo))[1:])),
        (0, 3, meta(0x58, bytes([piece.metre[0], piece.metre[1].bit_length() - 1, clocks, 8]))),
        (0, 4, meta(0x59, bytes([0, int(piece.key == "A minor")]))),
    ]
    chunks = [midi_track(conductor, end)]
    for channel, (name, programme, notes) in enumerate(zip(TRACK_NAMES, piece.sounds, piece.tracks)):
        if not notes:
            continue
        events = [
            (0, 0, meta(0x03, name.encode())),
            (0, 1, bytes([0xC0 | channel, programme])),
        ]
        for note in notes:
            events.append((note.start * TICKS_PER_STEP, 3, bytes([0x90 | channel, note.pitch, note.velocity])))
            events.append((note.end * TICKS_PER_STEP, 2, bytes([0x80 | channel, note.pitch, 64])))
        chunks.append(midi_track(events, end))
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(chunks), TICKS_PER_BEAT) + b"".join(chunks)


# ---- the table in the README --------------------------------------------------------------------------------

BEGIN, END = "<!-- pieces: made by scripts/make_demo.py -->", "<!-- end of pieces -->"


def readme_with_table(text: str, pieces: list[Piece]) -> str:
    if BEGIN not in text or END not in text:
        raise Wrong(f"{README.name}: the lines {BEGIN!r} and {END!r} are gone; put them back where the table belongs")
    lines = [f"{len(pieces)} pieces, {sum(p.bars for p in pieces)} bars.", ""]
    lines += ["| file | metre | key | bars | origin | licence |", "| --- | --- | --- | ---: | --- | --- |"]
    for p in pieces:
        origin = p.origin.removesuffix("; public domain")
        licence = "CC0-1.0" if p.is_progression else "tune: public domain; arrangement: CC0-1.0"
        lines.append(f"| {p.file_name} | {p.metre[0]}/{p.metre[1]} | {p.key} | {p.bars} | {origin} | {licence} |")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return before + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + after


# ---- rules and numbers --------------------------------------------------------------------------------------


def share(one: frozenset, other: frozenset) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def in_key(piece: Piece) -> float:
    total = sum(n.length for n in piece.notes())
    return sum(n.length for n in piece.notes() if n.pitch % 12 in WHITE) / max(1, total)


PROFILES = {  # Krumhansl & Kessler (1982); the program finds keys by the same
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def estimated_key(piece: Piece) -> str:
    weights = [0] * 12
    for n in piece.notes():
        weights[n.pitch % 12] += n.length

    def fit(profile, tonic):
        turned = [profile[(c - tonic) % 12] for c in range(12)]
        mw, mp = sum(weights) / 12, sum(turned) / 12
        cross = sum((w - mw) * (p - mp) for w, p in zip(weights, turned))
        return cross / (sum((w - mw) ** 2 for w in weights) * sum((p - mp) ** 2 for p in turned)) ** 0.5

    _, mode, tonic = max((fit(p, t), m, t) for m, p in PROFILES.items() for t in range(12))
    return f"{'C C# D Eb E F F# G Ab A Bb B'.split()[tonic]} {mode}"


def broken_rules(pieces: list[Piece]) -> list[str]:
    wrong = []
    tunes = [p for p in pieces if not p.is_progression]
    if len(tunes) < MIN_TUNES:
        wrong.append(f"{len(tunes)} tunes; at least {MIN_TUNES} belong in the set")
    if len(pieces) - len(tunes) < MIN_PROGRESSIONS:
        wrong.append(f"{len(pieces) - len(tunes)} progressions; at least {MIN_PROGRESSIONS} belong in the set")
    if sum(p.bars for p in pieces) < MIN_BARS:
        wrong.append(f"{sum(p.bars for p in pieces)} bars in all; at least {MIN_BARS} belong in the set")
    for p in pieces:
        if not SHORTEST <= p.bars <= LONGEST:
            wrong.append(f"{p.source}: {p.bars} bars; a piece has {SHORTEST} to {LONGEST}")
        if in_key(p) < MIN_IN_KEY:
            wrong.append(f"{p.source}: {in_key(p):.0%} of the sound is in the scale; at least {MIN_IN_KEY:.0%} must be")
        if estimated_key(p) not in ("C major", "A minor"):
            wrong.append(f"{p.source}: sounds in {estimated_key(p)}; move it to C major or A minor")
        if "public domain" not in p.origin and not p.is_progression:
            wrong.append(f"{p.source}: origin does not say why the tune is free; end it with 'public domain'")
        if not p.title.isascii():
            wrong.append(f"{p.source}: title {p.title!r}; use plain letters, as it becomes a file name")
    for one, other in itertools.combinations(pieces, 2):
        if (s := share(one.onsets(), other.onsets())) > MAX_SHARE:
            both = f"{one.source} and {other.source}"
            wrong.append(f"{both} share {s:.0%} of their notes; at most {MAX_SHARE:.0%} may be")
    return wrong


def sounding(piece: Piece) -> list[int]:
    """Different pitches that sound at each step."""
    held = [set() for _ in range(piece.steps)]
    for n in piece.notes():
        for step in range(n.start, n.end):
            held[step].add(n.pitch)
    return [len(s) for s in held]


def print_stats(pieces: list[Piece]) -> None:
    print(f"{'piece':<46} metre bars onsets/bar notes inkey range    key")
    for p in pieces:
        held = [n for n in sounding(p) if n]
        ranges = " ".join(f"{min(n.pitch for n in t)}-{max(n.pitch for n in t)}" if t else "-" for t in p.tracks)
        print(f"{p.file_name[:-4]:<46} {p.metre[0]}/{p.metre[1]:<4} {p.bars:3} {len(p.onsets()) / p.bars:8.1f} "
              f"{sum(held) / max(1, len(held)):6.1f} {in_key(p):6.0%} {ranges:<18} {estimated_key(p)}")  # fmt: skip
    bars = sum(p.bars for p in pieces)
    everything = [n for p in pieces for n in p.notes()]
    white = sum(n.length for n in everything if n.pitch % 12 in WHITE)
    print(f"\n{len(pieces)} pieces, {sum(p.is_progression for p in pieces)} of them progressions; {bars} bars, "
          f"{sum(p.steps for p in pieces) / 16:.0f} by the length of 4/4; {len(everything)} notes")  # fmt: skip
    for word, of in (("metre", lambda p: f"{p.metre[0]}/{p.metre[1]}"), ("key", lambda p: p.key)):
        counts: dict[str, list[int]] = {}
        for p in pieces:
            counts.setdefault(of(p), []).append(p.bars)
        print(f"{word}: " + ", ".join(f"{k} {len(v)} pieces {sum(v)} bars" for k, v in sorted(counts.items())))
    print(f"onsets a bar {sum(len(p.onsets()) for p in pieces) / bars:.1f}; "
          f"in the scale {white / sum(n.length for n in everything):.1%}; "
          f"pitches {min(n.pitch for n in everything)} to {max(n.pitch for n in everything)}")  # fmt: skip
    pairs = itertools.combinations(pieces, 2)
    shares = sorted((share(a.onsets(), b.onsets()), a.file_name, b.file_name) for a, b in pairs)
    for s, a, b in reversed(shares[-5:]):
        print(f"share {s:.1%}: {a[:-4]} and {b[:-4]}")


def print_roll(piece: Piece, bars: int) -> None:
    steps = min(piece.steps, bars * piece.bar_steps)
    shown = [n for n in piece.notes() if n.start < steps]
    for pitch in range(max(n.pitch for n in shown), min(n.pitch for n in shown) - 1, -1):
        row = ["|" if s % piece.bar_steps == 0 else " ." [s % 4 == 0] for s in range(steps)]
        for track, notes in enumerate(piece.tracks):
            for n in notes:
                if n.pitch == pitch:
                    for s in range(n.start, min(n.end, steps)):
                        row[s] = "MCB"[track] if s == n.start else "-"
        print(f"{'C C#D EbE F F#G AbA BbB '[pitch % 12 * 2:][:2]}{pitch // 12 - 1} " + "".join(row))


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the demo set from assets/demo/sources/.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when files differ")
    parser.add_argument("--stats", action="store_true", help="print what the pieces are like")
    parser.add_argument("--roll", metavar="PIECE", help="print the start of a piece (part of its name is enough)")
    parser.add_argument("--bars", type=int, default=8, help="how many bars --roll shows")
    options = parser.parse_args()
    try:
        pieces = read_all()
        files = {DEMO / p.file_name: midi_file(p) for p in pieces}
        readme = readme_with_table(README.read_text(encoding="utf-8"), pieces) if README.exists() else None
    except Wrong as wrong:
        print(f"make_demo: {wrong}", file=sys.stderr)
        return 1
    if options.roll:
        found = [p for p in pieces if options.roll.lower() in p.file_name.lower()]
        for piece in found:
            print(piece.file_name)
            print_roll(piece, options.bars)
        return 0 if found else 1
    if options.stats:
        print_stats(pieces)
        return 0

    problems = broken_rules(pieces)
    stale = sorted(set(DEMO.glob("*.mid")) - set(files))
    if options.check:
        for path, data in files.items():
            if not path.exists() or path.read_bytes() != data:
                problems.append(f"{path.name} is not what the sources give; run scripts/make_demo.py and commit it")
        problems += [f"{path.name} has no source; remove it or run scripts/make_demo.py" for path in stale]
        if readme is None or README.read_text(encoding="utf-8") != readme:
            problems.append("the table in assets/demo/README.md is old; run scripts/make_demo.py and commit it")
    else:
        for path in stale:
            path.unlink()
        for path, data in files.items():
            path.write_bytes(data)
        if readme is not None:
            README.write_text(readme, encoding="utf-8")
    for problem in problems:
        print(f"make_demo: {problem}", file=sys.stderr)
    found = f"{len(problems)} problems" if problems else "all well"
    print(f"{len(files)} pieces, {sum(p.bars for p in pieces)} bars: {found}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
