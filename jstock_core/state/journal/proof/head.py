"""The head file: what the journal's file looked like after the last commit.

A database file alone cannot tell that its end is missing, or that a page went back to what it was. The head
records how far the journal had come and what the closed file's bytes were.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import StateError
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import open_file, read_file
from jstock_core.state.journal.proof.chain import RESTORE, Tip

__all__ = ["RESTORE", "Head", "file_hash", "head_of", "read_head", "write_head"]


@dataclass(frozen=True, slots=True)
class Head:
    """Last sequence and its chain hash, with the size in bytes and SHA-256 of the closed file."""

    seq: int
    hash: str
    size: int
    sha256: str

    @property
    def tip(self) -> Tip:
        """The end of the chain as of this head."""
        return Tip(self.seq, self.hash)

    def matches(self, file: Path) -> bool:
        """Whether the file's bytes are those that were written."""
        return file.stat().st_size == self.size and file_hash(file) == self.sha256


def head_of(file: Path, tip: Tip) -> Head:
    """The head of a closed journal file."""
    return Head(tip.seq, tip.hash, file.stat().st_size, file_hash(file))


def write_head(path: Path, head: Head) -> None:
    """Write a head file, synced."""
    write_atomically(path, seal(asdict(head)))


def read_head(path: Path) -> Head:
    """Read a head file.

    Raises:
        StateError: it is damaged.

    """
    fields = unseal(read_file(path))
    try:
        head = None if fields is None else Head(**fields)
    except TypeError:
        head = None
    if head is None:
        raise StateError("the journal's head file is damaged", where=str(path), do=RESTORE)
    return head


def file_hash(file: Path) -> str:
    """SHA-256 of a file, as hex."""
    digest = sha256()
    with open_file(file) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
