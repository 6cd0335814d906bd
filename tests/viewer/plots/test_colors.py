"""Colours against WCAG's contrast, OKLab as another library knows it, and simulated colour-blindness."""

import dataclasses
import itertools
import re

import numpy as np
import pytest
from bokeh.colors import RGB
from hypothesis import given
from hypothesis import strategies as st

from viewer.plots import colors as module
from viewer.plots.colors import Colors, colors, from_oklab, oklab, ramp

BOTH = list(itertools.product(["paper", "safe"], ["light", "dark"]))
everywhere = pytest.mark.parametrize(("palette", "theme"), BOTH)
FINE = np.linspace(0, 1, 501)


def linear(color):
    """Linear light of a hex colour's channels, as WCAG 2.2 defines it."""
    found = re.fullmatch("#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", color)
    coded = [int(part, 16) / 255 for part in found.groups()]
    return np.array([value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in coded])


def contrast(one, other):
    darker, lighter = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def apart(one, other):
    return float(np.linalg.norm(oklab(one) - oklab(other)))


# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def seen(color, kind):
    """A hex colour as a dichromat sees it."""
    light = (np.array(BLIND[kind]) @ linear(color)).clip(0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return RGB(*(round(255 * value) for value in coded)).to_hex()


def test_oklab_of_known_colors():
    """Published values: white is (1, 0, 0), sRGB red is (0.6280, 0.2249, 0.1258)."""
    assert oklab("#ffffff") == pytest.approx([1, 0, 0], abs=1e-4)
    assert oklab("#000000") == pytest.approx([0, 0, 0])
    assert oklab("#ff0000") == pytest.approx([0.6280, 0.2249, 0.1258], abs=1e-4)
    assert oklab("#0000ff") == pytest.approx([0.4520, -0.0325, -0.3115], abs=1e-4)


@given(st.integers(0, 0xFFFFFF))
def test_oklab_and_back(number):
    assert from_oklab(oklab(f"#{number:06x}")) == f"#{number:06x}"


@everywhere
def test_text_is_readable_on_every_tint(palette, theme):
    found = colors(palette, theme)
    behind = {found.tint(share, sign) for share in FINE for sign in (1, -1)}
    assert min(contrast(found.text, color) for color in behind) >= 4.5
    for color in (found.background, found.surface, found.neutral):
        assert contrast(found.text, color) >= 7
        assert contrast(found.muted, color) >= 4.5
    assert contrast(found.accent, found.surface) >= 4.5  # links
    assert contrast(found.accent, found.background) >= 4.5
    assert contrast(found.on_accent, found.accent) >= 4.5


@everywhere
@pytest.mark.parametrize("sign", [1, -1])
def test_tints_are_even_and_apart_from_grey(palette, theme, sign):
    found = colors(palette, theme)
    steps = [found.tint(share, sign) for share in np.linspace(0, 1, 5)]
    lengths = np.array([apart(one, other) for one, other in itertools.pairwise(steps)])
    assert np.abs(lengths / lengths.mean() - 1).max() < 0.05  # hex colours are rounded
    assert lengths.mean() > 0.03
    assert min(apart(found.tint(share, sign), found.neutral) for share in FINE) > 0.05  # of 0.02, just noticeable
    assert min(apart(found.tint(share, sign), found.surface) for share in FINE) > 0.05
    assert min(apart(found.tint(share, sign), found.tint(share, -sign)) for share in FINE) > 0.08
    assert found.tint(7.0, sign) == found.tint(1.0, sign)
    assert found.tint(-1.0, sign) == found.tint(0.0, sign)


@everywhere
def test_neither_direction_looks_stronger(palette, theme):
    found = colors(palette, theme)
    up, down = (apart(found.tint(0, sign), found.tint(1, sign)) for sign in (1, -1))
    assert 0.8 < up / down < 1.25


@everywhere
def test_points_and_lines_show_on_the_page(palette, theme):
    found = colors(palette, theme)
    for color in (found.raises, found.lowers, found.right, found.wrong, found.user, found.selected):
        assert contrast(color, found.surface) >= 3  # WCAG 2.2, 1.4.11


@everywhere
def test_meanings_are_told_apart(palette, theme):
    found = colors(palette, theme)
    kinds = [found.raises, found.lowers, found.right, found.wrong, found.user, found.unselected, found.selected]
    assert min(apart(one, other) for one, other in itertools.combinations(kinds, 2)) > 0.1
    assert min(apart(one, other) for one, other in itertools.combinations(found.categories, 2)) > 0.1
    for color in (*found.categories, *found.sequence, found.accent):
        assert apart(color, found.user) > 0.12
    for color, other in itertools.product(found.categories, kinds):
        assert apart(color, other) >= 0.1, "a label would look as if it meant that"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", list(BLIND))
def test_safe_pair_is_safe(theme, kind):
    found = colors("safe", theme)
    assert apart(seen(found.raises, kind), seen(found.lowers, kind)) > 0.2
    for share in np.linspace(0, 1, 21):
        assert apart(seen(found.tint(share, 1), kind), seen(found.tint(share, -1), kind)) > 0.06
    paper = colors("paper", theme)
    assert apart(seen(found.raises, kind), seen(found.lowers, kind)) > apart(
        seen(paper.raises, kind), seen(paper.lowers, kind)
    )


@everywhere
def test_every_color_can_be_shown(palette, theme):
    """What is asked for in OKLab lies within a screen's colours, so that no ramp bends at their border."""
    single = list((module.DARK if theme == "dark" else module.LIGHT).values()) + list(module.CATEGORIES[theme])
    single += module.MANY[palette, theme]
    single += [*module.NUMBERS[theme], *itertools.chain(*module.CLASSES[palette, theme])]
    for color in single:
        wanted = module.place(*color)
        assert np.linalg.norm(oklab(from_oklab(wanted)) - wanted) < 0.007, color


@everywhere
def test_numbers_run_evenly(palette, theme):
    found = colors(palette, theme)
    places = np.array([oklab(color) for color in found.sequence])[::8]
    lengths = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert np.abs(lengths / lengths.mean() - 1).max() < 0.05
    lightness = places[:, 0] if theme == "dark" else -places[:, 0]
    assert (np.diff(lightness) > 0).all()  # high numbers stand out from the page


@pytest.mark.parametrize("count", [0, 1, 2, 11, 40])
def test_epochs(count):
    for palette, theme in BOTH:
        found = colors(palette, theme)
        lines = found.epochs(count)
        assert len(lines) == count
        if count:
            assert lines[-1] == found.sequence[-1]
            shown = [contrast(color, found.surface) for color in lines]
            assert shown == sorted(shown)
            assert shown[0] > 1.4
    assert ramp(oklab("#000000"), oklab("#ffffff"), 1) == ("#ffffff",)


@everywhere
def test_css_holds_every_color_once(palette, theme):
    found = colors(palette, theme)
    rule = re.fullmatch(r":root \{ (.*) \}", found.css())
    properties = dict(item.split(": ") for item in rule[1].rstrip(";").split("; "))
    assert properties["--on-accent"] == found.on_accent
    assert properties["--categories-0"] == found.categories[0]
    values = [getattr(found, each.name) for each in dataclasses.fields(Colors)]
    plain = [value for value in values if isinstance(value, str)]
    assert len(properties) == len(plain) + sum(len(value) for value in values if not isinstance(value, str))
    assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in properties.values())


