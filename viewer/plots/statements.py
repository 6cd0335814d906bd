"""What is said of a selection, as small tables in HTML. Numbers in, escaped text out."""

import math
from collections.abc import Mapping
from html import escape

import pandas as pd

from viewer.data.selected import Summary
from viewer.numbers import signed
from viewer.plots.marks import marks

NARROW = 3  # classes whose names fit side by side
RAISES, LOWERS = "<span class='raises'>▲</span>", "<span class='lowers'>▼</span>"


def counted(summary: Summary, mapped: int) -> str:
    """How many of how many, how many are right, how sure, and the confusion of true and predicted labels."""
    said = f"<b>{summary.count:,}</b> of {mapped:,} mapped examples"
    if not summary.count:
        return f"<p>{said}</p>"
    said += f", <b>{100 * summary.accuracy:.1f} %</b> predicted right, mean confidence <b>{summary.confidence:.2f}</b>"
    return f"<p>{said}</p>{confusion(summary.confusion)}"


def confusion(frame: pd.DataFrame) -> str:
    """Rows: true label; columns: predicted label, many of them under their signs; right ones in bold."""
    if len(frame) > NARROW:
        return narrow(frame)
    heads = "".join(f"<th scope='col'>predicted {escape(str(name).upper())}</th>" for name in frame.columns)
    rows = ""
    for label, line in frame.iterrows():
        cells = "".join(
            f"<td>{'<b>' if name == label else ''}{int(line[name]):,}{'</b>' if name == label else ''}</td>"
            for name in frame.columns
        )
        rows += f"<tr><th scope='row'>true {escape(str(label).upper())}</th>{cells}</tr>"
    return f"<table><tr><td></td>{heads}</tr>{rows}</table>"


def narrow(frame: pd.DataFrame) -> str:
    """The same for more classes than have room for their names side by side."""
    names = [str(name) for name in frame.columns]
    signs = marks(names)
    heads = "".join(
        f"<th scope='col' title='predicted {escape(name.upper())}'>{escape(sign)}</th>"
        for name, sign in zip(names, signs, strict=True)
    )
    rows = ""
    for label, sign, counts in zip(names, signs, frame.to_numpy().tolist(), strict=True):
        cells = "".join(
            f"<td>{f'<b>{count:,}</b>' if name == label else f'{count:,}' if count else '·'}</td>"
            for name, count in zip(names, counts, strict=True)
        )
        said = escape(sign) if sign == label else f"{escape(label.upper())} <b>{escape(sign)}</b>"
        rows += f"<tr><th scope='row'>true {said}</th>{cells}</tr>"
    head = f"<tr><td></td><th colspan='{len(names)}'>predicted</th></tr><tr><td></td>{heads}</tr>"
    return f"<div style='overflow-x: auto'><table class='narrow'>{head}{rows}</table></div>"


def spread(ratios: Mapping[str, float], titles: Mapping[str, str], sampled: int = 0) -> str:
    """Per layer, the selection's mean pairwise distance in the layer's own space as a share of that of all.

    sampled: how many examples stand for more, 0 where all were compared.
    """
    rows = "".join(
        f"<tr><th scope='row'>{escape(titles[layer])}</th>"
        f"<td>{'none' if math.isnan(ratio) else f'{ratio:.2f}'}</td><td>{bar(ratio)}</td></tr>"
        for layer, ratio in ratios.items()
    )
    note = "mean distance of two of them, over that of two of all mapped examples, in the layer itself; 1: no closer"
    if sampled:
        note += f"; of more than {sampled:,} examples a sample of {sampled:,} is compared"
    return f"<table>{rows}</table><p class='muted'>{note}</p>"


def bar(ratio: float) -> str:
    """A bar as long as the ratio, 80 pixels for 1, at most 160."""
    width = 0 if math.isnan(ratio) else round(80 * min(ratio, 2))
    return f"<i class='bar' style='width: {width}px'></i>"


def moving(frame: pd.DataFrame) -> str:
    """The words whose mean impact is farthest from 0, with count and 95 % interval, in percentage points."""
    if frame.empty:
        return "<p class='empty'>No word occurs often enough in these reviews.</p>"
    rows = "".join(
        f"<tr><td>{RAISES if row.impact > 0 else LOWERS} {escape(str(row.word))}</td>"
        f"<td>{signed(100 * row.impact, 1)}</td>"
        f"<td class='muted'>{signed(100 * row.low, 1)} to {signed(100 * row.high, 1)}</td>"
        f"<td class='muted'>{row.count:,}</td></tr>"
        for row in frame.itertuples(index=False)
    )
    head = "<tr><th>word</th><th>mean impact, points</th><th>95 % interval</th><th>places</th></tr>"
    return f"<table><thead>{head}</thead><tbody class='across'>{rows}</tbody></table>"
