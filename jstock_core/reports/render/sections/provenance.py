"""What the decisions rest on: quiet where every rule is certified."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import join_parts
from jstock_core.reports.model.provenance import Provenance, RuleStanding
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.table import Cell, Display, Table, section, text_line
from jstock_core.reports.render.parts.words import Words

_SHOWN = 12  # characters of a hash


def provenance_section(report: Report, words: Words) -> Display:
    """The version, the data and its edition, and what is proven of the rules."""
    return section("provenance", words("Provenance"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display | Table]:
    rests_on = report.provenance
    yield text_line(
        words(
            "Decided by jstock {version} on {provider} data up to {day}.",
            version=rests_on.jstock or "?",
            provider=rests_on.provider,
            day=words.day(report.header.evaluated),
        )
    )
    if not rests_on.rules:
        yield text_line(words("The rules were not recorded."))
    elif rests_on.is_proven:
        yield text_line(words("All rules are certified: {hashes}.", hashes=_hashes(rests_on, words)))
    else:
        heads = headings(words("Rule"), words("Group"), words("Certificate"))
        yield Table(heads, tuple(_rule_row(rule, words) for rule in rests_on.rules), "")
    if rests_on.edition:
        digests = join_parts(f"{name} {digest[:_SHOWN]}" for name, digest in rests_on.data.items())
        yield text_line(words("Data as received: edition {edition}", edition=rests_on.edition))
        yield text_line(digests)
    if rests_on.seal:
        yield text_line(words("Seal of this morning: {seal}", seal=rests_on.seal))


def _hashes(rests_on: Provenance, words: Words) -> str:
    return join_parts(f"{words.rule(rule.rule)} {rule.certificate[:_SHOWN]}" for rule in rests_on.rules)


def _rule_row(rule: RuleStanding, words: Words) -> tuple[Cell, ...]:
    remedy = f"jstock strategies check {rule.rule}"
    if rule.failed:
        verdict = Cell(words("failed: {checks}", checks=rule.failed), "loss", note=remedy)
    elif rule.certificate:
        verdict = Cell(rule.certificate[:_SHOWN], "muted")
    else:
        verdict = Cell(words("not certified"), note=remedy)
    return Cell(words.rule(rule.rule), note=words.sentence(rule.part)), Cell(rule.group), verdict
