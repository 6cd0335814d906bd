"""Other maps than Isomap's: by principal components, UMAP and t-SNE; and where a new vector lies on them.

UMAP and t-SNE come from packages that are installed when they are wanted: see PACKAGES.
"""

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEED = 0
# Of each method that is an extra: the module it needs and the package that has it. The extra is named like the method.
PACKAGES = {"umap": ("umap", "umap-learn"), "tsne": ("openTSNE", "openTSNE")}


def project(method: str, vectors: Floats, neighbors: int) -> Floats:
    """(n, 2) centred places of (n, width) vectors by "pca", "umap" or "tsne", the same at every call.

    neighbors: how many count as near, for UMAP and t-SNE. Where all vectors are identical, the map is one point.
    """
    if not np.ptp(vectors, axis=0).any():
        return np.zeros((len(vectors), 2))
    methods: dict[str, Callable[[Floats, int], Floats]] = {"pca": pca, "umap": umap, "tsne": tsne}
    places = methods[method](vectors, neighbors)
    centred: Floats = places - places.mean(axis=0)
    return centred


def missing(method: str) -> str:
    """What to install before maps can be drawn by a method; empty if nothing is missing."""
    module, package = PACKAGES.get(method, ("", ""))
    if not module or find_spec(module):
        return ""
    return f"the package {package}: pip install -e '.[{method}]'"


def pca(vectors: Floats, neighbors: int = 0) -> Floats:
    """By the two principal components; `neighbors` has no part in it."""
    mean, axes = components(vectors)
    places: Floats = (vectors - mean) @ axes
    return places


def components(vectors: Floats) -> tuple[Floats, Floats]:
    """(width,) mean and (width, 2) first principal components, the largest number of each positive.

    A second one, where vectors have one unit, is 0.
    """
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return mean, np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))


def umap(vectors: Floats, neighbors: int) -> Floats:
    """By umap-learn (McInnes et al. 2018), with its own settings but for the number of neighbours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies; equal vectors, and graphs of several components
        from umap import UMAP

        model = UMAP(n_neighbors=min(neighbors, len(vectors) - 1), random_state=SEED, n_jobs=1)
        places: Floats = model.fit_transform(vectors.astype(np.float32)).astype(np.float64)
    return places


def tsne(vectors: Floats, neighbors: int) -> Floats:
    """By openTSNE (van der Maaten & Hinton 2008), with its own settings but for the perplexity: `neighbors`."""
    from openTSNE import TSNE

    perplexity = min(neighbors, (len(vectors) - 1) / 3)  # it looks at three times as many others
    model = TSNE(perplexity=perplexity, neighbors="exact", n_jobs=1, random_state=SEED)
    return np.array(model.fit(vectors), dtype=np.float64)


def between(places: Floats, index: Ints, distance: Floats) -> Floats:
    """(q, 2) means of the (n, 2) places of each new vector's nearest, weighted by the inverse of their distances.

    index, distance: (q, k) who they are in the layer and how far. At the place of one that is equal, or of the mean of
    those that are. A stand-in where a method has no formula for new vectors and its fitted model is not kept.
    """
    nearest = distance.min(axis=1, keepdims=True)
    equal = (distance == 0).astype(np.float64)
    weights = np.where(nearest > 0, nearest / np.where(distance > 0, distance, 1), equal)
    found: Floats = (weights[:, :, None] * places[index]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
    return found
