"""A notebook served to a person: in JupyterLab to work with, or as an app without its code.

Whatever the user's own configuration of Jupyter says, nothing is served beyond this machine without a token.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jstock_core.base.errors import UsageError
from jstock_core.base.secrets.loopback import is_loopback

LOOPBACK = "127.0.0.1"
APP_TEMPLATE = "jstock"
"""The page of an app: a template of Voila's in `share/`, which is light or dark as the browser is."""
_SHARE = Path(__file__).parent / "share"
Announce = Callable[[str], None]


@dataclass(frozen=True)
class ServedAt:
    """Where a notebook is served: an address and a port of this machine, and whether a browser is opened.

    A port that is taken is passed over for one of the next. Kernels have `variables` in their environment.
    """

    ip: str = LOOPBACK
    port: int = 8888
    browser: bool = True
    variables: tuple[tuple[str, str], ...] = ()


def serve_lab(notebook: Path, at: ServedAt, announce: Announce) -> None:
    """Serve the folder of a notebook in JupyterLab until it is stopped, beginning with the notebook.

    Raises:
        UsageError: JupyterLab is not installed, or it would be open to other machines without a token.

    """
    _require("jupyterlab")
    from jupyterlab.labapp import LabApp

    with _environment(at):
        server = LabApp.initialize_server(argv=[str(notebook), *_arguments(at)])
        _require_token(server)
        server.web_app.settings["page_config_hook"] = leave_out_news
        announce(server.display_url.replace("/lab?", f"/lab/tree/{quote(notebook.name)}?"))
        _run(server)


def serve_app(notebook: Path, at: ServedAt, announce: Announce) -> None:
    """Serve what a notebook shows, without its code, until it is stopped: to this machine only.

    Raises:
        UsageError: Voila is not installed, or another address than this machine's own is asked for.

    """
    _require("voila")
    if not is_loopback(at.ip):
        raise UsageError(
            f"an app is served to this machine only, not at {at.ip}",
            do="reach it through a tunnel, as ssh -L 8866:localhost:8866 HOST",
        )
    from voila.app import Voila

    class App(Voila):  # type: ignore[misc]  # its types are not known
        """Says where it is once it knows its token."""

        def listen(self) -> None:
            announce(self.display_url)
            super().listen()

    with _environment(replace(at, variables=(*at.variables, _jupyter_path()))):
        server = App(ip=at.ip, port=at.port, open_browser=at.browser, auto_token=True, log_level="WARN")
        server.initialize([str(notebook), f"--template={APP_TEMPLATE}"])
        _run(server)


def _jupyter_path() -> tuple[str, str]:
    """The variable by which Voila finds the template too."""
    known = os.environ.get("JUPYTER_PATH")
    return "JUPYTER_PATH", os.pathsep.join([str(_SHARE), *([known] if known else [])])


def _run(server: Any) -> None:
    """Serve until a person stops it.

    Raises:
        UsageError: the server ended by itself; what it says stands above.

    """
    try:
        server.start()
    except SystemExit as ending:
        if ending.code:
            raise UsageError(
                "the server of the notebook ended by itself", do="read what it says above"
            ) from None


def _arguments(at: ServedAt) -> list[str]:
    """What holds over a configuration of the user's. Ctrl-C stops at once; no news are fetched."""
    return [
        f"--ServerApp.ip={at.ip}",
        f"--ServerApp.port={at.port}",
        f"--ServerApp.open_browser={at.browser}",
        "--ServerApp.answer_yes=True",
        f"--ServerApp.allow_root={is_loopback(at.ip)}",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]


def leave_out_news(handler: object, page: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a page of JupyterLab without its announcements.

    It asks whether to fetch news whatever `news_url` is. Those that a user turned off are a list, or a
    mapping to true.
    """
    del handler
    off = [*page.get("disabledExtensions", ()), "@jupyterlab/apputils-extension:announcements"]
    return {**page, "disabledExtensions": off}


def _require_token(server: Any) -> None:
    """Look at the server as it will be, after all configuration.

    Raises:
        UsageError: other machines could use it without a token or a password, or as root.

    """
    if is_loopback(server.ip):
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        raise UsageError(
            "root serves JupyterLab to this machine only", do="start it as another user, or leave out --ip"
        )
    if not server.identity_provider.auth_enabled:
        raise UsageError(
            f"JupyterLab would be open at {server.ip or 'every address'} without a token: whoever reaches it"
            " runs code on this machine",
            where="the configuration of Jupyter turns tokens off (IdentityProvider.token, ServerApp.token)",
            do="take that out, or leave out --ip",
        )


def _require(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise UsageError(
            f"{package} is not installed", do='install the extra for notebooks: pip install "jstock[lab]"'
        )


@contextmanager
def _environment(at: ServedAt) -> Iterator[None]:
    """Give kernels their variables while the server runs."""
    before = {name: os.environ.get(name) for name, _ in at.variables}
    os.environ.update(at.variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
