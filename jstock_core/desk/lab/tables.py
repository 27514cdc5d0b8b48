"""What is known at a lab's time, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from warnings import warn

import numpy as np

from jstock_core.decide import trusted_features
from jstock_core.desk.past.holdouts import declare_from
from jstock_core.desk.past.replays import panel_through
from jstock_core.desk.trials.holdout import Holdout, current_holdout, panel_before_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import select_code
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.panel import Panel
from jstock_core.reports.render.lab.results.factor import FactorCard
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.frames.catalogue import find_feature
from jstock_core.research.frames.lists import feature_list_frame, rules_frame
from jstock_core.research.frames.market import (
    features_frame,
    flows_frame,
    prices_frame,
    statements_frame,
    topix_frame,
)
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.library.describe import describe_rules

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class LabTables:
    """The data of a lab: every table shows what was known at its time, and is a copy.

    `now` is the time it lives at, "" for the clock's; `source` the workspace that its `desk` is a copy of.
    """

    desk: Desk
    now: str
    source: Path = Path()

    @property
    def ledger(self) -> TrialLedger:
        """Every trial of the desk that the lab is a copy of: `lab.ledger.count()`."""
        return TrialLedger.of(Workspace(self.source))

    @property
    def holdout(self) -> Holdout | None:
        """The newest holdout of the desk, opened or not; None where none was ever declared."""
        return current_holdout(self.ledger)

    def declare_holdout(self, first: str | date, *, sure: bool = False) -> Holdout:
        """Keep the desk's sessions from a date on back from research, until they are opened.

        Where `sure`, also one that begins after the newest data, or whose sessions trials have seen.

        Raises:
            UsageError: the date is malformed, the holdout would prove little and nobody is `sure`, or one is
                declared or was opened there.

        """
        return declare_from(self.desk, self.ledger, first, sure=sure)

    def prices(self, codes: str | Sequence[str] | None = None, *, adjusted: bool = True) -> pd.DataFrame:
        """Bars of some stocks, or of all; see `prices_frame` for columns and units.

        Raises:
            UsageError: a code is malformed or unknown.

        """
        return prices_frame(self.panel, self._codes(codes), adjusted=adjusted)

    def features(
        self,
        wanted: str | Feature | Sequence[str | Feature] = (),
        codes: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Features, by name or one's own as itself, at the bars of some stocks, or of all.

        Every built-in one where none is wanted; see `features_frame`.

        Raises:
            UsageError: a feature does not exist, or a code is malformed or unknown.

        """
        each = [wanted] if isinstance(wanted, str | Feature) else wanted
        found = [find_feature(one, self._own_features) for one in each]
        return features_frame(self.panel, self._features, found, self._codes(codes))

    def statements(self, codes: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Disclosed statements of some stocks, or of all; see `statements_frame`.

        Raises:
            UsageError: a code is malformed or unknown.

        """
        return statements_frame(self.panel, self._codes(codes))

    def flows(self) -> pd.DataFrame:
        """Weekly investor flows, market-wide; see `flows_frame`."""
        return flows_frame(self.panel)

    def topix(self) -> pd.DataFrame:
        """TOPIX by session; see `topix_frame`."""
        return topix_frame(self.panel)

    def factor(self, wanted: str | Feature, codes: str | Sequence[str] | None = None) -> FactorCard:
        """A feature held against what stocks did next: `.ic()` and `.quantiles(5)`.

        A holdout is kept out, with a warning.

        Raises:
            UsageError: the feature does not exist, a code is malformed or unknown, or there are fewer than 5
                stocks: no session would say anything.

        """
        columns = np.array([self.panel.column[code] for code in self._codes(codes)], dtype=np.int64)
        found = find_feature(wanted, self._own_features)
        return FactorCard(found, self._research_panel(), self._features, columns, marks=self.desk.marks)

    def rules(self) -> pd.DataFrame:
        """Every rule that a group may name, with formula, bars needed and parameters; see `rules_frame`."""
        return rules_frame(describe_rules(self.desk.rules))

    def feature_list(self) -> pd.DataFrame:
        """Every feature, with unit, formula, bars needed and range; those of somebody's own last."""
        return feature_list_frame(self._own_features.values())

    @property
    def _own_features(self) -> Mapping[str, Feature]:
        """Features beside the built-in ones: of packages, of the desk's files, and of cells."""
        load_installed()
        return self.desk.rules.features

    @cached_property
    def panel(self) -> Panel:
        """The market as known at the lab's time: all that a table, a trial or a morning of it can see."""
        return self._stored.known_at(self.desk.now())

    @cached_property
    def _stored(self) -> Panel:
        """Everything stored, also what is not known yet at the lab's time: only to say from when to when."""
        return panel_through(self.desk, self.desk.calendar.previous(self.desk.next_trade_date))

    @cached_property
    def _ground(self) -> Ground:
        """The market that rules are certified on: what is known at the lab's time."""
        return Ground.of(self.panel)

    @cached_property
    def _features(self) -> Features:
        """Features of the market that is known, and of the facts that are: its newest bars have a morning
        after them that may lie beyond the lab's time.
        """
        return trusted_features(self.panel)

    def _research_panel(self) -> Panel:
        """The panel without a holdout that is kept back; that it was cut is a warning."""
        found, kept = self.holdout, panel_before_holdout(self.ledger, self.panel)
        if found is not None and kept is not self.panel:
            warn(found.sentence, stacklevel=3)
        return kept

    def _codes(self, codes: str | int | Sequence[str | int] | None) -> tuple[str, ...]:
        """Codes of the panel, in the order given; all of them for None."""
        known = self.panel.codes
        if codes is None:
            return known
        return tuple(
            select_code(code, known) for code in ([codes] if isinstance(codes, str | int) else codes)
        )
