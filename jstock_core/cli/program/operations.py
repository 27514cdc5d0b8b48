"""The commands that let the desk run without a person, for the tree of all commands."""

from __future__ import annotations

from collections.abc import Mapping

from jstock_core.cli.program.tree import Branch, Leaf

OPERATIONS: Mapping[str, Leaf | Branch] = {
    "evening": Leaf(
        "day.evening",
        "evening",
        "Look at the session after its close: fetch, settle in memory, compare orders with fills.",
    ),
    "schedule": Branch(
        "Runs by themselves: show, install, remove, status, failed.",
        {
            "show": Leaf(
                "ops.schedule",
                "show",
                "Show the files of the desk's schedule and its next runs; nothing is changed.",
            ),
            "install": Leaf(
                "ops.schedule",
                "install",
                "Install the schedule that params/desk.yaml declares, or bring an older one up to it.",
            ),
            "remove": Leaf(
                "ops.schedule", "remove", "Remove what was installed for this desk, and nothing else."
            ),
            "status": Leaf(
                "ops.schedule",
                "status",
                "Show whether this machine's schedule is as declared, its next runs and the last run.",
            ),
            "failed": Leaf(
                "ops.job_failed",
                "failed",
                "Tell people that a job died without a word; for schedulers, which call it by themselves.",
            ),
        },
    ),
    "notify": Branch(
        "Telling people: test, preview, outbox, retry, remind.",
        {
            "test": Leaf(
                "ops.notify",
                "check_ways",
                "Send a message marked as a test by a way, or by each, and show what became of it.",
            ),
            "preview": Leaf(
                "ops.notify",
                "preview",
                "Write the mail of the newest report into files, and show who would get what; nothing is "
                "sent.",
            ),
            "outbox": Leaf(
                "ops.notify",
                "outbox",
                "List messages and what became of each; status 8 where one was not delivered.",
            ),
            "retry": Leaf(
                "ops.notify",
                "retry",
                "Send all messages that wait: those that failed, those given up, and digests.",
            ),
            "remind": Leaf(
                "ops.notify",
                "remind",
                "Remind of what is to be done before the open: unresolved orders, a missing report; for "
                "schedulers.",
            ),
        },
    ),
    "doctor": Leaf(
        "ops.doctor",
        "doctor",
        "Check whether the desk is fit to run: environment, machine, data, records, schedule, people, "
        "chores.",
    ),
    "health": Leaf(
        "ops.health",
        "health",
        "Tell by the runs folder alone whether the desk ran: for a watchdog, also on another machine.",
    ),
}
"""Schedules, what they start, and whether it ran."""
