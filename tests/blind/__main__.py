"""Print precision and recall of rewritten pages: `python -m tests.blind [FIRST-LAST] [SOURCE]`."""

from __future__ import annotations

import sys

from tests.blind.measure import by_source, measured


def main(words: list[str]) -> None:
    first, last = map(int, (words[0] if words else "1-5").split("-"))
    only = words[1] if len(words) > 1 else ""
    print("rewrite            pages expected  right  wrong refused  lost precision recall")
    for name, s in measured(range(first, last + 1), only):
        print(
            f"{name:18} {s.pages:5} {s.expected:8} {s.right:6} {s.wrong:6} {s.refused:7} {s.lost:5}"
            f"     {s.precision:.3f}  {s.recall:.3f}"
        )
        for what, times in by_source(s).most_common(8):
            print(f"    {times:5} {what}")
        for example in s.examples[:12] if only else ():
            print(f"      {example}")


if __name__ == "__main__":
    main(sys.argv[1:])
