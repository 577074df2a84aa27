"""What words name a region: a place where a model is served."""

from __future__ import annotations

import re

_PLACES = (
    "global|world(?:wide)?|us|usa|eu|emea|europe|asia|apac|americas|china|japan|korea|india"
    "|australia|canada|brazil|germany|france|sweden|norway|finland|switzerland|poland|italy|spain"
    "|ireland|netherlands|singapore|uk|gb|de|fr|se|ch|nl|jp|kr|cn|hk|sg|au|ca|br|ae|asean"
)
_SIDES = "(?:north|south|east|west|central)+"
_AWS = rf"(?:us|eu|ap|ca|sa|me|mx|af|il|cn)-(?:gov-|iso\w?-)?{_SIDES}-\d+"
_GOOGLE = (
    "(?:us|europe|asia|australia|northamerica|southamerica|me|africa)"
    rf"-{_SIDES}\d+"
)
_AZURE = (
    rf"(?:{_SIDES})?(?:us|europe|asia|india|uk)\d?|(?:us|uk|eu|asia|japan|korea|australia|canada"
    "|brazil|india|sweden|france|germany|norway|switzerland|uae|poland|italy|spain|southafrica"
    rf"|jioindia|mexico|qatar|israel|newzealand|austria|chile|indonesia|malaysia){_SIDES}\d?"
    "|usgov(?:virginia|arizona|texas)"
)
REGION = re.compile(rf"(?:{_PLACES}|{_AWS}|{_GOOGLE}|{_AZURE})", re.I)


def is_region(word: str) -> bool:
    """Whether a word names a region: a continent, a country, or a data centre of a cloud.

    >>> [is_region(w) for w in ("us-west-9", "us-east5", "swedencentral", "eu", "eastus2")]
    [True, True, True, True, True]
    >>> [is_region(w) for w in ("fp8", "2", "default", "beta", "highspeed", "us-fast")]
    [False, False, False, False, False, False]
    """
    return bool(REGION.fullmatch(word))
