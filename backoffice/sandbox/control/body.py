"""Reading what a control address was sent, and refusing it clearly."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Unfit(Exception):
    """A request that cannot be carried out; answered with 400 and this text."""


class Body(BaseModel):
    """A JSON object with exactly the keys of the model."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Body):
    """For addresses that need no body."""


Sent = TypeVar("Sent", bound=BaseModel)


def post(path: str, model: type[Sent], action: Callable[[Sent], Any]) -> Route:
    """`action` gets the validated body, in a thread of its own, and returns the answer."""

    async def endpoint(request: Request) -> Response:
        try:
            sent = model.model_validate_json(await request.body() or b"{}")
            return JSONResponse(await run_in_threadpool(action, sent))
        except ValidationError as error:
            return _refusal("; ".join(_complaint(dict(problem)) for problem in error.errors()))
        except Unfit as error:
            return _refusal(str(error))

    return Route(path, endpoint, methods=["POST"])


def get(path: str, read: Callable[[Request], Any]) -> Route:
    """`read` returns the answer; it must not wait for anything."""

    async def endpoint(request: Request) -> Response:
        return JSONResponse(read(request))

    return Route(path, endpoint, methods=["GET"])


def _refusal(reason: str) -> Response:
    return JSONResponse({"error": reason}, status_code=400)


def _complaint(problem: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in problem["loc"]) or "body"
    return f"{place}: {problem['msg']}"
