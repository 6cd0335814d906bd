"""How a person's mistake is told: one line on stderr, exit status 2, no traceback."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


class InputError(Exception):
    """Something a person can mend. The message says what, where (file, row, key) and what to do."""


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn an InputError, a full disk or a forbidden file into one line and exit status 2; let our own bugs through."""
    try:
        yield
    except InputError as mistake:
        stop(str(mistake), 2)
    except OSError as failure:
        if said := refused_by_disk(failure):
            stop(said, 2)
        raise
    except KeyboardInterrupt:
        stop("stopped; run the same command again to go on", 130)


def refused_by_disk(failure: BaseException) -> str:
    """What to do about a full disk or a forbidden file; empty for whatever else has failed."""
    if not isinstance(failure, OSError):
        return ""
    where = f"{failure.filename}: " if failure.filename else ""
    if failure.errno in NO_ROOM:
        return f"{where}no room left on the disk ({failure.strerror}); free some and run the same command again"
    if failure.errno in NOT_ALLOWED:
        return f"{where}{failure.strerror}; change its permissions or work in a folder of your own"
    return ""


def stop(message: str, status: int) -> NoReturn:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    raise SystemExit(status)
