"""Classes that a declaration selects with `use`: those of jstock and those of third parties.

A package adds its own with an entry point: its name is the value of `use`, its object is the class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from pydantic.dataclasses import is_pydantic_dataclass

from jstock_core.base.contain import call_plugin
from jstock_core.base.errors import ParamsError, error_reason
from jstock_core.base.params import build, did_you_mean

T = TypeVar("T")


@dataclass(frozen=True)
class Choice(Generic[T]):
    """The classes of one kind. `called` is the kind in errors, as "provider".

    `built_in` maps the names of jstock's own classes to "module:class"; only the selected one is imported.

    An entry point of `group` must give a class made with `declare` that `fits` accepts; `must` states that
    requirement in words.
    """

    called: str
    group: str
    built_in: Mapping[str, str]
    fits: Callable[[type], bool]
    must: str

    def make(self, declared: Mapping[str, Any], *, where: str) -> T:
        """Build the class that `use` names, with the other keys as its settings.

        Raises:
            ParamsError: no such class, or a setting is unknown, of the wrong type or out of range.
            PlugInError: the class belongs to a plug-in that ended the process or printed.

        """
        return build(
            self.find(self.name_in(declared, where=where), where=where), _settings(declared), where=where
        )

    def name_in(self, declared: Mapping[str, Any], *, where: str) -> str:
        """Return the value of `use`.

        Raises:
            ParamsError: it is missing or not a name.

        """
        name = declared.get("use")
        if isinstance(name, str):
            return name
        got = "nothing" if name is None else repr(name)
        raise ParamsError(f'cannot read "use": expected a name, got {got}', where=where, do=self._choose())

    def find(self, name: str, *, where: str) -> type[T]:
        """Return the class of a name. Entry points are read only for names that are not jstock's own.

        Raises:
            ParamsError: no class has that name, several packages offer it, or it cannot be loaded.

        """
        if name in self.built_in:
            own: type[T] = EntryPoint(name, self.built_in[name], self.group).load()
            return own
        found = tuple(entry_points(group=self.group, name=name))
        if not found:
            what = f'use: unknown {self.called} "{name}"{did_you_mean(name, self.names())}'
            raise ParamsError(what, where=where, do=self._choose())
        if len(found) > 1:
            values = ", ".join(point.value for point in found)
            raise ParamsError(f'{len(found)} packages offer a {self.called} "{name}": {values}', where=where)
        return self._load(found[0])

    def names(self) -> tuple[str, ...]:
        """Every value that `use` may have."""
        others = (point.name for point in entry_points(group=self.group))
        return tuple(dict.fromkeys((*self.built_in, *others)))

    def _choose(self) -> str:
        return f"give one of {', '.join(self.names())}"

    def _load(self, point: EntryPoint) -> type[T]:
        where = f"{point.value}, entry-point group {self.group}"
        do = f"repair or uninstall the package, or choose another {self.called}"
        try:
            found = call_plugin("it", point.load)
        # A third party's module may raise anything; the error says which one it is.
        except Exception as error:
            what = f'the {self.called} "{point.name}" cannot be loaded: {error_reason(error)}'
            raise ParamsError(what, where=where, do=do) from error
        if not (isinstance(found, type) and is_pydantic_dataclass(found) and self.fits(found)):
            what = f'the {self.called} "{point.name}" is not a class made with `declare` that {self.must}'
            raise ParamsError(what, where=where, do=do)
        return cast("type[T]", found)


def _settings(declared: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in declared.items() if key != "use"}
