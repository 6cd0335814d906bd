"""How far points lie from a straight boundary between two sides, drawn without the point itself."""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

Floats = npt.NDArray[np.float64]
FOLDS = 5


def distances(points: Floats, sides: npt.NDArray[np.bool_], folds: int = FOLDS) -> Floats | None:
    """(n,) distance of each of (n, d) points from a boundary, positive on the side that is True.

    The boundary is that of a logistic regression on the other folds (cross-fitted: a point does not bend the boundary
    it is measured from). Points are centred and divided by one number, so that distances keep their proportions. None
    where a side has fewer points than there are folds, or all points are one.
    """
    if min(sides.sum(), (~sides).sum()) < folds:
        return None
    centered = points - points.mean(axis=0)
    size = np.sqrt((centered**2).mean())
    if size == 0:
        return None
    scaled = centered / size
    found = np.empty(len(points))
    for fitted, held_out in StratifiedKFold(folds, shuffle=True, random_state=0).split(scaled, sides):
        model = LogisticRegression(max_iter=1000).fit(scaled[fitted], sides[fitted])
        length = np.linalg.norm(model.coef_)
        found[held_out] = model.decision_function(scaled[held_out]) / max(length, np.finfo(float).tiny) * size
    return found
