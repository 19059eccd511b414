"""`/_sandbox/sms`: the text messages that were sent, what becomes of them, and the money for them."""

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from backoffice.sandbox.control.body import Body, Nothing, Unfit, get, post
from backoffice.sandbox.sms.dump import dump_sms
from backoffice.sandbox.sms.outbox import Status
from backoffice.sandbox.world import World


class Standing(Body):
    """What became of a message, named by its provider's id; of several of one id the last is meant."""

    provider_id: str
    status: Status


class Balance(Body):
    """The money there is, in roubles."""

    balance: Decimal


def routes(world: World) -> list[Route]:
    outbox = world.sms

    def show(request: Request) -> dict[str, Any]:
        to, with_times = request.query_params.get("to"), request.query_params.get("with_times") == "1"
        messages = outbox.to(to) if to else outbox.all()
        return {"messages": dump_sms(messages, with_times=with_times), "balance": str(outbox.balance)}

    def move(body: Standing) -> dict[str, Any]:
        sms = outbox.find("sms.ru", body.provider_id) or outbox.find("smsc", body.provider_id)
        if sms is None:
            raise Unfit(f"provider_id: no message {body.provider_id!r} was sent")
        outbox.move(sms, body.status)
        return dump_sms([sms])[0]

    def pay(body: Balance) -> dict[str, str]:
        outbox.balance = body.balance
        return {"balance": str(outbox.balance)}

    def clear(_: Nothing) -> dict[str, Any]:
        outbox.clear()
        return {}

    return [
        get("/_sandbox/sms", show),
        post("/_sandbox/sms", Standing, move),
        post("/_sandbox/sms/balance", Balance, pay),
        post("/_sandbox/sms/clear", Nothing, clear),
    ]
