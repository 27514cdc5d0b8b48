"""Logs of libraries that send: they name addresses that are secrets, so they reach no log of the desk."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def hush(*names: str) -> Iterator[list[str]]:
    """Keep what these loggers and those below them say to the block; gives what they warn of."""
    listener = _Listener()
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.propagate, logger.handlers, logger.level) for logger in loggers]
    for logger in loggers:
        logger.propagate, logger.handlers = False, [listener]
        logger.setLevel(logging.WARNING)
    try:
        yield listener.heard
    finally:
        for logger, (propagate, handlers, level) in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers = propagate, handlers
            logger.setLevel(level)
