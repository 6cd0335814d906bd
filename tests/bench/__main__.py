"""python -m tests.bench [NAME ...]: measure the claims of speed, print a table, fail where one is missed."""

import argparse
import logging

from tests.bench import (
    bench_bidirectional,
    bench_faithfulness,
    bench_impacts,
    bench_many,
    bench_maps,
    bench_pages,
    bench_prefix,
    bench_store,
    bench_sweep,
    bench_training,
    bench_viewer,
)

BENCHES = {
    "impacts": bench_impacts.measure,
    "prefix": bench_prefix.measure,
    "bidirectional": bench_bidirectional.measure,
    "training": bench_training.measure,
    "store": bench_store.measure,
    "viewer": bench_viewer.measure,
    "maps": bench_maps.measure,
    "sweep": bench_sweep.measure,
    "pages": bench_pages.measure,
    "faithfulness": bench_faithfulness.measure,
    "many": bench_many.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)} (default: all)")
    names = parser.parse_args().names or list(BENCHES)
    if unknown := set(names) - set(BENCHES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    results = [result for name in names for result in BENCHES[name]()]
    width = max(len(result.claim) for result in results)
    print(f"\n{'claim':<{width}}  {'measured':>12}  {'bound':>12}  how")
    for result in results:
        sign = ">=" if result.at_least else "<="
        bound, value = f"{sign} {result.bound:g} {result.unit}", f"{result.value:.3g} {result.unit}"
        missed = "" if result.holds else "  MISSED"
        print(f"{result.claim:<{width}}  {value:>12}  {bound:>12}  {result.detail}{missed}")
    if not all(result.holds for result in results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
