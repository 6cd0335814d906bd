"""One map, drawn in a process of its own: how long it took, what the process held at most, how far to trust the map.

python -m tests.bench.drawing FILE METHOD NEIGHBORS [LANDMARKS] reads (n, width) vectors from a .npy file, prints JSON.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pipeline.explain import isomap, projections, quality
from pipeline.explain.neighbors import nearest

WARM = 200  # vectors drawn before: what a method compiles at its first call is not measured


@dataclass(frozen=True)
class Drawn:
    """One map: seconds, peak resident gigabytes of its process, trustworthiness."""

    seconds: float
    gigabytes: float
    trustworthiness: float


def drawn(file: Path, method: str, neighbors: int, landmarks: int | None = None) -> Drawn:
    """The same in a new process."""
    words = [str(file), method, str(neighbors), *([str(landmarks)] if landmarks else [])]
    result = subprocess.run([sys.executable, "-m", "tests.bench.drawing", *words], check=True, capture_output=True)
    return Drawn(**json.loads(result.stdout))


def places(vectors: np.ndarray, method: str, neighbors: int, landmarks: int | None) -> np.ndarray:
    if method == "isomap":
        return isomap.fit(vectors, neighbors, landmarks).coordinates
    return projections.project(method, vectors, neighbors)


def trust(vectors: np.ndarray, coordinates: np.ndarray, neighbors: int) -> float:
    rows = quality.judged(len(vectors))
    return quality.trustworthiness(vectors[rows], nearest(coordinates[rows], neighbors)[0])


def peak() -> float:
    """Gigabytes that this program held at most. Not by getrusage: that begins with what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (kibibytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kibibytes) * 1024 / 1e9


def main() -> None:
    file, method, neighbors, *more = sys.argv[1:]
    vectors, k, landmarks = np.load(file), int(neighbors), int(more[0]) if more else None
    places(vectors[:WARM], method, k, landmarks)
    start = time.perf_counter()
    coordinates = places(vectors, method, k, landmarks)
    seconds = time.perf_counter() - start
    found = Drawn(seconds, peak(), trust(vectors, coordinates, k))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
