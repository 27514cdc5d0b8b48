"""The pages in a browser: Debian's Chromium, driven by playwright. Skipped where there is none."""
