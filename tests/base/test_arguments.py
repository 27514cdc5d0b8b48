from __future__ import annotations

import pytest

from jstock_core.base.arguments import call_words
from jstock_core.base.errors import UsageError


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("--reason", "reason="),
        ("give the dates, --from and --to, or leave --dry-run out", "give the dates, first= and last=, or"),
        ("name them with --positions FILE, ¥5--6", "name them with positions=FILE, ¥5--6"),
        ("run `jstock params check --all` first", "run `jstock params check --all` first"),
        ("give --accept-odd", "give accept_odd="),
    ],
)
def test_options_are_named_as_arguments_outside_of_commands(said: str, shown: str) -> None:
    with pytest.raises(UsageError) as caught, call_words(from_="first", to="last", dry_run="trial_run"):
        raise UsageError("no", where=said, do=said)
    assert caught.value.where.startswith(shown)
    assert caught.value.do == caught.value.where
