"""Is prefect.yaml right? `python -m deployments.timetable` says, without a server.

Prefect's own `deploy` accepts a parameter that no flow has, and hides a flow that cannot be imported behind a
placeholder; both would be found out by a run at night. Here each is an error that names the deployment and the key.
"""

import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.schema_tools.validation import ValidationError, validate

import flows
from deployments.prefect_yaml import OUR_TAG, PREFECT_YAML, Deployment, NotATimetable, Problem, read_timetable

AnyFlow = Flow[..., Any]


def problems_of(path: Path = PREFECT_YAML) -> list[Problem]:
    """Everything wrong with the file; empty when it can be deployed."""
    try:
        deployments = read_timetable(path).deployments
    except NotATimetable as error:
        return error.problems
    found = [problem for deployment in deployments for problem in _problems_with(deployment)]
    names = Counter((deployment.entrypoint, deployment.name) for deployment in deployments)
    found += [Problem(name, "name", f"stands {times} times") for (_, name), times in names.items() if times > 1]
    return found + list(_forgotten({deployment.entrypoint for deployment in deployments}))


def load(entrypoint: str) -> AnyFlow:
    """The flow behind `package.module.function`; ImportError if there is none, whatever the reason."""
    if ":" in entrypoint:
        raise ImportError("a file path: name the module, as in flows.portal_setup.portal_setup")
    try:
        return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    except Exception as error:
        raise ImportError(f"{type(error).__name__}: {error}") from error


def main() -> int:
    """Print what is wrong; 0 if nothing is."""
    problems = problems_of()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if not problems:
        sys.stdout.write("prefect.yaml can be deployed\n")
    return 1 if problems else 0


def _problems_with(deployment: Deployment) -> Iterator[Problem]:
    if OUR_TAG not in deployment.tags:
        yield Problem(deployment.name, "tags", f"lacks {OUR_TAG!r}, by which a removed deployment is found and deleted")
    try:
        flow = load(deployment.entrypoint)
    except ImportError as error:
        yield Problem(deployment.name, "entrypoint", str(error))
        return
    yield from _parameter_problems(deployment.name, "parameters", deployment.parameters, flow)
    for number, schedule in enumerate(deployment.schedules):
        yield from _parameter_problems(deployment.name, f"schedules.{number}.parameters", schedule.parameters, flow)


def _parameter_problems(name: str, key: str, given: dict[str, Any], flow: AnyFlow) -> Iterator[Problem]:
    unknown = given.keys() - flow.parameters.properties.keys()
    for parameter in sorted(unknown):
        yield Problem(name, f"{key}.{parameter}", f"flow {flow.name!r} has no such parameter")
    known = {parameter: value for parameter, value in given.items() if parameter not in unknown}
    try:
        validate(known, flow.parameters.model_dump(), raise_on_error=True, ignore_required=True)
    except ValidationError as error:
        yield Problem(name, key, str(error))


def _forgotten(deployed: set[str]) -> Iterator[Problem]:
    """One file is one process, and the flow in it has the name of the file."""
    for module in pkgutil.iter_modules(flows.__path__, "flows."):
        process = module.name.removeprefix("flows.")
        entrypoint = f"{module.name}.{process}"
        if entrypoint not in deployed:
            yield Problem("prefect.yaml", "deployments", f"no deployment of {entrypoint}")


if __name__ == "__main__":
    sys.exit(main())
