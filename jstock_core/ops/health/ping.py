"""A sign of life of the mornings to a service outside, which tells people where it stays away.

It is spoken to as healthchecks.io is: a POST to the URL where a morning ended well, to `URL/start` where one
begins, to `URL/fail` where one failed. The URL is a secret, so params/desk.yaml has its name only.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from jstock_core.base.errors import JstockError
from jstock_core.base.secrets.loopback import is_loopback
from jstock_core.base.secrets.secret import find_secret
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.notify.ways.hush import hush
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.pulse import heartbeat_of

TIMEOUT_S = 5.0
_JOB = "morning"
_DO = "see that the URL is right and the service answers; the day itself is done"


class PingError(JstockError):
    """The service outside did not hear of a job."""


def ping_start(desk: Desk, job: str) -> None:
    """Tell that a job begins; the mornings only, for a service knows one rhythm for a URL.

    Raises:
        PingError: it did not hear. ParamsError: the URL is not found.

    """
    if job == _JOB:
        _ping(desk, "start", f"the {job} begins")


def ping_end(ended: Ended) -> None:
    """Tell how a job ended; the mornings only, and none that was to record nothing.

    Raises:
        PingError: it did not hear. ParamsError: the URL is not found.

    """
    if ended.job == _JOB and ended.intent.records:
        beat = heartbeat_of(ended)
        text = f"{beat.job} of {beat.trade_date}: {beat.status}, exit status {beat.exit}"
        _ping(ended.desk, "fail" if ended.error is not None else "", text)


def ping_closed(desk: Desk, job: str) -> None:
    """Tell that a job found the market closed, which is a good end.

    Raises:
        PingError: it did not hear. ParamsError: the URL is not found.

    """
    if job == _JOB:
        _ping(desk, "", "the market is closed")


def _ping(desk: Desk, endpoint: str, text: str) -> None:
    """Post to an endpoint of the desk's URL, where it has one. No error shows the URL."""
    name = desk.settings.health.ping
    if not name:
        return
    import httpx

    url = _endpoint(name, find_secret(name).reveal(), endpoint)
    try:
        with hush("httpx", "httpcore"):
            answer = httpx.post(url, content=text.encode(), timeout=TIMEOUT_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PingError(f"{name} did not hear of it: {type(error).__name__}", do=_DO) from None
    if not answer.is_success:
        raise PingError(f"{name} did not hear of it: status {answer.status_code}", do=_DO)


def _endpoint(name: str, url: str, endpoint: str) -> str:
    """The URL of an endpoint.

    Raises:
        PingError: the URL would send its secret readable over the network, or is none.

    """
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        safe = False
    if not safe:
        raise PingError(f"{name} holds no URL with https", do="give the URL that the service shows")
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=f"{path}/{endpoint}" if endpoint else parts.path))
