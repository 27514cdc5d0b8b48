"""For a storm over whole processes: dies, and its parent before it, where it would put some file in place.

Python imports this by its name when the folder is on its path; nothing but a storm puts it there.
"""

import os
import signal
import sys

_FILE = os.environ.get("JSTOCK_STORM_BEFORE", "")


def _hook(event: str, arguments: tuple) -> None:
    if event == "os.rename" and str(arguments[1]).endswith(_FILE):
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


if _FILE:
    sys.addaudithook(_hook)
