"""The providers' addresses: /sms.ru/… and /smsc.ru/…, by GET or POST, and the troubles on the way there."""

from collections.abc import Callable, Mapping
from time import sleep
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from backoffice.sandbox import request_log
from backoffice.sandbox.faults.cutting import Cut
from backoffice.sandbox.faults.dice import Strike
from backoffice.sandbox.faults.fault import SMS_KINDS, Fault
from backoffice.sandbox.sms import sms_ru, smsc
from backoffice.sandbox.sms.call import Call, Method, Unknown

if TYPE_CHECKING:  # the world holds the outbox of this very package
    from backoffice.sandbox.world import World

HOSTS = {"sms.ru": "sms.ru", "smsc": "smsc.ru"}
TOLD_IN_THE_ANSWER = frozenset({"sms_refuse", "sms_no_money", "sms_later"})

Answer = Callable[[], Response]


def routes(world: "World") -> list[BaseRoute]:
    """Every method of both providers."""
    return [_route(world, method) for method in (*sms_ru.METHODS, *smsc.METHODS)]


def _route(world: "World", method: Method) -> Route:
    async def endpoint(request: Request) -> Response:
        form = await request.form() if request.method == "POST" else {}
        params = {**request.query_params, **{name: str(value) for name, value in form.items()}}
        return await run_in_threadpool(_answered, world, method, params)

    return Route(f"/{HOSTS[method.provider]}/{method.path}", endpoint, methods=["GET", "POST"])


def _answered(world: "World", method: Method, params: Mapping[str, str]) -> Response:
    phones = frozenset(method.phones(params)) if method.phones else frozenset()
    names = [method.provider, method.path, *sorted(phones)]
    strike = world.faults.meet(" ".join(names), lambda fault: _fits(fault, method, names))

    def answer() -> Response:
        try:
            return JSONResponse(method.answer(_call(world, params, phones, strike)))
        except Unknown as unknown:
            return PlainTextResponse(f"SANDBOX_STRICT: {unknown}", 400)

    response = _under(world, strike, answer) if strike else answer()
    _note(world, method, response, strike)
    return response


def _call(world: "World", params: Mapping[str, str], phones: frozenset[str], strike: Strike | None) -> Call:
    if strike is None or strike.fault.kind not in TOLD_IN_THE_ANSWER:
        return Call(world.sms, params)
    struck = frozenset(filter(strike.fault.matches, phones)) or phones
    return Call(world.sms, params, strike.fault.kind, struck)


def _note(world: "World", method: Method, response: Response, strike: Strike | None) -> None:
    status = 0 if isinstance(response, Cut) else response.status_code
    fault = strike.fault.kind if strike else ""
    asked = f"{method.provider} {method.path}"
    world.log.note(request_log.Request(world.clock.now(), "sms", asked, status, fault=fault))


def _fits(fault: Fault, method: Method, names: list[str]) -> bool:
    """What means a message strikes only where one would be sent; a busy provider is so at every address."""
    return (
        fault.kind in SMS_KINDS
        and (method.phones is not None or fault.kind == "sms_busy")
        and any(map(fault.matches, names))
    )


def _under(world: "World", strike: Strike, answer: Answer) -> Response:
    """What the sender sees of the answer."""
    kind = strike.fault.kind
    if kind == "sms_busy":
        return PlainTextResponse("Service Unavailable", 503)
    if kind == "sms_cut_before":
        return Cut()
    response = answer()
    if kind == "sms_broken_after":
        return PlainTextResponse("Internal Server Error", 500)
    if kind == "sms_slow":
        _let_pass(world, strike.seconds)
    return Cut() if kind == "sms_cut_after" else response


def _let_pass(world: "World", seconds: float) -> None:
    if world.clock.frozen:
        world.clock.advance(seconds)
    else:
        sleep(seconds)
