"""Delivering: each message once, tried again later, by another way where the first fails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.ops.notify.delivery import (
    QUICK,
    DeliveryResult,
    Sender,
    Ways,
    backoff,
    deliver,
    send_directly,
)
from jstock_core.ops.notify.message import Kind, Message
from jstock_core.ops.notify.news import News
from jstock_core.ops.notify.outbox.entry import Status
from jstock_core.ops.notify.tell import post
from jstock_core.ops.notify.ways.notifier import NotSentError
from tests.ops.notify.people import CUT, DOWN, REFUSED, Clock, FakeWay, message, outbox, sender


class Killed(BaseException):
    """The process is gone."""


def send(folder: Path, by: Sender, *messages: Message, everything: bool = False) -> DeliveryResult:
    """A run: it posts messages and sends what is due."""
    box = outbox(folder)
    post(box, by, News(messages))
    return deliver(box, by, everything=everything)


def statuses(folder: Path) -> list[str]:
    return [str(entry.status) for entry in outbox(folder).entries()]


def test_everyone_gets_a_message_once_under_an_id_of_his_own(tmp_path: Path) -> None:
    mail = FakeWay(("a@mail.example", "b@mail.example"))
    by = sender({"mail": mail}, Clock())
    send(tmp_path, by, message("one"), message("two"))
    send(tmp_path, by, message("one"))
    assert sorted(each["to"] for each in mail.sent) == ["a@mail.example"] * 2 + ["b@mail.example"] * 2
    assert len(set(mail.ids)) == 4
    assert all(name.startswith("<") and name.endswith("@jstock.invalid>") for name in mail.ids)


def test_the_same_facts_have_the_same_id_and_another_desk_another() -> None:
    one = sender({"mail": FakeWay()}, Clock())
    assert one.message_id(message(), "mail", "a") == one.message_id(message(), "mail", "a")
    other = Sender(**{**vars(one), "identity": "other"})
    assert other.message_id(message(), "mail", "a") != one.message_id(message(), "mail", "a")


def test_what_fails_is_tried_again_by_the_clock(tmp_path: Path) -> None:
    clock, mail = Clock(), FakeWay(fault=DOWN)
    by = sender({"mail": mail}, clock)
    (entry,) = send(tmp_path, by, message()).unsent
    assert (entry.status, entry.attempts, entry.error) == (Status.PENDING, 1, "connection refused")
    assert (clock.slept, mail.tried) == (list(QUICK), 1 + len(QUICK))
    mail.fault = None
    assert send(tmp_path, by).entries == ()  # it is not due yet
    clock.wait(minutes=5)
    assert [entry.status for entry in send(tmp_path, by).sent] == [Status.SENT]
    assert len(mail.sent) == 1


def test_pauses_grow_to_six_hours() -> None:
    pauses = [backoff(attempts) for attempts in (1, 2, 3, 8, 40)]
    assert pauses == [timedelta(minutes=n) for n in (5, 10, 20, 360, 360)]


def test_the_other_side_may_ask_for_a_longer_pause(tmp_path: Path) -> None:
    clock = Clock()
    by = sender({"phone": FakeWay(fault=NotSentError("busy", again=True, after_s=3600))}, clock)
    (entry,) = send(tmp_path, by, message()).unsent
    assert entry.next_try == clock() + timedelta(hours=1)


def test_retrying_by_hand_waits_for_nothing(tmp_path: Path) -> None:
    mail = FakeWay(fault=DOWN)
    by = sender({"mail": mail}, Clock())
    send(tmp_path, by, message())
    mail.fault = None
    assert len(send(tmp_path, by, everything=True).sent) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_around_sending_leaves_it_unsure_and_it_goes_again_under_the_same_id(
    tmp_path: Path, when: str
) -> None:
    """Before the server had it the first is lost; after it there are two of one id, which are one."""

    def kill() -> None:
        raise Killed

    mail = FakeWay()
    by = sender({"mail": mail}, Clock())
    if when == "before":
        mail.before = kill
    else:
        mail.send, real = (lambda packed, to: (real(packed, to), kill())[0]), mail.send  # type: ignore[method-assign]
    with pytest.raises(Killed):
        send(tmp_path, by, message())
    assert statuses(tmp_path) == ["unsure"]
    mail.before, mail.send = (lambda: None), (real if when == "after" else mail.send)  # type: ignore[method-assign]
    send(tmp_path, by)
    assert statuses(tmp_path) == ["sent"]
    assert len(mail.ids) == (1 if when == "before" else 2)
    assert len(set(mail.ids)) == 1


def test_a_connection_that_breaks_after_the_text_is_not_tried_again_at_once(tmp_path: Path) -> None:
    clock, mail = Clock(), FakeWay(fault=CUT)
    by = sender({"mail": mail}, clock)
    (entry,) = send(tmp_path, by, message()).unsent
    assert (entry.status, mail.tried, clock.slept) == (Status.UNSURE, 1, [])
    mail.fault = DOWN
    clock.wait(hours=1)
    (entry,) = send(tmp_path, by).unsent
    assert entry.status is Status.UNSURE  # it may still have gone the first time
    mail.fault = None
    clock.wait(hours=1)
    assert len(send(tmp_path, by).sent) == 1


def test_what_will_never_go_is_given_up_at_once_and_the_rest_after_days(tmp_path: Path) -> None:
    clock, mail = Clock(), FakeWay(fault=REFUSED)
    by = sender({"mail": mail}, clock, give_up_days=2)
    (entry,) = send(tmp_path, by, message("one")).unsent
    assert (entry.status, entry.error) == (Status.FAILED, "no such mailbox")
    mail.fault = DOWN
    send(tmp_path, by, message("two"))
    clock.wait(days=2)
    (entry,) = send(tmp_path, by).unsent
    assert (entry.status, entry.error) == (Status.FAILED, "given up after 2 days: connection refused")
    mail.fault = None
    assert len(send(tmp_path, by, everything=True).sent) == 2


def test_another_way_takes_over_at_once_where_the_first_fails(tmp_path: Path) -> None:
    mail, phone = FakeWay(fault=DOWN), FakeWay(("phone",))
    by = sender(
        {"mail": mail, "phone": phone}, Clock(), routes={"failure": {"to": "mail", "fallback": "phone"}}
    )
    send(tmp_path, by, message(kind=Kind.FAILURE))
    assert (phone.subjects, statuses(tmp_path)) == (["subject one"], ["pending", "sent"])
    mail.fault = None
    send(tmp_path, by, everything=True)
    assert (len(mail.sent), len(phone.sent)) == (1, 1)


def test_another_way_stays_quiet_where_the_first_works(tmp_path: Path) -> None:
    phone = FakeWay(("phone",))
    routes = {"failure": {"to": "mail", "fallback": "phone"}}
    by = sender({"mail": FakeWay(), "phone": phone}, Clock(), routes=routes)
    for _ in range(2):
        send(tmp_path, by, message(kind=Kind.FAILURE))
    assert phone.sent == []
    assert sorted(statuses(tmp_path)) == ["dropped", "sent"]


def test_a_way_that_cannot_be_made_is_told_by_another(tmp_path: Path) -> None:
    phone = FakeWay(("phone",))
    by = sender(
        {"mail": FakeWay(), "phone": phone}, Clock(), routes={"report": {"to": "mail", "fallback": "phone"}}
    )
    broken = Sender(**{**vars(by), "ways": Ways({"phone": phone}, {"mail": ParamsError("unknown key")})})
    send(tmp_path, broken, message())
    assert phone.subjects == ["subject one"]
    first = next(entry for entry in outbox(tmp_path).entries() if entry.way == "mail")
    assert (first.status, first.error) == (Status.FAILED, "unknown key")


def test_a_way_that_raises_anything_takes_no_other_down(tmp_path: Path) -> None:
    mail, phone = FakeWay(fault=ZeroDivisionError("oops")), FakeWay(("phone",))
    by = sender({"mail": mail, "phone": phone}, Clock())
    done = send(tmp_path, by, message())
    assert [entry.way for entry in done.sent] == ["phone"]
    assert [entry.error for entry in done.unsent] == ["ZeroDivisionError: oops"]


def test_a_way_that_fails_for_many_is_left_alone_for_this_run(tmp_path: Path) -> None:
    mail = FakeWay(tuple(f"{n}@mail.example" for n in range(9)), fault=DOWN)
    clock = Clock()
    send(tmp_path, sender({"mail": mail}, clock), message())
    assert mail.tried == 1 + len(QUICK) + 2
    assert sum(clock.slept) == sum(QUICK)
    assert statuses(tmp_path) == ["pending"] * 9


def test_in_quiet_hours_a_report_waits_and_a_failure_does_not(tmp_path: Path) -> None:
    clock, mail = Clock(), FakeWay()
    by = sender({"mail": mail}, clock, quiet_hours={"since": "22:00", "until": "07:30"})
    send(tmp_path, by, message("one"), message("two", Kind.FAILURE))
    assert mail.subjects == ["subject two"]
    clock.wait(minutes=30)
    send(tmp_path, by)
    assert mail.subjects == ["subject two", "subject one"]


def test_warnings_are_gathered_until_their_hour(tmp_path: Path) -> None:
    clock, mail = Clock(), FakeWay()
    by = sender({"mail": mail}, clock, digest="17:30")
    send(tmp_path, by, message("one", Kind.WARNING), message("two", Kind.WARNING), message("three"))
    clock.wait(hours=1)
    send(tmp_path, by, message("one", Kind.WARNING))
    assert mail.subjects == ["subject three"]
    clock.wait(hours=10)
    send(tmp_path, by)
    assert mail.subjects[1:] == ["Wed 2026-01-21: digest, 2 messages with warnings (test)"]
    assert all(f"text {name}" in mail.sent[1]["text"] for name in ("one", "two"))
    send(tmp_path, by)
    assert len(mail.sent) == 2


def test_past_an_outbox_that_cannot_be_used_a_message_says_so() -> None:
    mail, phone = FakeWay(fault=DOWN), FakeWay(("phone",))
    by = sender(
        {"mail": mail, "phone": phone}, Clock(), routes={"failure": {"to": "mail", "fallback": "phone"}}
    )
    done = send_directly([message(kind=Kind.FAILURE)], by, "disk full")
    assert done.unrecorded == "disk full"
    assert "not recorded in the outbox: disk full" in phone.sent[0]["text"]
