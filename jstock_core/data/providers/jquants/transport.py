"""One request to J-Quants: sent with the key, within the limits, and sent again where that can help.

Source: jpx-jquants.com/en/spec/response-status, read 2026-11.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jstock_core
from jstock_core.base.errors import DataError, ParamsError
from jstock_core.base.limits import parse_json
from jstock_core.base.secrets.loopback import is_loopback
from jstock_core.data.providers.jquants.certificates import trusted_certificates
from jstock_core.data.providers.jquants.endpoints import Endpoint
from jstock_core.data.providers.jquants.keys import ApiKey
from jstock_core.data.providers.jquants.limits import RequestClock, RequestGate

if TYPE_CHECKING:
    import httpx

URL = "https://api.jquants.com/v2"
URL_VARIABLE = "JSTOCK_JQUANTS_URL"
ATTEMPTS = 6
SLOWEST = 120.0  # seconds for a whole answer, however steadily it drips
SLOWEST_FILE = 900.0
MOST_BYTES = 512 * 2**20  # of an answer: a hundred times a month of all stocks, compressed
_LATER = "run the command again later; what was fetched before is kept"
SKEW = 900.0  # seconds that the clocks may differ by
_COVERS = re.compile(r"covers the following dates: (\d{4}-\d{2}-\d{2})")
_WRONG_KEY = "invalid or expired"
_STATUS = {
    _WRONG_KEY: (
        "J-Quants does not know the key",
        "copy the key again from the dashboard (jpx-jquants.com/dashboard/api-keys)",
    ),
    "subscription": (
        "the plan does not include what was asked for",
        "write the plan that the key has as `plan` under `provider` in params/desk.yaml",
    ),
}
_USUAL = {
    400: ("the request was not accepted", "this is a defect of jstock, or the API has changed"),
    401: ("J-Quants refused the key", "copy the key again from the dashboard"),
    403: (
        "J-Quants refused: the key is wrong, the plan does not include this, or the path is unknown",
        "compare key and plan with the dashboard (jpx-jquants.com/dashboard)",
    ),
}


class RefusedRequestError(DataError):
    """The server refused a request for good: repeating it cannot help.

    `by_plan` is whether the plan may be the reason: not where the server says that it is the key.
    `covers_from` is the first day of the plan's window, where the server says it.
    """

    def __init__(self, what: str, message: str, *, where: str, do: str, by_plan: bool) -> None:
        super().__init__(what, where=where, do=do)
        self.by_plan = by_plan
        self.covers_from = _first_covered(message)


class _PassingError(Exception):
    """Something that may be over when the request is sent again. `wait` are seconds, None for the usual."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def base_url() -> str:
    """J-Quants' address, or a local server's that `JSTOCK_JQUANTS_URL` names, for tests.

    Raises:
        ParamsError: the key would leave this machine unencrypted.

    """
    url = os.environ.get(URL_VARIABLE, "").strip().rstrip("/") or URL
    if is_private(url):
        return url
    raise ParamsError(
        f'"{url}" is no address for J-Quants: the key would be sent unencrypted',
        where=URL_VARIABLE,
        do="remove the variable, or name an https address or a server on this machine",
    )


def is_private(url: str) -> bool:
    """Whether nobody reads what is sent there: it is encrypted, or stays on this machine."""
    return urlsplit(url).scheme == "https" or _is_local(url)


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


