"""`almanac compare`: models side by side, on the terminal, as JSON, Markdown or one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from almanac import out, subject
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, InRelease, day_of, opened


@app.command()
def compare(
    names: Annotated[list[str], typer.Argument(metavar="A B [C]...", help="Two models or more.")],
    input: Annotated[
        str, typer.Option("--input", metavar="M", help="Millions of input tokens a month.")
    ] = "",
    output: Annotated[
        str, typer.Option("--output", metavar="M", help="Millions of output tokens a month.")
    ] = "",
    cached: Annotated[
        str, typer.Option("--cached", metavar="%", help="Share of the input read from a cache.")
    ] = "",
    batch: Annotated[str, typer.Option("--batch", metavar="%", help="Share sent as batch.")] = "",
    tier: Annotated[str, typer.Option("--tier", help="standard, flex or priority.")] = "",
    prompt: Annotated[
        str,
        typer.Option(
            "--prompt", metavar="N", help="Tokens of one prompt, where prices go by length."
        ),
    ] = "",
    as_of: AsOf = None,
    in_release: InRelease = None,
    as_json: Json = False,
    md: Annotated[
        Optional[Path],
        typer.Option(
            "--md", metavar="FILE", help="Write Markdown to this file; - for the terminal."
        ),
    ] = None,
    html: Annotated[
        Optional[Path],
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write one HTML page that needs nothing else; - for the terminal.",
        ),
    ] = None,
) -> None:
    """Compare models: specs, prices, your monthly cost, providers, capabilities, benchmarks.

    Also what each is fit for, and what a switch from one to another meets.

    Without traffic of your own it is 800 M input and 250 M output tokens a month.

    Example: almanac compare google/gemini-3.1-flash-lite mistral/mistral-nemo
    --input 300 --output 40 --cached 50
    """
    from almanac.comparisons import text_report
    from almanac.comparisons.comparison import compare as computed
    from almanac.comparisons.pricing.monthly import Traffic
    from almanac.comparisons.result import plain

    if len(names) < 2:
        raise ValueError("name two models or more: almanac compare A B")
    traffic = Traffic.of(
        {
            "input": input,
            "output": output,
            "cached": cached,
            "batch": batch,
            "tier": tier,
            "prompt": prompt,
        }
    )
    snapshot = opened(as_of, in_release)
    models = [subject.model(snapshot, name, day_of(as_of)) for name in names]
    if html is not None:
        from almanac.comparisons.pages.single_file import comparison

        out.write(html, comparison(snapshot, models, traffic))
        return
    result = computed(snapshot, *models, traffic=traffic)
    if as_json:
        out.as_json(plain(result))
    elif md is not None:
        out.write(md, text_report.markdown(result))
    else:
        print(out.clean(result.title))
        for title, heads, rows, notes in text_report.sections(result):
            if heads:
                out.table(heads, rows, title="\n" + title)
            else:
                print("\n" + out.clean(title))
            for line in notes:
                print(out.clean(line))
        print("\n" + text_report.foot(result))
