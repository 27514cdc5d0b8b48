"""Evaluate the declared sets of a sweep, or those that a learning sampler proposes round by round."""

from __future__ import annotations

from jstock_core.base.progress import Tick
from jstock_core.desk.sweeps.counting import SetCounter
from jstock_core.desk.sweeps.place import Evaluate, SweepGround, SweepPlace
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration
from jstock_core.research.sweep.plan import PlannedSet, SweepPlan
from jstock_core.research.sweep.sampler import OptunaSampler
from jstock_core.research.sweep.task import SetResult

Found = tuple[SweepPlan, tuple[SetResult, ...]]


def find_results(
    ground: SweepGround, declared: SweepDeclaration, place: SweepPlace, counter: SetCounter, tick: Tick
) -> Found:
    """The plan of a sweep and the results of its sets, declared or proposed by the sampler.

    Raises:
        ParamsError: no set can be made.
        UsageError: the workers, the cluster or the sampler cannot be used.
        WriteError: the folder cannot be written.

    """
    if declared.learns and declared.random is not None:
        with place.working(ground.market, counter) as evaluate:
            return _sample(ground, declared, declared.random, evaluate, tick)
    return ground.plan, place.evaluate(ground.market, ground.plan, counter, tick)


def _sample(
    ground: SweepGround, declared: SweepDeclaration, count: int, evaluate: Evaluate, tick: Tick
) -> Found:
    """Evaluate round by round. Kept results are not computed again, and lead the sampler to the same sets."""
    sampler = OptunaSampler(declared.ranges, count, declared.seed)
    sets: list[PlannedSet] = []
    found: list[SetResult] = []
    while chosen := sampler.ask():
        part = ground.plan_of(declared, chosen)
        results = evaluate(part, _after(tick, len(found), sampler.wanted))
        sampler.tell(chosen, [each.figures.get(declared.rank, float("nan")) for each in results])
        sets += part.sets
        found += results
    plan = SweepPlan(ground.plan.group, declared.ranges, tuple(sets))
    plan.require_one()
    return plan, tuple(found)


def _after(tick: Tick, before: int, every: int) -> Tick:
    """Progress of one round as a part of all rounds."""

    def report(done: int, _of: int, what: str) -> None:
        tick(before + done, every, what)

    return report
