"""The morning as a mail: a short body that any client shows, and the whole page attached.

Mail clients know no style sheet of a page, no SVG and no script: styles are inlined, charts are PNG, named by
their content ids. Sending is done elsewhere.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import MappingProxyType

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.words import join_parts
from jstock_core.execution.netting import BrokerTicket
from jstock_core.reports.model.money.portfolio import HeldPosition
from jstock_core.reports.model.money.promoted import PromotedGroup
from jstock_core.reports.model.placements import unplaced
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import Ticket
from jstock_core.reports.render.headlines import order_count
from jstock_core.reports.render.money.curves import desk_curve
from jstock_core.reports.render.money.promoted import drift_text
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.files import render_png

MOST_BYTES = 100_000
"""Of the body in HTML: Gmail cuts what is longer."""
MOST_ALERTS, MOST_POSITIONS, MOST_BUYS = 8, 12, 8
PHONE_CHARACTERS = 320
_CHART_HEIGHT = 150.0


@dataclass(frozen=True)
class MailBody:
    """The subject, the body as HTML (at most 100 kB) and as text, and its pictures (PNG) by content id.

    Without HTML it is text alone.
    """

    subject: str
    html: str
    text: str
    images: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    def message(self, attachments: Mapping[str, bytes] | None = None) -> EmailMessage:
        """A message without sender and recipients: alternatives, their pictures, and files by name."""
        made = EmailMessage()
        made["Subject"] = self.subject
        made.set_content(self.text)
        if self.html:
            made.add_alternative(self.html, subtype="html")
            rich = list(made.iter_parts())[1]
            for name, png in self.images.items():
                rich.add_related(
                    png, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline"
                )
        for name, content in (attachments or {}).items():
            main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
            made.add_attachment(content, main, sub, filename=name)
        return made


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A row of the mail: what is on the left, what on the right, and what stands small under it."""

    left: str
    right: str = ""
    under: str = ""
    tone: str = ""


@dataclass(frozen=True)
class _Block:
    title: str
    lines: tuple[_Line, ...]
    more: str = ""


def mail_body(report: Report, words: Words, images: Mapping[str, bytes] | None = None) -> MailBody:
    """The morning in a mail; `images` are charts as PNG, by content id, without them `mail_images`."""
    blocks = [block for block in _blocks(report, words) if block.lines or block.more]
    shown = dict(mail_images(report, words) if images is None else images)
    plain = "\n\n".join(("\n".join(_head(report, words)), *map(_plain, blocks), _foot(report, words))) + "\n"
    html = _inline(
        markup(
            "mail.html.j2",
            subject=mail_subject(report, words),
            head=_head(report, words),
            marks=_marks(report, words),
            blocks=blocks,
            images={name: words("Equity against TOPIX") for name in shown},
            foot=_foot(report, words),
            language=words.language,
            gains=words.gain_colour,
        )
    )
    return MailBody(mail_subject(report, words), html, plain, MappingProxyType(shown))


def mail_images(report: Report, words: Words) -> dict[str, bytes]:
    """The curve of the desk and of TOPIX as PNG with the content id "equity"; none before there is one."""
    marks = " ".join(words(mark) for mark in report.header.market_marks)
    svg = desk_curve(report, words, height=_CHART_HEIGHT, watermark=marks)
    return {"equity": render_png(svg, gain_colour=words.gain_colour)} if svg else {}


def mail_subject(report: Report, words: Words) -> str:
    """The day, what is to be done, how the desk stands: "2026-01-21: 2 orders, ¥5,907,840, 1 alert"."""
    urgent = _urgent(report)
    parts = (
        order_count(report, words),
        words.yen(report.portfolio.whole.equity),
        _counted(words, len(urgent), "{n} alert", "{n} alerts") if urgent else "",
    )
    marks = "".join(f"[{mark}] " for mark in _marks(report, words))
    said = words.named(words.weekday(report.header.trade_date), words.join(parts))
    return " ".join(f"{marks}{said}".split())


def phone_text(report: Report, words: Words) -> str:
    """The morning in at most 320 characters, for a push message: what is to be placed first, then alerts."""
    lines = [mail_subject(report, words)]
    lines += [
        f"{words.side(ticket.side)} {ticket.code} {words.count(ticket.shares)}"
        for ticket in report.execution.broker
        if ticket.side
    ]
    lines += [words.sentence(alert.text) for alert in _urgent(report)]
    text = ""
    for n, line in enumerate(lines):
        left = len(lines) - n
        more = words("and {n} more", n=left)
        room = PHONE_CHARACTERS - len(text) - (len(more) + 1 if left > 1 else 0)
        if len(line) + 1 > room:
            return f"{text}{more}"
        text += f"{line}\n"
    return text.rstrip("\n")


def _urgent(report: Report) -> tuple[Alert, ...]:
    return tuple(alert for alert in report.alerts if alert.severity is Severity.ALERT)


def _marks(report: Report, words: Words) -> tuple[str, ...]:
    intent = report.header.intent.mark
    marks = (*report.header.market_marks, intent, "HALTED" if report.halted else "")
    return tuple(words(mark) for mark in marks if mark)


