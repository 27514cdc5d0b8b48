"""Whether somebody can turn a widget: a kernel that a server of notebooks started, and ipywidgets."""

from __future__ import annotations

import importlib.util
import os
import sys

_STARTED_BY = ("JPY_SESSION_NAME", "VOILA_KERNEL_ID", "VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG")
"""What servers of notebooks put into the environment of their kernels: Jupyter, Voila, VS Code, Colab.

What only executes a notebook (papermill, nbclient, nbval) starts a kernel without a session.
"""


def has_front_end() -> bool:
    """Widgets can be shown here: a person reads this notebook while its kernel runs."""
    kernel = "ipykernel" in sys.modules and any(name in os.environ for name in _STARTED_BY)
    return kernel and importlib.util.find_spec("ipywidgets") is not None