def hue(color):
    """The angle of a colour in OKLab, degrees."""
    return float(np.rad2deg(np.arctan2(*oklab(color)[:0:-1])))


@everywhere
def test_the_sentence_alone_is_blue(palette, theme):
    """Whatever else has a colour at all lies more than 30 degrees away, wherever it is light or dark."""
    found = colors(palette, theme)
    others = [*found.classes(12), *found.classes(2), *found.many_tints, *found.raising, *found.lowering]
    others += [*found.categories, *found.sequence, found.accent, found.right, found.wrong, found.selected]
    away = {color: abs((hue(color) - hue(found.user) + 180) % 360 - 180) for color in others}
    assert not {color: turn for color, turn in away.items() if turn <= 30 and chroma(color) > 0.04}


def chroma(color):
    return float(np.hypot(*oklab(color)[1:]))


@everywhere
@pytest.mark.parametrize("count", [2, 3, 9, 12])
def test_selection_and_right_and_wrong_use_no_class_colour(palette, theme, count):
    found = colors(palette, theme)
    for color, other in itertools.product(found.classes(count), (found.right, found.wrong, found.selected)):
        assert apart(color, other) > 0.1


@everywhere
@pytest.mark.parametrize("count", [3, 9, 12])
def test_classes_are_told_apart_and_from_everything_else(palette, theme, count):
    found = colors(palette, theme)
    classes = found.classes(count)
    closest = min(apart(one, other) for one, other in itertools.combinations(classes, 2))
    assert closest > (0.14 if count <= 9 else 0.1)
    for color in classes:
        assert contrast(color, found.surface) >= 3  # WCAG 2.2, 1.4.11
        assert apart(color, found.user) > 0.16
        assert min(apart(color, other) for other in (found.unselected, found.neutral)) > 0.1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", list(BLIND))
def test_nine_classes_of_the_safe_palette_are_safer(theme, kind):
    closest = {
        palette: min(
            apart(seen(one, kind), seen(other, kind))
            for one, other in itertools.combinations(colors(palette, theme).classes(9), 2)
        )
        for palette in ("safe", "paper")
    }
    assert closest["safe"] > 0.085
    assert closest["safe"] > 1.2 * closest["paper"]


@everywhere
def test_text_is_readable_on_the_tints_of_classes_and_they_are_no_grey(palette, theme):
    found = colors(palette, theme)
    for number in range(12):
        steps = [found.class_tint(share, number, 12) for share in np.linspace(0, 1, 11)]
        assert min(contrast(found.text, color) for color in steps) >= 4.5
        assert min(apart(color, found.neutral) for color in steps) > 0.03  # of 0.02, just noticeable
        assert apart(steps[0], steps[-1]) > 0.035
    full = [found.class_tint(1, number, 9) for number in range(9)]
    assert min(apart(one, other) for one, other in itertools.combinations(full, 2)) > 0.07
    assert found.class_tint(9.0, 3, 9) == full[3]


@everywhere
def test_two_classes_are_what_raises_and_what_lowers(palette, theme):
    found = colors(palette, theme)
    assert found.classes(2) == (found.lowers, found.raises)
    assert [found.class_tint(0.3, number, 2) for number in (0, 1)] == [found.tint(0.3, -1), found.tint(0.3, 1)]
    assert found.classes(14)[12:] == found.classes(14)[:2]
