"""Run with LiteLLM on the path: what its cost functions say for each question on stdin, by our map.

`python litellm_bills.py MAP < QUESTIONS`.
"""

import json
import sys

import litellm
from litellm.cost_calculator import batch_cost_calculator
from litellm.types.utils import PromptTokensDetailsWrapper, Usage

litellm.suppress_debug_info = True
with open(sys.argv[1]) as file:
    litellm.model_cost = json.load(file)
for line in sys.stdin:
    q = json.loads(line)
    details = PromptTokensDetailsWrapper(cached_tokens=q["cached"]) if q["cached"] else None
    usage = Usage(
        prompt_tokens=q["input"],
        completion_tokens=q["output"],
        total_tokens=q["input"] + q["output"],
        prompt_tokens_details=details,
    )
    try:
        if q["tier"] == "batch":
            cost = batch_cost_calculator(
                usage=usage, model=q["model"], custom_llm_provider=q["provider"]
            )
        else:
            cost = litellm.cost_per_token(
                model=q["model"],
                custom_llm_provider=q["provider"],
                prompt_tokens=q["input"],
                completion_tokens=q["output"],
                cache_read_input_tokens=q["cached"],
                usage_object=usage,
                service_tier=q["tier"] or None,
            )
        print(json.dumps(sum(cost)))
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"[:200]))
