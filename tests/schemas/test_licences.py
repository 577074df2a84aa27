"""Licences as they are printed, and the SPDX expressions they stand for."""

from __future__ import annotations

import pytest
from license_expression import get_spdx_licensing

from almanac.schemas.licences import spdx_of

IDENTIFIERS = {
    "apache license, version 2.0": "Apache-2.0",
    "Apache2": "Apache-2.0",
    "The MIT License": "MIT",
    "GPL v3": "GPL-3.0-only",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "MIT OR Apache 2.0": "MIT OR Apache-2.0",
    "Llama 3.1 Community License Agreement": "LicenseRef-Llama-3.1",
}


@pytest.mark.parametrize("printed", IDENTIFIERS)
def test_a_printed_licence_has_its_identifier(printed: str) -> None:
    assert spdx_of(printed) == IDENTIFIERS[printed]


@pytest.mark.parametrize("printed", sorted({v for v in IDENTIFIERS.values() if "Ref" not in v}))
def test_an_identifier_is_itself_and_known_to_spdx(printed: str) -> None:
    assert spdx_of(printed) == printed
    assert get_spdx_licensing().validate(printed).errors == []


@pytest.mark.parametrize("printed", ["Acme Research License", "MIT or ours", "x" * 500, "or", ""])
def test_other_words_stay_as_they_are(printed: str) -> None:
    assert spdx_of(printed) == printed
