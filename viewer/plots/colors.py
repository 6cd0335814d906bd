"""Every colour of the viewer: two palettes by two themes, made in OKLab so that equal steps look equal.

Colours are hex strings such as "#1d2127". The style sheet gets them as custom properties from `Colors.css`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import numpy.typing as npt

# Linear sRGB to cone responses, and their cube roots to OKLab: B. Ottosson, "A perceptual color space for image
# processing" (2020), the matrices for sRGB's white.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
FIRST_TINT = 0.45  # of the way from grey to the full tint of a class: clearly apart from grey
SHOWN = 0.007  # a distance in OKLab up to which a screen shows what was asked for
STEPS = 33  # of the ramp for numbers: more than the eye tells apart

Triple = tuple[float, float, float]
Array = npt.NDArray[np.float64]


def oklab(color: str) -> Array:
    """(3,) the lightness (0 black, 1 white) and the two colour axes of a hex colour."""
    coded = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return np.asarray(TO_LAB @ np.cbrt(TO_CONES @ linear))


def from_oklab(lab: Array) -> str:
    """The hex colour at a place (3,) in OKLab; what no screen can show is cut off at the nearest channel value."""
    linear = np.linalg.solve(TO_CONES, np.linalg.solve(TO_LAB, lab) ** 3).clip(0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in np.rint(255 * coded))
    return f"#{red:02x}{green:02x}{blue:02x}"


def place(lightness: float, chroma: float, hue: float) -> Array:
    """(3,) OKLab from lightness, chroma (0 grey) and hue in degrees (25 red, 148 green, 262 blue)."""
    angle = np.deg2rad(hue)
    return np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)])


def repeated(values: Sequence[str], count: int) -> list[str]:
    return [values[number % len(values)] for number in range(count)]


def ramp(start: Array, stop: Array, count: int) -> tuple[str, ...]:
    """`count` colours on the straight line between two places in OKLab, both ends among them; one: the stop."""
    shares = np.linspace(0, 1, count) if count > 1 else np.ones(count)
    return tuple(from_oklab(start + share * (stop - start)) for share in shares)


@dataclass(frozen=True)
class Colors:
    """What each thing is coloured with, under one palette and theme.

    background, surface: the page and the cards on it; text, and muted for secondary text (at least 4.5:1 on both);
    line: borders; accent, on_accent: buttons and links, and what is written on them;
    neutral: the chip behind a word that hardly moves anything; unselected: points not selected;
    user: the user's sentence, and nothing else; raises, lowers: the positive and the negative class as points and
    lines; right, wrong: predictions; selected: the outline of what is selected;
    raising, lowering: (first, full) tints behind words; sequence: for numbers, low to high; categories: for further
    columns of labels; many: of more than two classes, as points and lines; many_tints: their full tints behind words.
    """

    background: str
    surface: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    neutral: str
    unselected: str
    user: str
    raises: str
    lowers: str
    right: str
    wrong: str
    selected: str
    raising: tuple[str, str]
    lowering: tuple[str, str]
    sequence: tuple[str, ...]
    categories: tuple[str, ...]
    many: tuple[str, ...]
    many_tints: tuple[str, ...]

    def classes(self, count: int) -> tuple[str, ...]:
        """A colour for each of `count` classes in their order; beyond twelve they repeat, so that a class is always
        named as well."""
        return (self.lowers, self.raises) if count == 2 else tuple(repeated(self.many, count))

    def class_tint(self, share: float, number: int, count: int) -> str:
        """The background of a word that pulls towards class `number` of `count`: `share` 0 to 1 of the largest pull."""
        if count == 2:
            return self.tint(share, 1 if number else -1)
        full, grey = oklab(self.many_tints[number % len(self.many_tints)]), oklab(self.neutral)
        first = grey + FIRST_TINT * (full - grey)
        return from_oklab(first + min(max(share, 0.0), 1.0) * (full - first))

    def tint(self, share: float, sign: int) -> str:
        """The background of a word: `share` 0 to 1 of the largest impact shown, `sign` 1 raises, -1 lowers.

        Even in OKLab, from a first step that is clearly apart from `neutral` to the full tint. Which words are neutral
        is not decided here.
        """
        first, full = (oklab(color) for color in (self.raising if sign > 0 else self.lowering))
        return from_oklab(first + min(max(share, 0.0), 1.0) * (full - first))

    def at(self, share: float) -> str:
        """The colour of a number: `share` 0 to 1 of the way from low to high."""
        return self.sequence[round(min(max(share, 0.0), 1.0) * (STEPS - 1))]

    def epochs(self, count: int) -> list[str]:
        """A colour for each of `count` checkpoints in their order: early pale, late strong, even in OKLab."""
        return list(ramp(oklab(self.sequence[STEPS // 8]), oklab(self.sequence[-1]), count))

    def css(self) -> str:
        """One rule that gives a style sheet all colours: `--text`, `--on-accent`, ..., `--sequence-0`, ..."""
        properties = []
        for each in fields(self):
            value = getattr(self, each.name)
            name = each.name.replace("_", "-")
            numbered = [(name, value)] if isinstance(value, str) else [(f"{name}-{i}", v) for i, v in enumerate(value)]
            properties += [f"--{key}: {color};" for key, color in numbered]
        return f":root {{ {' '.join(properties)} }}"


# (lightness, chroma, hue) of everything that does not depend on the palette.
LIGHT: dict[str, Triple] = {
    "background": (0.972, 0.003, 250),
    "surface": (1, 0, 0),
    "text": (0.24, 0.012, 250),
    "muted": (0.50, 0.012, 250),
    "line": (0.90, 0.005, 250),
    "accent": (0.50, 0.085, 200),
    "on_accent": (1, 0, 0),
    "neutral": (0.935, 0.003, 250),
    "unselected": (0.82, 0.004, 250),
    "user": (0.53, 0.22, 262),
    "right": (0.37, 0.035, 245),
    "wrong": (0.66, 0.135, 96),
    "selected": (0.18, 0.01, 250),
}
DARK: dict[str, Triple] = {
    "background": (0.195, 0.008, 250),
    "surface": (0.235, 0.009, 250),
    "text": (0.945, 0.004, 250),
    "muted": (0.73, 0.010, 250),
    "line": (0.345, 0.010, 250),
    "accent": (0.76, 0.10, 200),
    "on_accent": (0.18, 0.01, 250),
    "neutral": (0.315, 0.006, 250),
    "unselected": (0.42, 0.008, 250),
    "user": (0.68, 0.17, 255),
    "right": (0.66, 0.035, 240),
    "wrong": (0.86, 0.165, 98),
    "selected": (1, 0, 0),
}
NUMBERS: dict[str, tuple[Triple, Triple]] = {
    "light": ((0.91, 0.03, 195), (0.36, 0.065, 205)),
    "dark": ((0.36, 0.03, 205), (0.93, 0.085, 190)),
}
CATEGORIES: dict[str, tuple[Triple, ...]] = {
    "light": (
        (0.60, 0.105, 195),
        (0.60, 0.20, 350),
        (0.68, 0.20, 310),
        (0.40, 0.07, 50),
        (0.80, 0.10, 330),
        (0.56, 0.05, 10),
        (0.80, 0.17, 122),
        (0.44, 0.16, 350),
    ),
    "dark": (
        (0.70, 0.115, 195),
        (0.70, 0.20, 350),
        (0.56, 0.16, 150),
        (0.55, 0.08, 60),
        (0.85, 0.09, 330),
        (0.56, 0.16, 340),
        (0.68, 0.12, 110),
        (0.90, 0.08, 205),
    ),
}
# (palette, theme): strong colour, first tint, full tint; of what raises, then of what lowers. The tints of one theme
# are nearly as light in both directions, so that neither sign looks stronger.
CLASSES: dict[tuple[str, str], tuple[tuple[Triple, Triple, Triple], tuple[Triple, Triple, Triple]]] = {
    ("paper", "light"): (
        ((0.57, 0.155, 148), (0.93, 0.058, 148), (0.74, 0.185, 146)),
        ((0.56, 0.205, 26), (0.905, 0.053, 20), (0.70, 0.175, 24)),
    ),
    ("paper", "dark"): (
        ((0.76, 0.18, 148), (0.33, 0.060, 150), (0.48, 0.135, 147)),
        ((0.68, 0.19, 25), (0.33, 0.060, 22), (0.48, 0.165, 25)),
    ),
    ("safe", "light"): (
        ((0.65, 0.165, 52), (0.925, 0.055, 68), (0.76, 0.165, 60)),
        ((0.48, 0.20, 303), (0.905, 0.050, 305), (0.70, 0.155, 303)),
    ),
    ("safe", "dark"): (
        ((0.77, 0.16, 60), (0.34, 0.055, 62), (0.52, 0.125, 58)),
        ((0.66, 0.19, 304), (0.33, 0.075, 302), (0.48, 0.20, 302)),
    ),
}


# More than two classes. Found by a search for colours as far apart from each other as can be (of the safe palette, also
# as people with protanopia or deuteranopia see them), each apart from right, wrong and selected, readable on the page,
# and of no hue near the user's blue.
MANY: dict[tuple[str, str], tuple[Triple, ...]] = {
    ("paper", "light"): (
        (0.36, 0.14, 16),
        (0.64, 0.21, 144),
        (0.68, 0.21, 304),
        (0.40, 0.14, 144),
        (0.40, 0.21, 304),
        (0.60, 0.10, 216),
        (0.68, 0.21, 16),
        (0.52, 0.10, 64),
        (0.52, 0.21, 344),
        (0.52, 0.21, 24),
        (0.48, 0.06, 304),
        (0.64, 0.06, 352),
    ),
    ("paper", "dark"): (
        (0.64, 0.21, 144),
        (0.56, 0.21, 296),
        (0.88, 0.10, 320),
        (0.56, 0.21, 32),
        (0.76, 0.17, 64),
        (0.52, 0.06, 208),
        (0.92, 0.21, 128),
        (0.72, 0.21, 352),
        (0.88, 0.14, 200),
        (0.56, 0.21, 344),
        (0.76, 0.06, 144),
        (0.60, 0.10, 80),
    ),
    ("safe", "light"): (
        (0.48, 0.06, 184),
        (0.68, 0.21, 320),
        (0.68, 0.21, 40),
        (0.36, 0.14, 304),
        (0.36, 0.14, 16),
        (0.64, 0.14, 152),
        (0.52, 0.21, 320),
        (0.52, 0.14, 48),
        (0.60, 0.06, 304),
        (0.56, 0.21, 8),
        (0.48, 0.10, 344),
        (0.68, 0.14, 0),
    ),
    ("safe", "dark"): (
        (0.68, 0.14, 88),
        (0.56, 0.21, 296),
        (0.92, 0.10, 200),
        (0.52, 0.10, 168),
        (0.80, 0.14, 312),
        (0.92, 0.21, 128),
        (0.56, 0.21, 32),
        (0.84, 0.10, 48),
        (0.64, 0.17, 344),
        (0.64, 0.21, 144),
        (0.56, 0.06, 32),
        (0.76, 0.10, 168),
    ),
}
# The tint of a class keeps its hue; its lightness lies in a range on which text can be read: (of the colour, of the
# tint).
TINTED: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "light": ((0.42, 0.70), (0.73, 0.86)),
    "dark": ((0.56, 0.90), (0.36, 0.50)),
}


def full_tint(color: Triple, theme: str) -> str:
    """The strongest background of a class, with as much of its chroma as a screen can show."""
    lightness, chroma, hue = color
    lit = float(np.interp(lightness, *TINTED[theme]))
    wanted = place(lit, chroma, hue)
    while chroma > 0 and np.linalg.norm(oklab(from_oklab(wanted)) - wanted) > SHOWN:
        chroma -= 0.005
        wanted = place(lit, chroma, hue)
    return from_oklab(wanted)


@cache
def colors(palette: str, theme: str) -> Colors:
    """The colours of a palette ("paper": green raises, red lowers; "safe": orange raises, purple lowers) and a theme
    ("light", "dark")."""
    raises, lowers = CLASSES[palette, theme]
    low, high = NUMBERS[theme]
    plain = {name: from_oklab(place(*color)) for name, color in (DARK if theme == "dark" else LIGHT).items()}
    return Colors(
        **plain,
        raises=from_oklab(place(*raises[0])),
        lowers=from_oklab(place(*lowers[0])),
        raising=ramp(place(*raises[1]), place(*raises[2]), 2),  # type: ignore[arg-type]
        lowering=ramp(place(*lowers[1]), place(*lowers[2]), 2),  # type: ignore[arg-type]
        sequence=ramp(place(*low), place(*high), STEPS),
        categories=tuple(from_oklab(place(*color)) for color in CATEGORIES[theme]),
        many=tuple(from_oklab(place(*color)) for color in MANY[palette, theme]),
        many_tints=tuple(full_tint(color, theme) for color in MANY[palette, theme]),
    )
