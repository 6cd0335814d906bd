"""What a run is known by: hashes of its config and of its small tables, and its accuracy. Reads these of the run."""

import hashlib
import json

from pipeline.claims.report import DIGITS, Behind
from pipeline.claims.tables import frame
from pipeline.errors import InputError
from pipeline.store import Run

# What the claims read of them. All else that they read follows from the same weights and settings.
SMALL = {
    "metrics": ("epoch", "split", "metric", "value"),
    "maps": (
        "epoch", "layer", "judged", "linear_probe", "neighbor_probe", "linear_probe_predicted",
        "neighbor_probe_predicted", "neighborhood_hit",
    ),
    "similarity": ("epoch", "layer", "other_epoch", "other_layer", "cka", "density_correlation"),
}  # fmt: skip


def known(run: Run) -> Behind:
    """A run as a report names it, from nothing but what it computed. Raises InputError where it cannot be read."""
    try:
        config = run.config.read_bytes()
    except OSError as failure:
        raise InputError(f"{run.config}: cannot be read ({failure.strerror}); build the run again") from None
    content = hashlib.sha256()
    for table, columns in SMALL.items():
        rows = frame(run, table, columns).sort_values(list(columns), ignore_index=True)
        plain = [[rounded(cell) for cell in row] for row in rows.astype(object).itertuples(index=False)]
        content.update(json.dumps([table, plain]).encode())
    return Behind(run.name, accuracy(run), hashlib.sha256(config).hexdigest(), content.hexdigest())


def rounded(cell: object) -> object:
    """A cell as it is hashed: the digits of a report, nothing where there is no number."""
    if isinstance(cell, float):
        return None if cell != cell else round(cell, DIGITS) + 0.0
    return cell


def accuracy(run: Run) -> float | None:
    """On the test reviews at the last epoch, in the digits of a report; None where it was not measured."""
    found = frame(run, "metrics", SMALL["metrics"])
    told = found[(found["split"] == "test") & (found["metric"] == "accuracy")].sort_values("epoch")
    return None if told.empty else round(float(told["value"].iloc[-1]), DIGITS)
