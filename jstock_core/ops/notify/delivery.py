"""Delivering messages: to whom each goes, sending what is due, and trying again later what did not go out.

Waiting for another try is done by the clock: by the next run, the reminder or `jstock notify retry`. Inside a
run nobody waits longer than `QUICK` says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from jstock_core.base.clock import Clock
from jstock_core.base.errors import ExitStatus, JstockError, ParamsError, Stopped, error_reason
from jstock_core.base.limits import cut_text
from jstock_core.base.secrets.secret import Secret
from jstock_core.base.words import plural
from jstock_core.desk.settings.notify import NotifySettings, next_time
from jstock_core.ops.notify.message import Kind, Letterhead, Message
from jstock_core.ops.notify.messages import digest_message
from jstock_core.ops.notify.outbox.entry import OPEN, Gathered, OutboxEntry, Status
from jstock_core.ops.notify.outbox.store import Outbox
from jstock_core.ops.notify.secrecy import redact_message
from jstock_core.ops.notify.ways.notifier import Notifier, NotSentError

Sleep = Callable[[float], None]
QUICK = (2.0, 8.0)
"""Seconds before a way that failed is tried again at once, in the first attempt of a run."""
MOST_FAILURES = 3
"""After so many failures of a way in a run, what is left for it waits for the next run."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
NOBODY = "-"
"""The recipient of an entry by a way that cannot be used."""


@dataclass(frozen=True)
class Ways:
    """The notifiers that can be used, by the name of their way, and why the others cannot."""

    usable: Mapping[str, Notifier]
    faults: Mapping[str, JstockError] = field(default_factory=dict)

    def fault(self, way: str, otherwise: str) -> str:
        """Why a way cannot be used; `otherwise` for one that is not declared."""
        return self.faults[way].what if way in self.faults else otherwise

    def require_sound(self) -> None:
        """Make sure that every way is declared as its kind asks for.

        Raises:
            ParamsError: one is not; a secret or package that is missing is no fault of a declaration.

        """
        for error in self.faults.values():
            if isinstance(error, ParamsError):
                raise error


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A desk that sends: how messages name it, its routes and ways. `identity` tells it from other desks.

    `marks` are the words on everything that shows its market, `secrets` what no message may show.
    """

    name: str
    marks: tuple[str, ...] = ()
    identity: str
    settings: NotifySettings
    ways: Ways
    clock: Clock
    sleep: Sleep
    secrets: Callable[[], Mapping[str, Secret]] = dict

    def letterhead(self, said: str = "") -> Letterhead:
        """The letterhead of a message made now, after what `said` stands for was said."""
        return Letterhead(self.name, self.clock(), self.marks, said)

    def redact(self, message: Message) -> Message:
        """A message without the desk's secrets."""
        return redact_message(message, self.secrets())

    def entries(self, message: Message, now: datetime) -> tuple[OutboxEntry, ...]:
        """A message packed for everyone who is to get it; fallbacks stand by."""
        message = self.redact(message)
        route = self.settings.routes[message.kind]
        first = (entry for way in route.to for entry in self.entries_by(way, message, now))
        others = (entry for way in route.fallback for entry in self.entries_by(way, message, now))
        standby = (replace(e, status=Status.STANDBY) if e.status is Status.PENDING else e for e in others)
        return (*first, *standby)

    def entries_by(self, way: str, message: Message, now: datetime) -> Iterator[OutboxEntry]:
        """A message packed for everyone whom a way reaches."""
        notifier = self.ways.usable.get(way)
        if notifier is None:
            yield self._entry(message, way, NOBODY, now, error=self.ways.fault(way, "no such way"))
            return
        for recipient in notifier.recipients:
            name = self.message_id(message, way, recipient)
            try:
                packed = notifier.pack(message, recipient, name)
            except Exception as error:  # noqa: BLE001 (a way that fails takes no other down)
                reason = str(error) if isinstance(error, NotSentError) else error_reason(error)
                yield self._entry(message, way, recipient, now, error=reason)
            else:
                yield self._entry(message, way, recipient, now, packed=packed)

    def _entry(
        self, message: Message, way: str, recipient: str, now: datetime, packed: bytes = b"", error: str = ""
    ) -> OutboxEntry:
        return OutboxEntry(
            id=self.message_id(message, way, recipient), key=message.key, kind=str(message.kind), way=way,
            recipient=recipient, trade_date=message.trade_date, subject=message.subject, created=now,
            next_try=self.settings.not_before(message.kind, now), packed=packed, error=error,
            status=Status.FAILED if error else Status.PENDING,
        )  # fmt: skip

    def message_id(self, message: Message, way: str, recipient: str) -> str:
        """The Message-ID: the same for the same message, way and recipient, and of no other desk."""
        parts = f"{self.identity}\n{message.key}\n{way}\n{recipient}"
        return f"<{sha256(parts.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}@jstock.invalid>"

    def is_gathered(self, message: Message) -> bool:
        """Whether a message waits for the digest."""
        return message.kind is Kind.WARNING and self.settings.digest is not None

    def gathered(self, message: Message, now: datetime) -> Gathered:
        """A warning to be kept for the next digest."""
        due = now if self.settings.digest is None else next_time(now, self.settings.digest)
        message = self.redact(message)
        return Gathered(message.key, message.trade_date, due, f"{message.subject}\n{message.text}")


