"""Numbers as all pages write them."""


def signed(value: float, digits: int) -> str:
    """A number with its sign, a true minus; what rounds to nothing has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return ("\N{MINUS SIGN}" if value < 0 else "+") + text
