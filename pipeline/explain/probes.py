"""How well a layer's vectors tell classes apart: classifiers trained on some of them and tried on the others."""

import warnings

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FOLDS = 5
SEED = 0
STEPS = 1_000  # of the linear classifier's search; trained layers of IMDB take some 30


def linear(vectors: Floats, labels: Ints) -> float:
    """Held-out accuracy of logistic regression on (n, width) vectors for (n,) labels; NaN as in `accuracy`.

    Every unit is scaled by its mean and deviation over the examples that the classifier is trained on: how much a large
    weight costs then does not depend on how large the layer's numbers happen to be.
    """
    return accuracy(make_pipeline(StandardScaler(), LogisticRegression(max_iter=STEPS)), vectors, labels)


def neighbor(vectors: Floats, labels: Ints, k: int) -> float:
    """Held-out accuracy of the majority among the k nearest (n, width) vectors for (n,) labels; NaN as in `accuracy`.

    By distance in the layer as it is, as on the maps. Of an even k one is left out, as two classes could tie; of more
    classes that do, the first is taken. Fewer are asked where an example has fewer others to ask.
    """
    trained_on = len(labels) - -(-len(labels) // FOLDS)
    asked = max(1, min(k - 1 + k % 2, trained_on))
    return accuracy(KNeighborsClassifier(asked, algorithm="brute"), vectors, labels)


def accuracy(classifier: ClassifierMixin, vectors: Floats, labels: Ints) -> float:
    """Share of examples that a classifier gets right which was trained without them, 0 to 1.

    The examples are dealt into FOLDS parts with the classes in equal shares, the same for the same labels; each part is
    read by a classifier trained on the other parts, so every example is read once. NaN where one class alone is there,
    or a class has fewer examples than there are parts.
    """
    counts = np.unique(labels, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < FOLDS:
        return float("nan")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        # A search that stops after STEPS steps has a classifier too, and what it gets right is counted as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        read = cross_val_predict(classifier, vectors, labels, cv=folds)
    return float((read == labels).mean())
