"""How a person's mistake is told: one line on stderr, exit status 2, no traceback."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class InputError(Exception):
    """Something a person can mend. The message says what, where (file, row, key) and what to do."""


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn an InputError or a full disk into one line and exit status 2; let our own bugs through."""
    try:
        yield
    except InputError as mistake:
        stop(str(mistake), 2)
    except OSError as failure:
        if failure.errno not in NO_ROOM:
            raise
        where = f"{failure.filename}: " if failure.filename else ""
        stop(f"{where}no room left on the disk ({failure.strerror}); free some and run the same command again", 2)
    except KeyboardInterrupt:
        stop("stopped; run the same command again to go on", 130)


def stop(message: str, status: int) -> None:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    raise SystemExit(status)
