"""Every source reads its recorded pages as a person read them."""

import json
from pathlib import Path

import pytest

from almanac.spiders import base
from tests.support.recorded import RECORDED, as_checked, reading


@pytest.mark.parametrize("body", RECORDED, ids=lambda b: "/".join(b.parts[-3:-1]))
def test_page_yields_the_claims_a_person_checked(body: Path) -> None:
    assert as_checked(reading(body)) == json.loads(
        body.with_name("claims.json").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("source", base.names())
def test_every_source_has_a_recorded_page_and_a_card(source: str) -> None:
    assert source in {body.parent.parent.name for body in RECORDED}
    assert base.card(source).title


@pytest.mark.parametrize("text, other", [("2026-06-19", "2026-06-19-html")])
def test_html_and_archived_text_of_one_page_say_the_same(text: str, other: str) -> None:
    """The text lost a first cell, so it may say less than the HTML, but nothing else."""

    def facts(name: str) -> set[str]:
        (body,) = [b for b in RECORDED if b.parts[-3:-1] == ("llm_reference", name)]
        return {
            json.dumps([c.provider, c.model, c.field, c.meter, str(c.value)])
            for c in reading(body).claims
        }

    assert facts(text) <= facts(other)
    assert {json.loads(f)[2] for f in facts(other) - facts(text)} == {"parameters"}
