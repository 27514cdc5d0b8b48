"""`python -m tests.pages OUT`: every page, and with Chromium its pictures and prints.

Pictures are NAME_WIDTH_SCHEME.png, of the first screen and of the whole page; prints are NAME.pdf.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from tests.browser.chromium import chromium, missing
from tests.pages.pages import failed_html, page_html, stale_html
from tests.pages.states import states

WIDTHS = {390: 844, 820: 1180, 1400: 900}


def main(out: Path, names: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    chosen = [state for name, state in states().items() if not names or name in names]
    for state in chosen:
        (out / f"{state.name}.html").write_text(page_html(state, out), encoding="utf-8")
    day = states()["ordinary"]
    (out / "failed.html").write_text(failed_html(day, out), encoding="utf-8")
    (out / "stale.html").write_text(stale_html(day), encoding="utf-8")
    if why := missing():
        sys.stderr.write(f"no pictures: {why}\n")
        return
    with chromium() as browser:
        names = [state.name for state in chosen] + ["failed", "stale"]
        for name, (width, height), scheme in product(names, WIDTHS.items(), ("light", "dark")):
            size = {"width": width, "height": height}
            context = browser.new_context(viewport=size, color_scheme=scheme)
            page = context.new_page()
            page.goto((out / f"{name}.html").as_uri())
            page.screenshot(path=out / f"{name}_{width}_{scheme}.png")
            page.screenshot(path=out / f"{name}_{width}_{scheme}_whole.png", full_page=True)
            if (width, scheme) == (1400, "light"):
                page.pdf(path=out / f"{name}.pdf", prefer_css_page_size=True)
            context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
