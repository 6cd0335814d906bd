"""The paper's claims, checked on the runs that are in the store: outside the chains that DVC keeps, for make claims.

python -m pipeline.stages.claims [RUN] writes artifacts/claims.json and artifacts/claims.md. Reads the tables and
checkpoints of the run (paper), and of other runs that differ from it in the seed or in having no hidden layer.
"""

import argparse
import json
from pathlib import Path

from pipeline import store
from pipeline.claims import (
    accuracy,
    behind,
    density,
    distance,
    evidence,
    hidden_layer,
    intervals,
    negation,
    neutral_words,
    separability,
)
from pipeline.claims.evidence import Evidence
from pipeline.claims.markdown import markdown
from pipeline.claims.pairs import pairs
from pipeline.claims.report import Claim, Report, from_plain, plain
from pipeline.claims.words import listed
from pipeline.errors import told_in_one_line
from pipeline.stages import command

RUN = "paper"


def write(name: str = RUN, artifacts: Path = store.ARTIFACTS) -> Report:
    """Check all claims on a run, and write what came out."""
    found = evidence.gathered(name, artifacts)
    with_layer, without = found.seeds(hidden=True), found.seeds(hidden=False)
    sentences = pairs()
    last = found.last
    claims = (
        accuracy.judge(found.right(), last),
        separability.judge(found.probes(), last, intervals.share(*found.right_on_the_maps())),
        distance.judge([distance.related(layer) for layer in found.spaces()], found.layers, last),
        hidden_layer.judge(
            {seed: evidence.similarities(run) for seed, run in with_layer.items()},
            {seed: evidence.right_at(last, run) for seed, run in with_layer.items()},
            {seed: evidence.right_at(last, run) for seed, run in without.items()},
            last,
            found.unreadable(),
        ),
        negation.judge(sentences, found.pair_readings(sentences), found.epochs),
        neutral_words.judge(found.words(), max(found.config.impacts.epochs)),
        density.judge(found.steps(), found.layers, last),
    )
    compared = {run.name: run for run in (*with_layer.values(), *without.values())}
    runs = tuple(behind.known(run) for _, run in sorted((compared | {found.run.name: found.run}).items()))
    values = plain(Report(about(found, list(compared)), claims, runs))
    report = from_plain(values)  # both files from the same rounded numbers
    store.write_text(store.claims(artifacts), json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    store.write_text(store.claims(artifacts).with_suffix(".md"), markdown(report))
    return report


def about(found: Evidence, compared: list[str]) -> str:
    """What the claims were checked on."""
    tested = next(iter(found.right().values()))[1]
    others = [name for name in compared if name != found.run.name]
    return (
        f"Checked on the run {found.run.name}: {tested:,} test reviews of {found.config.corpus.source}, the network of "
        f"every epoch from 0, untrained, to {found.last}, maps of {found.mapped:,} reviews. "
        + (f"Compared with the runs {listed(others)}." if others else "There is no other run to compare with.")
    )


def told(claims: tuple[Claim, ...]) -> str:
    return "\n".join(f"{claim.number}. {claim.title}: {claim.verdict}" for claim in claims)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.stages.claims",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", nargs="?", default=RUN, help="the run that the claims are checked on (paper)")
    name = parser.parse_args().run
    command.log_plainly()
    with told_in_one_line():
        report = write(name)
        print(f"{told(report.claims)}\nwritten to {store.claims().with_suffix('.md')}", flush=True)


if __name__ == "__main__":
    main()
