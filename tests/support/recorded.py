"""Recorded pages: where they are.

`python -m tests.support.recorded FOLDER…` writes their claims anew, for a person to check.
"""

from __future__ import annotations

import sys
from pathlib import Path

from almanac.recorded import as_checked, reading, write

__all__ = ["CAPTURES", "RECORDED", "as_checked", "reading"]

CAPTURES = Path(__file__).parents[1] / "captures"
RECORDED = sorted(CAPTURES.glob("*/*/body"))

if __name__ == "__main__":
    for folder in sys.argv[1:]:
        if not (Path(folder) / "capture.json").is_file():
            sys.exit(f"{folder}: no recorded page lies there (capture.json and body)")
        print(
            f"{folder}: {write(Path(folder) / 'body')} claims; check each against the page by eye"
        )
