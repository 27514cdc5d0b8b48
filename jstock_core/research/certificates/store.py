"""Certificates of a workspace: `data/certificates/<rule>.json`, newest last, none ever removed.

The built-in rules come with certificates of their own, as they are by default and as the groups of a new desk
declare them, made on the simulated market (`BUILT_IN`). What a workspace has found of a rule counts for more.

A decision's provenance asks for the hash of the rule as it stands now: same source, same parameters. A rule
that was changed since has none; one whose newest certificate has a failed check has none either, and the
checks that it failed are kept beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder
from jstock_core.base.errors import DataError
from jstock_core.base.limits import parse_json, read_file
from jstock_core.research.certificates.certificate import Certificate, Check
from jstock_core.research.certificates.identity import Rule, declaration, rule_name, source_sha256
from jstock_core.research.certificates.needed import is_complete
from jstock_core.state.views.views import write_json

BUILT_IN = Path(__file__).parent / "built_in"
"""The certificates that come with the package, made again by `jstock golden update` in a checkout."""


def add_certificate(folder: Path, certificate: Certificate) -> Path:
    """Add a certificate to its rule's file; the same one is not added twice."""
    make_private_folder(folder)
    path = _path(folder, certificate.rule)
    kept = [item for item in _read(path) if item["sha256"] != certificate.sha256]
    write_json(path, {"certificates": [*kept, certificate.as_json()]})
    return path


def copy_certificates(source: Path, target: Path) -> tuple[Path, ...]:
    """Add the certificates of one folder to those of another; the files that changed.

    Raises:
        DataError: the file of a rule's certificates is not readable.

    """
    changed = []
    for path in sorted(source.glob("*.json")):
        kept = _read(target / path.name)
        more = [item for item in _read(path) if item not in kept]
        if more:
            make_private_folder(target)
            write_json(target / path.name, {"certificates": [*kept, *more]})
            changed.append(target / path.name)
    return tuple(changed)


def valid_certificate(folder: Path, rule: Rule) -> str | None:
    """Hash of the newest certificate of the rule as it stands, None where it has none that passed.

    What the file says is not believed: the certificate must have every check, and the hash of what it says.

    Raises:
        DataError: the file of its certificates is not readable.

    """
    newest = _newest(folder, rule)
    if newest is None:
        return None
    certificate = _certificate(newest)
    genuine = certificate.sha256 == newest["sha256"]
    return certificate.sha256 if genuine and is_complete(certificate) else None


def failed_checks(folder: Path, rule: Rule) -> tuple[str, ...]:
    """Names of the checks that the newest certificate of the rule as it stands failed; () without one.

    Raises:
        DataError: the file of its certificates is not readable.

    """
    newest = _newest(folder, rule)
    return tuple(check["name"] for check in newest["checks"] if not check["passed"]) if newest else ()


def _newest(folder: Path, rule: Rule) -> dict[str, Any] | None:
    """The newest certificate of this source with these parameters."""
    name = rule_name(rule)
    kept = [*_read(_path(BUILT_IN, name)), *_read(_path(folder, name))]
    if not kept:
        return None
    source, parameters = source_sha256(rule), declaration(rule)
    ours = [item for item in kept if (item["source"], item["parameters"]) == (source, parameters)]
    return ours[-1] if ours else None


def _certificate(item: Mapping[str, Any]) -> Certificate:
    """A certificate as it is kept.

    Raises:
        DataError: it has not the shape of one.

    """
    try:
        told = {field.name: item[field.name] for field in fields(Certificate)}
        checks = tuple(Check(**{**check, "findings": tuple(check["findings"])}) for check in item["checks"])
        return Certificate(**told | {"checks": checks})
    except (KeyError, TypeError) as error:
        raise DataError(
            f"a certificate is not readable: {error!r}", do="run `jstock strategies check --all`"
        ) from None


def _path(folder: Path, rule: str) -> Path:
    return folder / (re.sub(r"[^\w.-]", "_", rule) + ".json")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        kept = parse_json(read_file(path))["certificates"]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"certificates are not readable: {error!r}",
            where=str(path),
            do="remove the file and run `jstock strategies check --all`",
        ) from None
    return list(kept)
