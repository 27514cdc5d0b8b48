"""What refuses a promotion: no reason, another capital than the account's, rules without a certificate."""

from __future__ import annotations

from dataclasses import replace

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.progress import Say
from jstock_core.decide.groups import Group
from jstock_core.desk.day.certificates import UnprovenRule, unproven_rules
from jstock_core.desk.rules.strategies import check_strategies
from jstock_core.desk.workspace.checks.declared import find_contradictions
from jstock_core.desk.workspace.desk import Desk


def require_promotion_reason(reason: str) -> None:
    """Make sure that somebody said why."""
    if not reason.strip():
        raise UsageError(
            "a reason must be given",
            where="--reason",
            do="say in one sentence why it is promoted; the record keeps it",
        )


def refuse_capital(desk: Desk, group: Group) -> None:
    """Make sure that the promoted file would not contradict the group's account in the journal."""
    if not (desk.workspace.journal.exists() or desk.workspace.journal_url):
        return
    book = desk.journal().book()
    others = tuple(each for each in desk.groups if each.id != group.id)
    known = set(find_contradictions(desk.groups, book))
    found = [each for each in find_contradictions((*others, group), book) if each not in known]
    if found:
        raise ParamsError(
            "\n".join(what for what, _ in found),
            where="the candidate",
            do="\n".join(do.replace("in the file of", "in the candidate for") for _, do in found),
        )


def require_certificates(desk: Desk, group: Group, *, check: bool, say: Say) -> None:
    """Make sure that every rule of the candidate is certified as it stands, after a check where wanted."""
    folder = desk.workspace.certificates
    if check:
        for rule in dict.fromkeys(each.rule for each in unproven_rules(folder, (group,))):
            check_strategies(replace(desk, groups=(group,)), rule, say)
    unproven = unproven_rules(folder, (group,))
    if unproven:
        raise ParamsError(
            "\n".join(_unproven_line(each) for each in unproven),
            where=f"the candidate for {group.id}",
            do="promote it with --check, which checks these rules first"
            if not check
            else "correct the rules, or choose others",
        )


def _unproven_line(rule: UnprovenRule) -> str:
    failed = f"failed its checks: {', '.join(rule.failed)}" if rule.failed else "is not certified as declared"
    return f"{rule.kind} {rule.rule} {failed}"
