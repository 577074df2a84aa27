"""The quality page of a release: every expectation and how it went.

Static, and needs no network.
"""

from __future__ import annotations

import html
from pathlib import Path

from almanac.flows.validation.expectations import Validation

STYLE = """\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}.bad{font-weight:700}
@media(max-width:40rem){thead{display:none}\
td{display:inline-block;border:0;padding:.1rem .6rem .1rem 0}\
td:first-child,td:last-child{display:block}
tr{display:block;border-bottom:1px solid #ddd;padding:.5rem 0}\
td[data-of]::after{content:" " attr(data-of)}}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#444}}"""


def render(release: int, validation: Validation) -> str:
    """Return the page as HTML. Broken expectations stand first; every text is escaped."""
    rows = sorted(validation["results"], key=lambda r: (r["success"], -r["checked"], r["said"]))
    body = "".join(
        f"<tr><td>{html.escape(r['said'])}</td>"
        f"<td class='{'' if r['success'] else 'bad'}'>{'held' if r['success'] else 'broken'}</td>"
        f"<td class=n data-of='rows'>{r['checked']:,}</td>"
        f"<td class=n data-of='broken'>{r['broken']:,}</td><td>{html.escape(r['why'])}</td></tr>"
        for r in rows
    )
    held = sum(r["success"] for r in rows)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport"
        f" content='width=device-width'><title>Quality of release {release}</title>"
        f"<style>{STYLE}</style><h1>Quality of release {release}</h1>"
        f"<p>{held} of {len(rows)} expectations held over {validation['rows']:,} figures;"
        f" {validation['quarantined']:,} figures went to quarantine.</p><table><thead><tr>"
        "<th>Expectation<th>Result<th>Rows<th>Broken<th>Why it is there</thead>"
        f"<tbody>{body}</tbody></table></html>"
    )


def write(folder: Path, release: int, validation: Validation) -> Path:
    """Write the page of a release into a folder, and return where it stands."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"release-{release}.html"
    path.write_text(render(release, validation), encoding="utf-8")
    return path
