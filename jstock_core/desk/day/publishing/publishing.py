"""Publish a run of a desk: without a secret in it, and listed."""

from __future__ import annotations

from pathlib import Path

from jstock_core.base.errors import PublishError, WriteError
from jstock_core.desk.settings.secrets import known_secrets
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.manifest import RunManifest
from jstock_core.runs.publish import RunFolder
from jstock_core.runs.secrecy import name_places, withhold_secrets


def publish_run(desk: Desk, folder: RunFolder, manifest: RunManifest) -> Path:
    """Publish a run, and write the list of runs again.

    A run in which a secret stands is published as a failed one, redacted, so that `latest` does not lead to
    it.

    Raises:
        PublishError: a secret stood in it; the error names the places.
        WriteError: the disk refused; the run stays where it was built.

    """
    try:
        manifest, found = withhold_secrets(
            folder.path, manifest, known_secrets(desk.settings, desk.workspace.journal_url)
        )
    except OSError as error:
        raise WriteError(
            f"the run is not published, for it could not be searched for secrets: {error.strerror}",
            where=str(folder.path),
            do="make the runs folder writable or free some space, then render the day's report again",
        ) from error
    published = folder.publish(manifest)
    write_index(desk.workspace.runs, desk.settings.words)
    if found:
        raise PublishError(
            f"the run holds a secret and is not shown: {name_places(found)}",
            where=str(published),
            do="take it out of the notebook, rule or parameter that shows it (the places are redacted there)",
        )
    return published
