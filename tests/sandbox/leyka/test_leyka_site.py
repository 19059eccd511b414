"""The fund's site: what happens to donations, what is told of it, and what can be pulled."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from backoffice.leyka.signature import is_signed, sign
from backoffice.rules.donation_events import read_event
from backoffice.sandbox import seeds
from backoffice.sandbox.leyka.recording import deliveries
from backoffice.sandbox.leyka.state import SECRET, SITE
from backoffice.sandbox.world import World

DELIVERIES = deliveries()
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT[\d:.]+Z")
OLGA = {"name": "Кузнецова Ольга", "email": "olga@example.org", "phone": "+79990000001", "amount": "700"}

# conftest's; test folders are no packages, so its types cannot be imported.
Receiver = Any
Do = Callable[..., dict[str, Any]]


def told(receiver: Receiver) -> list[tuple[str, str | None, str | None]]:
    return [(body["kind"], body["old_status"], body["new_status"]) for body in receiver.bodies]


def test_a_delivery_looks_like_a_recorded_one(do: Do, receiver: Receiver) -> None:
    """Of every key, at every depth; and it is signed as agreed."""
    do("donate", status="funded", comment="тест", **OLGA)
    recorded = DELIVERIES[1]
    body = receiver.bodies[1]
    assert (body.keys(), body["donation"].keys()) == (recorded.keys(), recorded["donation"].keys())
    for part in ("campaign", "donor"):
        assert body["donation"][part].keys() == recorded["donation"][part].keys()
    assert (body["donation"]["amount"], body["donation"]["amount_total"]) == ("700.00", "679.70")
    assert body["donation"]["created_at"] == "2026-03-02T09:00:00Z"
    headers, _ = receiver.got[1]
    assert headers["X-Leyka-Bridge-Event"] == body["event_id"]


def test_the_program_understands_every_delivery(do: Do, receiver: Receiver, world: World) -> None:
    """Both were written apart from each other."""
    seeds.plant(world, "donations")
    do("deliver")
    for headers, raw in receiver.got:
        assert is_signed(headers["X-Leyka-Bridge-Signature"], raw, SECRET, world.clock.now())
        assert read_event(json.loads(raw)).site == SITE
    assert [event.seq for event in map(read_event, receiver.bodies)] == list(range(1, len(receiver.got) + 1))


def test_the_usual_life_of_a_donation(do: Do, receiver: Receiver) -> None:
    """The form, a failed attempt, money, the money back, the trash and the end; the same status again is nothing."""
    made = do("donate", **OLGA)["donation_id"]
    do("status", donation_id=made, status="failed", error_id="5051")
    for status in ("funded", "funded", "refunded", "trash", "draft"):
        do("status", donation_id=made, status=status)
    do("delete", donation_id=made)
    moves = ["submitted", "failed", "funded", "refunded", "trash", "draft"]
    assert told(receiver) == [
        ("created", None, None),
        *[("status", old, new) for old, new in pairwise(moves)],
        ("deleted", "draft", "deleted"),
    ]
    assert [body["donation"]["error_id"] for body in receiver.bodies[:3]] == [None, "5051", None]
    assert receiver.bodies[-1]["donation"]["status"] == "draft"


def test_what_is_old_happened_then(do: Do, receiver: Receiver) -> None:
    """The donation, its payment, and the events that tell of them; what comes after is of now."""
    made = do("donate", status="funded", created_at="2024-05-01T10:00:00Z", **OLGA)["donation_id"]
    do("status", donation_id=made, status="refunded")
    last = receiver.bodies[-1]
    assert [body["occurred_at"][:10] for body in receiver.bodies] == ["2024-05-01", "2024-05-01", "2026-03-02"]
    assert [entry["at"][:10] for entry in last["donation"]["status_log"]] == ["2024-05-01", "2024-05-01", "2026-03-02"]


def test_a_subscription_is_told_as_it_was_recorded(do: Do, receiver: Receiver) -> None:
    """Its first donation, the switch, a charge whose four events all show it complete, and the end."""
    first = do("donate", recurring=True, **OLGA)["donation_id"]
    do("status", donation_id=first, status="funded")
    charged = do("charge", donation_id=first)["donation_id"]
    do("cancel", donation_id=first)
    recorded = [(body["kind"], body["old_status"], body["new_status"]) for body in DELIVERIES[5:13]]
    assert told(receiver) == recorded
    charges = [body["donation"] for body in receiver.bodies if body["donation_id"] == charged]
    assert all(charge == charges[0] for charge in charges)
    assert (charges[0]["subscription_id"], charges[0]["amount"]) == (first, "700.00")
    assert receiver.bodies[-1]["donation"]["subscription_active"] is False


def test_a_charge_may_be_announced_empty(do: Do, receiver: Receiver) -> None:
    """Frozen before the gateway's module filled it in."""
    first = do("donate", recurring=True, status="funded", **OLGA)["donation_id"]
    do("charge", donation_id=first, announced=True)
    announced, *_, last = (read_event(body).donation for body in receiver.bodies[-4:])
    assert announced is not None
    assert last is not None
    assert (announced.is_placeholder, announced.donor.name, last.is_placeholder) == (True, "Anonymous", False)


