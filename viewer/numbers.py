"""Numbers as all pages write them, and as the browser gets them."""

import numpy as np
import numpy.typing as npt


def signed(value: float, digits: int) -> str:
    """A number with its sign, a true minus; what rounds to nothing has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return ("\N{MINUS SIGN}" if value < 0 else "+") + text


def numbers(values: npt.NDArray[np.float64], digits: int) -> list[float | None]:
    """Rounded numbers as JSON has them: None for NaN."""
    return [None if np.isnan(value) else round(float(value), digits) for value in values]
