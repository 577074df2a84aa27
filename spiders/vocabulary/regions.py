"""Places where a model is served, as pages print them."""

from __future__ import annotations

import functools
import re

_CODE = re.compile(
    r"(?:us|eu|ap|cn|sa|ca|me|af|il|mx|asia|europe|northamerica|southamerica|australia|africa|uk)"
    r"[-_ ]?(?:gov[-_ ]?)?(?:north|south|east|west|central|\w*east|\w*west)[-_ ]?\d*\w?",
    re.I,
)
_PLACES = (
    r"us|usa|u\.s\.|eu|uk|apac|emea|asia|europe|global|international|worldwide|china|japan"
    "|united states|germany|france|india|singapore|australia|canada|brazil|korea|hong kong|taiwan"
    "|sweden|switzerland|netherlands|ireland|finland|norway|israel|data ?zone|regional|tokyo"
    "|frankfurt|virginia|ohio|oregon|sydney|mumbai|london|paris|dublin|stockholm|toronto|montreal"
    "|seoul|osaka|multi-region"
)
_SCOPED = "(?:us|eu|ca|ap|asia|global)[- ](?:only|regional|region|data zone|datazone|residency)"
_NAMED = re.compile(f"(?:{_PLACES}|{_SCOPED})", re.I)
_CHINESE_PLACES = (
    "华[东北南西]\\d?|中国(?:内地|大陆|香港)?|美国|新加坡|德国|日本|英国|韩国|马来西亚|印度尼西亚|泰国|菲律宾"
    "|阿联酋|北京|上海|杭州|深圳|广州|成都|香港|国际|全球|欧洲|中国站|国际站"
)
_CHINESE = re.compile(rf"(?:{_CHINESE_PLACES})[\w ]*(?:（[^）]+）|\([^)]+\))?")

_ENDPOINT = re.compile(r"\s+endpoints?$", re.I)


def region_of(text: str) -> str:
    """Return the region that a whole text names, as printed; nothing for another text.

    >>> region_of("us-east-1"), region_of("新加坡"), region_of("fp8"), region_of("2")
    ('us-east-1', '新加坡', '', '')
    """
    plain = _ENDPOINT.sub("", " ".join(text.split()).strip(" :：*"))
    return plain if len(plain) <= 60 and _is_place(plain) else ""


@functools.lru_cache(maxsize=8192)
def _is_place(plain: str) -> bool:
    return any(form.fullmatch(plain) for form in (_CODE, _NAMED, _CHINESE))