def test_one_charge_may_become_two_donations(do: Do, receiver: Receiver) -> None:
    """Both funded, both with the gateway's same number."""
    made = do("donate", status="funded", **OLGA)["donation_id"]
    do("twin", donation_id=made)
    first, second = (receiver.bodies[place]["donation"] for place in (1, -1))
    assert first["gateway_ids"] == second["gateway_ids"]
    assert first["id"] != second["id"]


def test_a_receiver_that_is_away_gets_everything_in_order(do: Do, receiver: Receiver, world: World) -> None:
    """The plugin stops at the first event that is not taken, and tries again by itself."""
    receiver.status = 503
    for _ in range(3):
        do("donate", status="funded", **OLGA)
    assert set(receiver.seqs) == {1}
    world.clock.advance(61)
    assert set(receiver.seqs) == {1}
    receiver.status = 200
    receiver.got.clear()
    world.clock.advance(3600)
    assert receiver.seqs == [1, 2, 3, 4, 5, 6]
    assert do("deliver") == {"deliveries": []}


@pytest.mark.parametrize(
    ("kind", "came"),
    [
        ("hook_lost", [1, 2]),
        ("hook_doubled", [1, 1, 2]),
        ("hook_late", [1, 2, 1]),
        ("hook_reordered", [1, 1, 2]),
    ],
)
def test_on_a_bad_line_nothing_is_lost(
    do: Do, receiver: Receiver, world: World, trouble: Callable[..., None], kind: str, came: list[int]
) -> None:
    """What had no answer is sent again; what was late comes twice."""
    trouble(kind, times=1, seconds=300)
    do("donate", **OLGA)
    world.clock.advance(61)
    do("status", donation_id=47, status="funded")
    world.clock.advance(300)
    assert receiver.seqs == came


@pytest.mark.parametrize(("kind", "came"), [("hook_lost", [2]), ("hook_late", [2, 1]), ("hook_reordered", [2, 1])])
def test_a_proxy_that_answers_too_early_makes_gaps_and_disorder(
    do: Do, receiver: Receiver, world: World, trouble: Callable[..., None], kind: str, came: list[int]
) -> None:
    """The plugin thinks the event taken, and goes on."""
    do("switches", proxy_answers=True)
    trouble(kind, times=1, seconds=300)
    do("donate", status="funded", **OLGA)
    world.clock.advance(300)
    assert receiver.seqs == came


def test_the_recorded_site_tells_what_was_recorded(do: Do, receiver: Receiver, world: World) -> None:
    """Letter for letter, but for the moments, which are of now; what is there still is pulled as it was told last."""
    seeds.plant(world, "recorded")
    do("deliver")
    assert [timeless(body) for body in receiver.bodies] == [timeless(body) for body in DELIVERIES]
    assert receiver.bodies[-1]["occurred_at"][:16] == "2026-03-02T09:00"
    last = {body["donation_id"]: body["donation"] for body in receiver.bodies}
    del last[51]
    last[50]["additional_fields"] = {"phone1": "79990000001"}  # a newer plugin takes it over
    assert {one: world.leyka.shown(one) for one in world.leyka.donations} == last


def timeless(body: dict[str, Any]) -> str:
    return MOMENT.sub("", json.dumps(body))


def test_everything_can_be_delivered_again(do: Do, receiver: Receiver, world: World) -> None:
    """The same events under their old ids."""
    seeds.plant(world, "recorded")
    do("deliver")
    assert do("deliver")["deliveries"] == []
    do("deliver", again=True)
    told = [body["event_id"] for body in receiver.bodies]
    assert (told[:18], len(set(told))) == (told[18:], 18)


