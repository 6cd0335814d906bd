"""What was found of the paper's claims: the file that `make claims` writes, read back and checked."""

import json

from pipeline import store
from pipeline.claims.report import Report, from_plain
from pipeline.errors import InputError
from viewer.data.source import Source

COMMAND = "make claims"


def report(source: Source) -> Report | None:
    """The report of a store; None where there is none yet. InputError, in one line, where its file is damaged."""
    path = store.claims(source.artifacts)
    try:
        return from_plain(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as failure:  # a folder, or nothing that may be read
        raise InputError(f"{path}: cannot be read ({failure.strerror}); write it anew: {COMMAND}") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, JSON nested without end, or other JSON
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a file of claims ({reason}); write it anew: {COMMAND}") from None
