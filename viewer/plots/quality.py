"""How far a map can be believed, in words and as curves over the epochs. Numbers in, HTML and HoloViews out. No I/O."""

from collections.abc import Iterator, Sequence
from html import escape

import holoviews as hv
import pandas as pd
from bokeh.models import Span

from viewer.data.quality import Quality, fewest
from viewer.plots.colors import Colors
from viewer.plots.lines import Line, curves
from viewer.plots.training import percent, points

BRIEFLY = (
    "<p class='muted'>Below each map: how far to believe who shares a region, and the typical distance from its middle "
    "in the layer's own units.</p>"
)
METHODS = {"isomap": "Isomap", "pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
CURVED = ("umap", "tsne")  # methods that keep who is near, not how far apart the far ones are
# Trustworthiness is 1 where all who are near on the map are near in the layer, and about 0.5 where the map is drawn by
# lot. It grades regions: most of the very nearest here may not be the layer's very nearest, yet not far behind them.
# The words are ours: on this project's runs the first word vectors get 0.68, hidden layers after training 0.98.
GRADES = ((0.95, "very good"), (0.9, "good"), (0.8, "fair"), (0.7, "weak"), (0.0, "poor"))
CROSS = "\N{MULTIPLICATION SIGN}"
NEXT, PREDICTED = "\N{RIGHTWARDS ARROW}", " *"  # before, and after, the name of a dashed line: see pages/quality.py
COUNTS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


def method(quality: Quality) -> str:
    """The name of how a map was drawn."""
    return METHODS.get(quality.method or "isomap", quality.method or "")


def grade(trustworthiness: float) -> str:
    """A plain word for a trustworthiness."""
    return next(word for least, word in GRADES if trustworthiness >= least)


def number(count: int) -> str:
    """A small whole number in words."""
    return COUNTS.get(count, f"{count:,}")


def told(quality: Quality, noun: str) -> str:
    """What to know of a map before reading it, as HTML: a few sentences, and the exact numbers folded away.

    noun: what an example is called. What is not stored is not said.
    """
    said = " ".join(sentences(quality, noun))
    rows = "".join(f"<tr><th scope='row'>{name}</th><td>{value}</td></tr>" for name, value in exact(quality))
    folded = f"<details><summary>Exact numbers</summary><table class='narrow'>{rows}</table></details>" if rows else ""
    return f"<div class='quality muted'><p>{said}</p>{folded}</div>" if said or folded else ""


def briefly(quality: Quality | None, radius: float) -> str:
    """One line below a small chart, as HTML: how far to believe who shares a region, and the map's true spread."""
    said = f"<span>radius {radius:.2f}</span>"
    if quality is not None and quality.trustworthiness is not None:
        title = f"trustworthiness {quality.trustworthiness:.3f}; 1: who is near here is near in the layer"
        said = f"<span title='{title}'>regions <b>{grade(quality.trustworthiness)}</b>,</span> {said}"
    return f"<p class='brief muted'>{said}</p>"


def sentences(quality: Quality, noun: str) -> Iterator[str]:
    """The sentences of `told`, each as HTML."""
    near = number(quality.listed)
    if quality.trustworthiness is not None:
        value = quality.trustworthiness
        title = f"trustworthiness {value:.3f}; 1: who is near here is near in the layer"
        said = f"<b>{grade(value)}</b> ({value:.2f} of 1; 0.5 = by lot)"
        yield f"<span title='{title}'>Who shares a region: {said}.</span>"
    if quality.kept is not None:
        title, rest = f"mean share kept {quality.kept:.3f}", others(quality)
        behind = "" if rest is None else f", the others among its nearest <b>{least(rest)}</b>"
        yield (
            f"<span title='{title}'>Who is next to whom: of the {near} nearest here, "
            f"<b>{quality.kept * quality.listed:.1f}</b> are among the {near} nearest in the layer{behind}, "
            "on average.</span>"
        )
    if quality.linear_probe is not None:
        title = f"linear probe of the layer's own vectors, held out: {quality.linear_probe:.3f}"
        yield (
            f"<span title='{title}'>A straight cut through the layer tells the true labels apart in "
            f"<b>{percent(quality.linear_probe).replace(' ', '&nbsp;')}</b> of {escape(noun)}s.</span>"
        )
    if quality.method in CURVED:
        yield (
            f"Drawn by {method(quality)}: who is near can be read, the distance between groups cannot. What you enter "
            "is put between its nearest neighbours, as a stand-in for a place of its own."
        )
    if quality.components is not None and quality.components > 1 and method(quality) == METHODS["isomap"]:
        yield (
            f"The layer falls into {number(quality.components)} separate parts, joined here where they are nearest: "
            "how far they lie apart means little."
        )


def others(quality: Quality) -> float | None:
    """Where, in the layer's order of all others, those of the nearest here stand that are not its nearest: their mean
    rank as a share of all. None where it is not known, or all are kept.

    Trustworthiness is 1 - 2 E / (2n - 3k - 1), with E the mean, over the k nearest here, of how far the rank of each is
    beyond k, 0 for those that are kept: the mean rank of the others is k + E / (1 - kept). If a sample was judged, that
    is only about so, as `kept` is of all.
    """
    if quality.trustworthiness is None or quality.kept is None or quality.kept >= 1:
        return None
    n, k = quality.judged or quality.mapped, quality.listed
    beyond = (1 - quality.trustworthiness) * (2 * n - 3 * k - 1) / 2
    return min(1.0, (k + beyond / (1 - quality.kept)) / (n - 1))


def least(share: float) -> str:
    """A share in percent, not less than one, on one line."""
    return percent(max(0.01, share)).replace(" ", "&nbsp;")


def exact(quality: Quality) -> Iterator[tuple[str, str]]:
    """Names and exact numbers, as far as they are stored."""
    if quality.method is not None:
        drawn = method(quality)
        if quality.landmarks is not None and quality.landmarks < quality.mapped:
            drawn += f", distances measured from {quality.landmarks:,} landmarks"
        yield "drawn by", escape(drawn)
    if quality.judged is not None and quality.judged < quality.mapped:
        yield "measured on", f"{quality.judged:,} of {quality.mapped:,}, drawn by lot"
    near = number(quality.listed)
    shares = {
        "trustworthiness": quality.trustworthiness,
        "continuity": quality.continuity,
        f"of the {near} nearest, kept": quality.kept,
        "badly placed": quality.badly,
        f"same label among the {near} nearest": quality.neighborhood_hit,
        "residual variance of distances along the data": quality.residual_variance,
        "straight cut, true label": quality.linear_probe,
        "vote of the nearest, true label": quality.neighbor_probe,
        "straight cut, predicted label": quality.linear_probe_predicted,
        "vote of the nearest, predicted label": quality.neighbor_probe_predicted,
        "left over from the next epoch's map": quality.alignment_residual,
    }
    for name, value in shares.items():
        if value is not None:
            yield name, f"{value:.3f}"
    if quality.components is not None:
        yield "parts of the neighbour graph", f"{quality.components:,}"


def badly_legend(listed: int) -> str:
    """The item of a legend that says what a cross means, as HTML."""
    near, least = number(listed), fewest(listed)
    few = "none" if least == 1 else f"fewer than {number(least)}"
    rule = f"{few} of its {near} nearest here among its {near} nearest in the layer"
    return f"<span class='item wrap'><span class='item'><i class='cross'>{CROSS}</i>badly placed:</span>{rule}</span>"


def cka_curves(similar: pd.DataFrame, titles: Sequence[str], colors: Colors, now: Span | None = None) -> hv.Overlay:
    """How alike a layer is to itself one epoch earlier, and to the next layer.

    A layer with itself is solid in its colour; with the next one dashed, under the name of that one: a narrow window
    has no room for both. similar: of `viewer.data.quality.similarity`; titles: of all layers, in order.
    """
    own = similar["layer"] == similar["other_layer"]
    lines = [
        Line(title if dash == "solid" else f"{NEXT} {other}", layer_color(title, titles, colors), dash, line)
        for dash, wanted in (("solid", own), ("dashed", ~own))
        for title, layer in in_order(similar[wanted], titles)
        for other, line in ((other, points(rows, column="cka")) for other, rows in layer.groupby("other_title"))
    ]
    return curves(lines, "Alike (linear CKA, 0 to 1)", colors, now)


def probe_curves(
    probes: pd.DataFrame, probe: str, titles: Sequence[str], label: str, colors: Colors, now: Span | None = None
) -> hv.Overlay:
    """Held-out accuracy of one probe of each layer, in percent: true label solid, predicted label dashed.

    probes: of `viewer.data.quality.probes`; probe: "linear_probe" or "neighbor_probe"; titles: of all layers, in order;
    label: of the vertical axis.
    """
    lines = [
        Line(f"{title}{ending}", layer_color(title, titles, colors), dash, points(layer, 100))
        for name, dash, ending in ((probe, "solid", ""), (f"{probe}_predicted", "dashed", PREDICTED))
        for title, layer in in_order(probes[probes["probe"] == name], titles)
    ]
    return curves(lines, label, colors, now)


def in_order(frame: pd.DataFrame, titles: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each layer that has some."""
    for title in titles:
        rows = frame[frame["title"] == title]
        if len(rows):
            yield title, rows


def layer_color(title: str, titles: Sequence[str], colors: Colors) -> str:
    """The colour of a layer, the same in all charts of a run."""
    return colors.categories[titles.index(title) % len(colors.categories)]