def test_what_happens_silently_is_only_seen_by_a_pull(do: Do, sandbox: str, receiver: Receiver, world: World) -> None:
    """A change made straight in the database."""
    made = do("donate", status="funded", **OLGA)["donation_id"]
    assert do("status", donation_id=made, status="refunded", silently=True)["deliveries"] == []
    assert len(receiver.got) == 2
    assert [one["status"] for one in pull(sandbox, world, "donations").json()["donations"]] == ["refunded"]


def pull(sandbox: str, world: World, what: str, key: str = SECRET, late: int = 0, **query: Any) -> httpx.Response:
    message = f"GET /leyka-bridge/v1/{what}?{urlencode(sorted(query.items()))}".encode()
    header = sign(message, key, world.clock.now() - timedelta(seconds=late))
    address = f"{sandbox}/leyka/wp-json/leyka-bridge/v1/{what}"
    return httpx.get(address, params=query, headers={"X-Leyka-Bridge-Signature": header})


def test_everything_can_be_pulled_in_pages(do: Do, sandbox: str, receiver: Receiver, world: World) -> None:
    """Events as they are delivered, donations as they are now; the cursor leads to the next page."""
    seeds.plant(world, "donations")
    do("deliver")
    seqs, after, more = [], 0, True
    while more:
        page = pull(sandbox, world, "events", after=after, limit=7).json()
        seqs += page["events"]
        after, more = page["next_after"], page["more"]
    assert seqs == receiver.bodies
    ids = [one["id"] for one in pull(sandbox, world, "donations", limit=500).json()["donations"]]
    assert ids == sorted(world.leyka.donations)
    assert pull(sandbox, world, "donations").json()["newest_seq"] == len(receiver.got)
    since = world.clock.now().isoformat()
    from_now: Any = {"from": since}
    assert len(pull(sandbox, world, "donations", **from_now).json()["donations"]) == 3
    assert len(pull(sandbox, world, "donations", to=since).json()["donations"]) == len(ids) - 3


def test_a_pull_needs_its_signature(do: Do, sandbox: str, world: World) -> None:
    """401 in WordPress' form for a wrong key or an old one; 400 for what is no page."""
    for refused in (pull(sandbox, world, "events", key="guessed"), pull(sandbox, world, "events", late=301)):
        assert (refused.status_code, refused.json()["code"]) == (401, "leyka_bridge_signature")
    assert pull(sandbox, world, "events", limit=0).status_code == 400


@pytest.mark.parametrize(
    ("what", "body", "named"),
    [
        ("status", {"donation_id": 1, "status": "funded"}, "no donation 1"),
        ("charge", {"donation_id": 47}, "not the first donation"),
        ("donate", {"amount": "-5"}, "amount"),
        ("switches", {"volume": 11}, "volume"),
    ],
)
def test_what_cannot_happen_is_refused(do: Do, sandbox: str, what: str, body: dict[str, Any], named: str) -> None:
    """400 naming the parameter."""
    do("donate", **OLGA)
    answer = httpx.post(f"{sandbox}/_sandbox/leyka/{what}", json=body)
    assert (answer.status_code, named in answer.json()["error"]) == (400, True)


def test_the_site_is_seen(do: Do, sandbox: str, world: World) -> None:
    """By programs and by people; emptied with everything else."""
    do("donate", status="failed", error_id="5051", **OLGA)
    dump = httpx.get(f"{sandbox}/_sandbox/dump").json()["leyka"]
    assert (dump["newest_seq"], dump["undelivered"]) == (2, [])
    assert [row["status"] for row in dump["donations"]] == ["failed"]
    assert "created_at" not in dump["donations"][0]
    page = httpx.get(f"{sandbox}/leyka").text
    assert all(word in page for word in ("Кузнецова Ольга", "Сбор на обучение", "не удалось", "5051", "разовое"))
    assert "Пожертвования" in httpx.get(f"{sandbox}/").text
    world.reset()
    assert httpx.get(f"{sandbox}/_sandbox/leyka").json()["donations"] == []


def test_the_seed_has_every_fate(world: World) -> None:
    """Paid, failed, both, refunded, abandoned, trashed, charged; everybody in it is invented."""
    made = seeds.plant(world, "donations")
    shown = [world.leyka.shown(donation_id) or {} for donation_id in made.values()]
    assert {row["status"] for row in shown} == {"submitted", "funded", "failed", "refunded", "trash"}
    mails = {row["donor"]["email"] for row in shown} - {""}
    assert all(mail.endswith("@example.org") for mail in mails)
    phones = {"".join(filter(str.isdigit, phone))[1:] for row in shown for phone in row["additional_fields"].values()}
    assert all(phone.startswith("999000") for phone in phones)
