"""The anchor: where a journal lies and how far it had come, kept outside the folder that holds the journal.

An empty, other or older journal in the place of the real one is sound by itself. Only what the workspace
remembers shows that it is not the journal that the desk trades by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import read_file
from jstock_core.state.journal.proof.chain import Tip


@dataclass(frozen=True, slots=True)
class JournalAnchor:
    """The name of a journal's place, and its last event as the workspace knows it: sequence and hash."""

    place: str
    seq: int
    hash: str

    @property
    def tip(self) -> Tip:
        """The end of the chain as of this anchor."""
        return Tip(self.seq, self.hash)


def read_anchor(files: Iterable[Path]) -> JournalAnchor | None:
    """The anchor that has come furthest of those that can be read; None without one."""
    return max((anchor for file in files for anchor in _read(file)), key=lambda one: one.seq, default=None)


def write_anchor(files: Iterable[Path], anchor: JournalAnchor) -> None:
    """Write an anchor into each file that does not hold it.

    Raises:
        OSError: one cannot be written; the others are.

    """
    failure = None
    for file in files:
        try:
            if anchor not in _read(file):
                make_private_folder(file.parent)
                write_atomically(file, seal(asdict(anchor)))
        except OSError as error:
            failure = error
    if failure is not None:
        raise failure


def _read(file: Path) -> Iterator[JournalAnchor]:
    """The anchor in a file; nothing where there is none or it is not as it was written."""
    try:
        fields = unseal(read_file(file))
    except OSError:
        return
    if fields is not None:
        yield JournalAnchor(**fields)
