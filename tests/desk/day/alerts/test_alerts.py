"""An alert that needs a person says what the person does."""

from __future__ import annotations

import ast

from tests.architecture import modules


def test_every_alert_that_needs_a_person_says_what_to_do() -> None:
    silent = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Alert" and len(node.args) < 5
        if len(node.args) > 1 and "Severity.ALERT" in ast.unparse(node.args[1])
    ]
    assert silent == []