def _head(report: Report, words: Words) -> list[str]:
    """The lines that stand first: what is to be done, and how the desk stands."""
    whole, header = report.portfolio.whole, report.header
    day = words("{pnl} in the session", pnl=words.signed_yen(whole.day_pnl))
    returned = f"{words('Return')} {words.pct(whole.return_pct)}"
    topix = "" if header.lacks("topix") else f"TOPIX {words.pct(report.performance.topix.last)}"
    return [
        words.named(
            words("Orders for {day}", day=words.weekday(header.trade_date)), order_count(report, words)
        ),
        words(
            "{what} ({detail})",
            what=f"{words('Equity')} {words.yen(whole.equity)}",
            detail=words.join((day, returned, topix)),
        ),
        words("Data as of {day}: {provider}", day=words.day(header.evaluated), provider=header.provider),
    ]


def _counted(words: Words, amount: int, one: str, many: str) -> str:
    return words(one if amount == 1 else many, n=amount)


def _blocks(report: Report, words: Words) -> Iterator[_Block]:
    alerts = [a for a in report.alerts if a.severity is not Severity.INFO]
    yield _block(words("Alerts"), [_alert(a, words) for a in alerts], MOST_ALERTS, words)
    broker = [_order(report, ticket, words) for ticket in report.execution.broker]
    done = [_done(ticket, words) for ticket in unplaced(report)]
    yield _Block(words("Orders"), tuple(broker), "" if broker or done else words("No orders"))
    yield _Block(words("Not to be placed"), tuple(done))
    held = [_position(line, words) for line in report.portfolio.held]
    yield _block(words("Positions"), held, MOST_POSITIONS, words)
    buys = [
        _Line(
            left=f"{buy.code} {buy.name}",
            right=words.number(buy.score, 1),
            under=words.named(buy.group, words.sentence(buy.why_not)) if buy.why_not else buy.group,
        )
        for buy in report.buys
        if not buy.ordered
    ]
    yield _block(words("Buy signals without an order"), buys, MOST_BUYS, words)
    promoted = [_promoted(each, words) for each in report.performance.promoted]
    yield _block(words("Promoted sets"), promoted, MOST_POSITIONS, words)


def _block(title: str, lines: list[_Line], most: int, words: Words) -> _Block:
    left = len(lines) - most
    return _Block(title, tuple(lines[:most]), words("and {n} more in the report", n=left) if left > 0 else "")


def _alert(alert: Alert, words: Words) -> _Line:
    tone = "loss" if alert.severity is Severity.ALERT else ""
    return _Line(left=words.sentence(alert.text), under=words.sentence(alert.remedy), tone=tone)


def _order(report: Report, ticket: BrokerTicket, words: Words) -> _Line:
    """A ticket as it is placed, with the groups that it is for."""
    own = [each for each in report.execution.tickets if each.id in ticket.order_ids]
    limits = f"{words.price(own[0].lower)} - {words.price(own[0].upper)}" if own else ""
    kind = words.sentence(own[0].kind) if own else ""
    paper = words("on paper") if ticket.filler != "you" else ""
    groups = join_parts(f"{each.group} {words.side(each.side)} {words.count(each.shares)}" for each in own)
    side = words.side(ticket.side) if ticket.side else words("nothing to place")
    name = own[0].name if own else ""
    return _Line(
        left=join_parts((side, ticket.code, name), " "),
        right=words.count(ticket.shares) if ticket.side else "",
        under=join_parts((kind, limits, groups, paper), " · "),
        tone="order",
    )


def _done(ticket: Ticket, words: Words) -> _Line:
    """An order that is not to be placed, and why."""
    return _Line(
        left=join_parts((words.side(ticket.side), ticket.code, ticket.name), " "),
        right=words.count(ticket.shares),
        under=join_parts((ticket.group, words.sentence(ticket.outcome)), " · "),
    )


def _position(line: HeldPosition, words: Words) -> _Line:
    stop = ""
    if line.stop is not None:
        distance = words.pct(line.stop.distance_pct)
        name = words.layer(line.stop.layer)
        stop = words("{layer} broken", layer=name) if line.stop.broken else f"{name} {distance}"
    return _Line(
        left=f"{line.code} {line.name}",
        right=f"{words.signed_yen(line.pnl)} ({words.pct(line.pnl_pct)})",
        under=join_parts((line.group, words.price(line.close), stop), " · "),
        tone=words.tone(line.pnl),
    )


def _promoted(each: PromotedGroup, words: Words) -> _Line:
    """A promoted set: what it did since, and what its backtest expects of as many sessions."""
    since = words("since {day}", day=words.day(each.since))
    drift = words("its backtest expects {pct}", pct=drift_text(each, words)) if each.sessions else ""
    return _Line(
        left=words.named(each.group, each.candidate),
        right=words.pct(each.return_pct) if each.sessions else "",
        under=join_parts((since, drift, words("edited since") if each.edited else ""), " · "),
        tone="loss" if each.is_far else "",
    )


def _plain(block: _Block) -> str:
    """A block as text: whatever a name holds, each line stays one."""
    lines = (text for line in block.lines for text in (f"{line.left}  {line.right}", f"    {line.under}"))
    kept = [" ".join(text.split()) for text in lines]
    indented = [f"    {text}" if n % 2 else text for n, text in enumerate(kept) if text]
    return "\n".join((block.title.upper(), *indented, *([block.more] if block.more else [])))


def _foot(report: Report, words: Words) -> str:
    """Where the rest is, and the seal, which proves later what was decided before the open."""
    seal = report.provenance.seal
    sealed = words("Seal of this morning: {seal}", seal=seal) if seal else ""
    return join_parts((words("The whole report is attached."), sealed), " ")


def _inline(html: str) -> str:
    from css_inline import CSSInliner

    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=False).inline(html) + "\n"
