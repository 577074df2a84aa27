"""Registers the deployments with a Prefect server.

Work pool, limit of one publisher, schedules, and who takes over a dead run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from almanac.flows.orchestration.environment import BEAT, QUIET, SAFE
from almanac.flows.pipeline.stages import PUBLISHER
from almanac.schemas import safe_yaml

ROOT = Path(__file__).parents[2]
POOL = "almanac"
"""The concurrency limit of one publisher."""
TAKEOVER = "almanac: a run whose worker died is taken over"


def names() -> list[str]:
    """Return the deployments as `flow/name`."""
    listed = safe_yaml.load(Path(__file__).with_name("prefect.yaml").read_text(encoding="utf-8"))[
        "deployments"
    ]
    return [
        f"{'learn' if (flow := d['entrypoint'].split(':')[1]) == 'relearn' else flow}/{d['name']}"
        for d in listed
    ]


def deploy(env: Mapping[str, str]) -> None:
    """Register everything with the server at PREFECT_API_URL of `env`.

    What is there already is brought up to date.

    Raises RuntimeError, with what Prefect said last, where it does not take it.
    """
    _prefect(env, "work-pool", "create", POOL, "--type", "process", "--overwrite")
    _prefect(env, "gcl", "create", PUBLISHER, "--limit", "1", taken="already exists")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        yaml.safe_dump(_deployments(env), file, sort_keys=False)
        file.flush()
        _prefect(env, "deploy", "--all", "--prefect-file", file.name)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from almanac.flows.orchestration.deployments import take_over; take_over()",
        ],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"prefect automations: {(done.stderr.strip().splitlines() or ['failed'])[-1]}"
        )


def _deployments(env: Mapping[str, str]) -> dict[str, object]:
    """Return what `prefect.yaml` says, with where our code is here.

    With what every run is handed too, whoever starts its worker.
    """
    listed: dict[str, Any] = safe_yaml.load(
        Path(__file__).with_name("prefect.yaml").read_text(encoding="utf-8")
    )
    listed["pull"] = [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
    for deployment in listed["deployments"]:
        deployment["work_pool"] = {
            **deployment["work_pool"],
            "job_variables": {
                "env": {name: env.get(name, value) for name, value in (QUIET | SAFE).items()}
            },
        }
    return listed


def _prefect(env: Mapping[str, str], *words: str, taken: str = "\0") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *words],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    output = f"{done.stdout}\n{done.stderr}".strip()
    if done.returncode and taken not in output:
        raise RuntimeError(
            f"prefect {words[0]} {words[1]}: {(output.splitlines() or ['failed'])[-1]}"
        )


def take_over() -> None:
    """Have the server put a run back in the queue when it gives no sign of life for three beats.

    Another worker takes it then.
    """
    from prefect.automations import Automation
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import EventTrigger, Posture

    automation = Automation(
        name=TAKEOVER,
        description=(
            "A run that was killed with its worker is scheduled again;"
            " what it had kept is kept, and nothing is read twice."
        ),
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={
                "prefect.flow-run.heartbeat",
                "prefect.flow-run.Completed",
                "prefect.flow-run.Failed",
                "prefect.flow-run.Cancelled",
                "prefect.flow-run.Crashed",
            },
            match={"prefect.resource.id": "prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=3 * BEAT),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.SCHEDULED,
                name="AwaitingRetry",
                message="its worker gave no sign of life; another takes it over",
                force=False,
            )
        ],
    )
    existing: Any
    try:
        existing = Automation.read(name=TAKEOVER)
    except ValueError:
        automation.create()
        return
    automation.id = existing.id
    automation.update()