@dataclass(frozen=True)
class DeliveryResult:
    """What was attempted, as it is now; `unrecorded` is why the outbox knows nothing of it, or ""."""

    entries: tuple[OutboxEntry, ...] = ()
    unrecorded: str = ""

    @property
    def exit(self) -> ExitStatus:
        """Degraded where something did not go out."""
        return ExitStatus.DEGRADED if self.unsent or self.unrecorded else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "sent": [entry.as_json() for entry in self.sent],
            "unsent": [entry.as_json() for entry in self.unsent],
            "unrecorded": self.unrecorded,
        }

    @property
    def sent(self) -> tuple[OutboxEntry, ...]:
        """What went out."""
        return tuple(entry for entry in self.entries if entry.status is Status.SENT)

    @property
    def unsent(self) -> tuple[OutboxEntry, ...]:
        """What did not go out, or not surely."""
        return tuple(entry for entry in self.entries if entry.status is not Status.SENT)


def deliver(outbox: Outbox, sender: Sender, *, everything: bool = False) -> DeliveryResult:
    """Send what is due, alone; with `everything` also what waits for a later try, and what was given up.

    Raises:
        OutboxError: the outbox cannot be used, or another process keeps sending.

    """
    with outbox.sending():
        if everything:
            outbox.revive(sender.clock())
        _make_digest(outbox, sender, everything=everything)
        return DeliveryResult(tuple(_rounds(outbox, sender, everything=everything)))


def _rounds(outbox: Outbox, sender: Sender, *, everything: bool) -> Iterator[OutboxEntry]:
    """Send in rounds: what fails may call a fallback, which is due in the next one."""
    attempt, seen = _Attempts(sender, outbox.save), set[str]()
    while True:
        due = outbox.due(None if everything else sender.clock())
        batch = [entry for entry in due if entry.id not in seen]
        for entry in batch:
            seen.add(entry.id)
            yield attempt.deliver(entry)
        if not batch and not outbox.settle_standby(sender.clock()):
            return


def _make_digest(outbox: Outbox, sender: Sender, *, everything: bool) -> None:
    """Put a message in the place of the warnings whose digest is due."""
    now = sender.clock()
    gathered = outbox.gathered(None if everything else now)
    if gathered:
        texts = [(each.key, each.text) for each in gathered]
        message = digest_message(sender.letterhead(), max(each.trade_date for each in gathered), texts)
        outbox.send_digest(sender.entries(message, now), gathered)


def attempt_once(sender: Sender, entry: OutboxEntry) -> OutboxEntry:
    """Send an entry once, past the outbox; as it is then."""
    return _Attempts(sender, lambda _: None, Counter({entry.way: 1})).deliver(entry)


