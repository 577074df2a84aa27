"""`almanac new-source`: a spider, its card, a recorded page and its claims.

They are ready to be made true.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Optional
from urllib.parse import urlsplit

import typer

from almanac import clock, out
from almanac.app import app

Form = Literal["html", "markdown", "json"]

SPIDER = {
    "tables": '''"""{publisher}: tables of models and prices."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.flat import tables
from almanac.spiders.parsers.price_table import Form, read_tables


class {cls}(Source):
    name = "{name}"
    start_urls = ("{url}",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_tables(page, tables(page), Form("{publisher}"))
''',
    "json": '''"""{publisher}: its list of models as JSON, US dollars a million tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page

PRICES = {{"input": "input", "output": "output"}}


class {cls}(Source):
    name = "{name}"
    start_urls = ("{url}",)

    def read(self, page: Page) -> Iterator[Claim]:
        models = page.json.get("data") if isinstance(page.json, dict) else None
        if not isinstance(models, list) or not all(
            isinstance(m, dict) and "id" in m for m in models
        ):
            raise LayoutChanged("no list of models under data")
        for i, model in enumerate(models):
            at, name = f"/data/{{i}}", str(model["id"])
            yield from page.attempt(self._model, page, model, at, locator=at, model=name)

    def _model(self, page: Page, m: dict[str, Any], at: str) -> Iterator[Claim]:
        who: dict[str, Any] = {{"model": m["id"], "provider": "{publisher}"}}
        context, pricing = m.get("context_length"), m.get("pricing") or {{}}
        yield from page.say("context_window", context, **who, locator=f"{{at}}/context_length")
        for key, meter in PRICES.items():
            yield from page.price(
                pricing.get(key),
                "USD",
                "mtok",
                **who,
                meter=meter,
                locator=f"{{at}}/pricing/{{key}}",
            )
''',
}

CARD = """title: {publisher}, {what}
publisher: {publisher}
kind: provider
licence: facts; the page text is not republished
cadence: daily
hosts: [{host}]
providers: [{provider}]
"""

RECORDED: dict[Form, str] = {
    "html": """<!doctype html>
<html><head><title>{publisher}</title></head><body>
<h2>Price per 1M tokens</h2>
<table>
<thead><tr><th>Model</th><th>Input</th><th>Output</th></tr></thead>
<tbody>
<tr><td>Example 1</td><td>$1.00</td><td>$2.00</td></tr>
<tr><td>Example 2</td><td>$0.10</td><td>$0.40</td></tr>
</tbody>
</table>
</body></html>
""",
    "markdown": """## Price per 1M tokens

| Model | Input | Output |
|---|---|---|
| Example 1 | $1.00 | $2.00 |
| Example 2 | $0.10 | $0.40 |
""",
    "json": """{{"data": [
 {{"id": "example-1", "context_length": 131072, "pricing": {{"input": 1.00, "output": 2.00}}}},
 {{"id": "example-2", "context_length": 32768, "pricing": {{"input": 0.10, "output": 0.40}}}}
]}}
""",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What was written for a new source, and how many claims its recorded page holds."""

    files: tuple[Path, ...]
    claims: int


@app.command("new-source")
def new_source(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The source's id: who and what, such as acme_pricing."),
    ],
    url: Annotated[str, typer.Argument(metavar="URL", help="The page or API answer it reads.")],
    page: Annotated[
        Optional[Path],
        typer.Option(
            "--page",
            metavar="FILE",
            help="A copy of that page you saved: says what the scaffold already reads of it.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Scaffold a source in a clone: spider, card, recorded page, expected claims.

    docs/add-a-source.md goes on from there.

    Example: almanac new-source acme_pricing https://acme.example/pricing --page saved.html
    """
    from almanac.flows.harvest.saved_captures import unpacked
    from almanac.spiders import base

    root = Path(base.__file__).resolve().parents[1]
    if not (root / "tests" / "captures").is_dir():
        raise out.Refused(
            f"{root} is not a clone of the project:"
            " new-source writes the files a change to it needs"
        )
    if page is not None and not page.is_file():
        raise out.Refused(f"{page}: no such file")
    host = _checked(name, url, base.names())
    text = unpacked(page).decode("utf-8", "replace") if page else ""
    made = scaffold(root, name, url, host, form_of(url, text))
    read = _tried(root, name, page) if page else ""
    files = [str(f.relative_to(root)) for f in made.files]
    if as_json:
        out.as_json({"made": files, "claims": made.claims, "page": read})
        return
    for file in files:
        print(f"made {file}")
    if page:
        print(f"{page}: {read}")
    print(
        f"The recorded page is an example with {made.claims} claims. Next, by docs/add-a-source.md:"
    )
    print(f"  1. write the page's structure and figures, in no words of its own, into {files[2]}")
    print(
        f"  2. python -m tests.support.recorded {made.files[2].parent.relative_to(root)},"
        " and check claims.json against the page by eye"
    )
    print(f"  3. python -m pytest tests -k {name}")


def _checked(name: str, url: str, taken: tuple[str, ...]) -> str:
    """Return the URL's host. Raises ValueError for a name or URL that will not do."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise ValueError(
            f"not a source's id: {name!r} (lower case, digits and underscores, as in acme_pricing)"
        )
    if name in taken:
        raise ValueError(f"there is a source {name!r} already: spiders/sources/{name}.py")
    parts = urlsplit(url)
    if (
        parts.scheme != "https"
        or not parts.hostname
        or "." not in parts.hostname
        or any(c in url for c in '"\\ \n')
    ):
        raise ValueError(f"not the https address of a page: {url!r}")
    return parts.hostname


def form_of(url: str, text: str) -> Form:
    """Return what form a page has, by its first character.

    Where no copy is at hand, its address tells.
    """
    if text.strip():
        return (
            "json"
            if text.lstrip()[0] in "[{"
            else "html"
            if text.lstrip()[0] == "<"
            else "markdown"
        )
    path = urlsplit(url).path
    return (
        "json"
        if re.search(r"\.json$|/v\d+/|/api/", path)
        else "markdown"
        if re.search(r"\.(?:md|txt)$", path)
        else "html"
    )


def scaffold(root: Path, name: str, url: str, host: str, form: Form) -> Made:
    """Write the files of a new source into a clone, and list it in docs/sources.md."""
    label = next(
        (part for part in host.split(".") if part not in ("www", "docs", "api", "platform")), host
    )
    words = {
        "name": name,
        "url": url,
        "host": host,
        "publisher": label.capitalize(),
        "provider": label,
        "cls": "".join(w.capitalize() for w in name.split("_")),
        "what": "models" if form == "json" else "prices",
    }
    now = clock.now()
    sources, folder = (
        root / "spiders" / "sources",
        root / "tests" / "captures" / name / f"{now:%Y-%m-%d}",
    )
    files = {
        sources / f"{name}.py": SPIDER["json" if form == "json" else "tables"].format(**words),
        sources / f"{name}.yml": CARD.format(**words),
        folder / "body": RECORDED[form].format(**words),
        folder / "capture.json": (
            f'{{\n "url": "{url}",\n'
            f' "fetched_at": "{now:%Y-%m-%dT00:00:00Z}",\n "status": 200\n}}\n'
        ),
    }
    folder.mkdir(parents=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    # In a process of their own: this one listed the sources before there was a new one.
    for module, argument in (("tests.support.recorded", [str(folder)]), ("docs.tools.build", [])):
        subprocess.run(
            [sys.executable, "-m", module, *argument], cwd=root, check=True, capture_output=True
        )
    claims = sum(
        line.startswith('  {"provider"')
        for line in (folder / "claims.json").read_text(encoding="utf-8").splitlines()
    )
    return Made((*files, folder / "claims.json"), claims)


def _tried(root: Path, name: str, page: Path) -> str:
    """Return what the new spider, as scaffolded, reads of a saved page."""
    done = subprocess.run(
        [sys.executable, "-m", "almanac", "read", str(page.resolve()), "--source", name],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stderr.strip().splitlines() or ["nothing refused"])[-1].removeprefix("almanac: ")
    return f"{done.stdout.count(chr(10))} claims as it stands; {said}"