class Connection:
    """Requests with a key; threads may share one. Close it after use."""

    def __init__(self, key: ApiKey, gate: RequestGate, clock: RequestClock, read_timeout: float = 30) -> None:
        import httpx

        self._key, self._gate, self._clock = key, gate, clock
        agent = f"jstock/{jstock_core.__version__}"
        timeout = httpx.Timeout(10.0, read=read_timeout)
        self._base = base_url()
        proxies = not _is_local(self._base)  # a proxy must not see what stays on this machine
        tls = trusted_certificates()
        self._api = httpx.Client(
            headers={**key.header, "user-agent": agent}, timeout=timeout, trust_env=proxies, verify=tls
        )
        plain = {"user-agent": agent, "accept-encoding": "identity"}
        self._files = httpx.Client(headers=plain, timeout=timeout, trust_env=proxies, verify=tls)
        self.requests = 0

    def now(self) -> float:
        """The time by the clock of requests."""
        return self._clock.now()

    def close(self) -> None:
        """Close the connections; the count of requests is closed by who opened it."""
        self._api.close()
        self._files.close()

    def ask(self, path: str, params: Mapping[str, str], endpoint: Endpoint | None = None) -> dict[str, Any]:
        """The JSON object that answers a request; an empty one for status 210.

        Raises:
            RefusedRequestError: the key, the plan, the path or a parameter is wrong.
            DataError: no sound answer came, although it was asked for several times.

        """
        where = f"GET {path}" + "".join(f" {name}={value}" for name, value in params.items())

        def once() -> dict[str, Any]:
            self._gate.enter(endpoint)
            self.requests += 1
            status, body = self._read(self._api, self._base + path, params, SLOWEST)
            self._judge(status, body, where)
            return _parse(body) if status == 200 else {}

        answer: dict[str, Any] = self._repeat(once, where)
        return answer

    def download(self, url: str, where: str) -> bytes:
        """The bytes at a presigned address, which gets no key and is shown nowhere: it is a secret too.

        Raises:
            DataError: it could not be read, although it was asked for several times, or is not encrypted.

        """
        if not is_private(url):
            raise DataError("the address of the file is not encrypted", where=where, do=_LATER)

        def once() -> bytes:
            status, body = self._read(self._files, url, {}, SLOWEST_FILE)
            if status in (400, 403, 404):
                raise ExpiredAddressError(
                    "the address of the file is not valid any more", where=where, do=_LATER
                )
            if status != 200:
                raise _PassingError(f"status {status}")
            return body

        content: bytes = self._repeat(once, where)
        return content

    def _repeat(self, once: Any, where: str) -> Any:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        retrying = Retrying(
            sleep=self._clock.sleep,
            wait=_wait,
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(_PassingError),
            reraise=True,
        )
        try:
            return retrying(once)
        except _PassingError as fault:
            last = self._key.hide(str(fault))
            raise DataError(
                f"J-Quants gave no sound answer in {ATTEMPTS} attempts; the last: {last}",
                where=where,
                do=_LATER,
            ) from None

    def _read(
        self, http: httpx.Client, url: str, params: Mapping[str, str], slowest: float
    ) -> tuple[int, bytes]:
        """Status and body of one request."""
        import httpx

        end = self._clock.now() + slowest
        body = bytearray()
        try:
            # Empty parameters would take the signature off a presigned address.
            with http.stream("GET", url, params=dict(params) or None) as response:
                # A file is taken as it lies there, whatever the server says of its encoding.
                for chunk in response.iter_raw() if http is self._files else response.iter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise _PassingError(f"the answer is larger than {MOST_BYTES // 2**20} MB")
                    if self._clock.now() > end:
                        raise _PassingError(f"the answer took more than {slowest:.0f} seconds")
                self._compare_clocks(response.headers.get("date", ""))
                return response.status_code, bytes(body)
        except httpx.TimeoutException as error:
            raise _PassingError(f"no answer in time ({type(error).__name__})") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _PassingError(f"the connection failed ({type(error).__name__}: {error})") from None

    def _compare_clocks(self, stamp: str) -> None:
        """Make sure that this machine and the server mean the same time: what is public depends on it."""
        try:
            ahead = self._clock.now() - parsedate_to_datetime(stamp).timestamp()
        except (TypeError, ValueError):
            return
        if abs(ahead) > SKEW:
            raise DataError(
                f"the clock of this machine is {abs(ahead) / 60:.0f} minutes "
                f"{'ahead of' if ahead > 0 else 'behind'} that of J-Quants",
                where="the header Date of an answer",
                do="set the clock (switch time synchronisation on) and run the command again",
            )

    def _judge(self, status: int, body: bytes, where: str) -> None:
        """Raise what a status means; return for an answer that can be used."""
        if status in (200, 210):
            return
        if status == 429 or (status == 403 and b"Forbidden" in body and self._gate.recently_refused()):
            self._gate.refused()
            raise _PassingError(f"too many requests (status {status})", wait=0)
        message = self._key.hide(_message(body))
        if status >= 500:
            raise _PassingError(f"the server failed (status {status}{message and ': ' + message})")
        usual = _USUAL.get(status, ("an unexpected answer", "compare the address with the documents"))
        meaning, do = next((m for part, m in _STATUS.items() if part in message), usual)
        said = f'; the server says "{message}"' if message else ""
        by_plan = "subscription" in message or (status == 403 and _WRONG_KEY not in message)
        what = f"{meaning} (status {status}){said}"
        raise RefusedRequestError(what, message, where=where, do=do, by_plan=by_plan)


class ExpiredAddressError(DataError):
    """A presigned address is not valid any more."""


def _first_covered(message: str) -> date | None:
    found = _COVERS.search(message)
    with suppress(ValueError):
        return date.fromisoformat(found[1]) if found else None
    return None


def _wait(state: Any) -> float:
    """Seconds before the next attempt: 5, 10, 20, 40, 80; none where the gate keeps the pause."""
    fault = state.outcome.exception()
    if isinstance(fault, _PassingError) and fault.wait is not None:
        return fault.wait
    return float(5 * 2 ** (state.attempt_number - 1))


def _parse(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _PassingError(f"the answer is no JSON ({error})") from None
    if not isinstance(answer, dict):
        raise _PassingError("the answer is no JSON object")
    return answer


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _message(body: bytes) -> str:
    """What an error's body says, in one line of at most 200 characters."""
    try:
        said = parse_json(body)
        text = said.get("message", "") if isinstance(said, dict) else ""
    except ValueError:
        text = ""
    return " ".join(str(text).split())[:200]