def send_directly(messages: Iterable[Message], sender: Sender, why: str) -> DeliveryResult:
    """Send messages past an outbox that cannot be used; their text says so."""
    attempt = _Attempts(sender, lambda _: None)
    done: list[OutboxEntry] = []
    for message in messages:
        note = f"\nThis message is not recorded in the outbox: {why}\n"
        plain = replace(message, text=f"{message.text}{note}", body=None)
        entries = sender.entries(plain, sender.clock())
        first = [attempt.deliver(entry) for entry in entries if entry.status is not Status.STANDBY]
        failed = any(entry.status is not Status.SENT for entry in first)
        standby = [entry for entry in entries if failed and entry.status is Status.STANDBY]
        done += [*first, *(attempt.deliver(replace(entry, status=Status.PENDING)) for entry in standby)]
    return DeliveryResult(tuple(done), why)


@dataclass
class _Attempts:
    """The attempts of one run: `save` writes down what became of an entry before and after it is sent."""

    sender: Sender
    save: Callable[[OutboxEntry], None]
    failures: Counter[str] = field(default_factory=Counter)

    def deliver(self, entry: OutboxEntry) -> OutboxEntry:
        """Send an entry, at once again where that may help; as it is then."""
        if entry.status not in OPEN:
            return entry
        notifier = self.sender.ways.usable.get(entry.way)
        if notifier is None:
            reason = self.sender.ways.fault(entry.way, "the way is not declared any more")
            return self._postpone(entry, NotSentError(reason, again=True))
        if self.failures[entry.way] >= MOST_FAILURES:
            return self._postpone(entry, NotSentError("the way failed for others in this run", again=True))
        pauses = QUICK if not self.failures[entry.way] else ()
        failure = self._send(entry, notifier)
        for pause in pauses:
            if failure is None or failure.unsure or not failure.again or failure.after_s > pause:
                break
            self.sender.sleep(pause)
            failure = self._send(entry, notifier)
        if failure is None:
            attempts, now = entry.attempts + 1, self.sender.clock()
            return self._done(replace(entry, status=Status.SENT, attempts=attempts, error="", sent_at=now))
        self.failures[entry.way] += failure.again
        return self._postpone(entry, failure)

    def _send(self, entry: OutboxEntry, notifier: Notifier) -> NotSentError | None:
        """Send it once; what it failed with. Whoever dies in here leaves it unsure."""
        self.save(replace(entry, status=Status.UNSURE, attempts=entry.attempts + 1))
        try:
            notifier.send(entry.packed, entry.recipient)
        except NotSentError as error:
            return error
        except (KeyboardInterrupt, Stopped):
            raise
        except Exception as error:  # noqa: BLE001 (a way of third parties takes no other down)
            return NotSentError(error_reason(error), again=True, unsure=True)
        return None

    def _postpone(self, entry: OutboxEntry, failure: NotSentError) -> OutboxEntry:
        """An entry that did not go out: it goes later, or is given up."""
        now, attempts = self.sender.clock(), entry.attempts + 1
        unsure = failure.unsure or entry.status is Status.UNSURE
        old = now - entry.created >= timedelta(days=self.sender.settings.give_up_days)
        reason = cut_text(" ".join(str(failure).split()))
        if old and failure.again:
            reason = f"given up after {plural(self.sender.settings.give_up_days, 'day')}: {reason}"
        pause = max(backoff(attempts), timedelta(seconds=failure.after_s))
        status = Status.FAILED if old or not failure.again else Status.UNSURE if unsure else Status.PENDING
        return self._done(
            replace(entry, status=status, attempts=attempts, error=reason, next_try=now + pause)
        )

    def _done(self, entry: OutboxEntry) -> OutboxEntry:
        self.save(entry)
        return entry


def backoff(attempts: int) -> timedelta:
    """How long nobody tries again after so many attempts: five minutes, and each time twice as long."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE)
