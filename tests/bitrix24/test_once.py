"""Creating a thing once, whatever is killed, cut, repeated or run at the same time."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import Engine

from backoffice.bitrix24.client import Portal
from backoffice.bitrix24.contacts_by_origin import contacts_by_origin
from backoffice.bitrix24.doubt import SETTLE, moment
from backoffice.bitrix24.errors import AmbiguousWrite, NotSent, PortalUnreachable, RequestRefused
from backoffice.bitrix24.limiter import Lane, WallClock
from backoffice.bitrix24.transport import read_webhook
from backoffice.once import Created, Creation, OnceOnly
from backoffice.sandbox.world import World
from backoffice.store import effects
from backoffice.store.engine import open_engine, upgrade

if TYPE_CHECKING:
    from tests.bitrix24.conftest import Wire, WorldClock

Origins = Callable[[], list[str]]
Once = Callable[..., OnceOnly]
KIND = "contact"


class Killed(BaseException):
    """Stands for `kill -9`: nothing catches it."""


class Unpaced:
    """A budget that never runs out."""

    def take(self, requests: int = 1, lane: Lane = "live") -> float:  # noqa: ARG002 - the protocol's signature
        return 0.0

    def found_full(self) -> None:
        """Nothing to take note of."""


@pytest.fixture
def new_engine(tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Opens the store once more, as another process would."""
    opened: list[Engine] = []

    def open_again() -> Engine:
        opened.append(open_engine(f"sqlite:///{tmp_path / 'store.db'}"))
        upgrade(opened[-1])
        return opened[-1]

    yield open_again
    for engine in opened:
        engine.dispose()


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    return new_engine()


@pytest.fixture
def once(portal: Portal, engine: Engine) -> Once:
    """Creates contacts by their origin, with any client and store."""

    def make(client: Portal = portal, store: Engine = engine, settle: timedelta = SETTLE) -> OnceOnly:
        return OnceOnly(
            client,
            store,
            KIND,
            "crm.contact.add",
            find=lambda origins: contacts_by_origin(client, "test", origins),
            read_id=int,
            settle=settle,
        )

    return make


def _wanted(*names: str, **fields: Any) -> dict[str, Creation]:
    return {
        f"key of {name}": Creation(
            name, {"fields": {"NAME": "Анна", "ORIGINATOR_ID": "test", "ORIGIN_ID": name, **fields}}
        )
        for name in names
    }


def _settled(engine: Engine, portal: Portal, *names: str) -> dict[str, str]:
    return effects.done(engine, portal.host, KIND, [f"key of {name}" for name in names])


def test_what_is_wanted_twice_is_created_once(
    once: Once, engine: Engine, portal: Portal, wire: "Wire", origins: Origins
) -> None:
    """The second call gives the same ids, creates nothing and asks the portal nothing."""
    first = once().create(_wanted("a", "b"))
    assert first == Created({"key of a": 1, "key of b": 2}, frozenset({"key of a", "key of b"}), {})
    wire.sent.clear()
    assert once().create(_wanted("a", "b")) == Created(first.ids, frozenset(), {})
    assert wire.sent == []
    assert origins() == ["a", "b"]
    assert _settled(engine, portal, "a", "b") == {"key of a": "1", "key of b": "2"}


def test_old_and_new_go_together(once: Once, origins: Origins) -> None:
    """Of three wanted, two of them known, one is created."""
    once().create(_wanted("a", "b"))
    created = once().create(_wanted("a", "b", "c"))
    assert created.ids == {"key of a": 1, "key of b": 2, "key of c": 3}
    assert created.fresh == {"key of c"}
    assert origins() == ["a", "b", "c"]


def test_nothing_wanted_asks_nothing(once: Once, wire: "Wire") -> None:
    """No request, no claim."""
    assert once().create({}) == Created({}, frozenset(), {})
    assert wire.sent == []


@pytest.mark.parametrize("moment_of_death", ["before", "after"])
def test_a_run_killed_around_the_write_is_finished_by_the_next(
    once: Once, engine: Engine, portal: Portal, wire: "Wire", origins: Origins, moment_of_death: str
) -> None:
    """Killed between claim and sending: created by the next call. Between sending and settling: adopted by it."""

    def killed(request: httpx.Request) -> httpx.Response:
        if moment_of_death == "after":
            wire.through(request)
        raise Killed

    wire.plan(killed)
    with pytest.raises(Killed):
        once().create(_wanted("a", "b"))
    assert _settled(engine, portal, "a", "b") == {}
    created = once().create(_wanted("a", "b"))
    assert created.ids == {"key of a": 1, "key of b": 2}
    assert created.fresh == ({"key of a", "key of b"} if moment_of_death == "before" else set())
    assert origins() == ["a", "b"]
    assert _settled(engine, portal, "a", "b") == {"key of a": "1", "key of b": "2"}


@pytest.mark.parametrize("mishap", ["cut_before", "cut_after"])
def test_a_cut_write_is_created_once(once: Once, wire: "Wire", origins: Origins, mishap: str) -> None:
    """Within one call: looked for, and sent again only if it was not done."""
    wire.plan(getattr(wire, mishap))
    assert once().create(_wanted("a", "b")).ids == {"key of a": 1, "key of b": 2}
    assert origins() == ["a", "b"]


def test_a_write_of_a_killed_run_that_lands_late_is_adopted(once: Once, wire: "Wire", origins: Origins) -> None:
    """Sent, killed, and executed by the portal 30 s later: the next run looks again before it writes."""

    def killed(request: httpx.Request) -> httpx.Response:
        with pytest.raises(httpx.ReadError):
            wire.lands(30)(request)
        raise Killed

    wire.plan(killed)
    with pytest.raises(Killed):
        once().create(_wanted("a"))
    created = once().create(_wanted("a"))
    assert (created.ids, created.fresh) == ({"key of a": 1}, frozenset())
    assert origins() == ["a"]


def test_a_claim_is_counted_from_sending_not_from_claiming(
    world: World, once: Once, wire: "Wire", clock: "WorldClock", origins: Origins
) -> None:
    """The run waited for a busy portal, sent and was killed; its write lands 60 s after sending and is adopted."""
    world.portal.config.bucket_size = 0
    clock.later(200, lambda: setattr(world.portal.config, "bucket_size", 50))

    def killed_when_it_leaves(request: httpx.Request) -> httpx.Response:
        if world.portal.config.bucket_size == 0:
            wire.plan(killed_when_it_leaves)
            return wire.through(request)
        with pytest.raises(httpx.ReadError):
            wire.lands(60)(request)
        raise Killed

    wire.plan(killed_when_it_leaves)
    with pytest.raises(Killed):
        once().create(_wanted("a"))
    created = once().create(_wanted("a"))
    assert (created.ids, created.fresh) == ({"key of a": 1}, frozenset())
    assert origins() == ["a"]


def test_a_refused_creation_gives_its_claim_back(once: Once, engine: Engine, portal: Portal, origins: Origins) -> None:
    """The refusal is reported with its key, the others stand; repaired, it is created at once."""
    wrong = {"key of b": Creation("b", {"fields": {"NO_SUCH_FIELD": 1}})}
    created = once().create(_wanted("a") | wrong | _wanted("c"))
    assert created.ids == {"key of a": 1, "key of c": 2}
    assert isinstance(created.failures["key of b"], RequestRefused)
    assert effects.origins(engine, portal.host, KIND, ["key of b"]) == {}
    assert once().create(_wanted("b")).fresh == {"key of b"}
    assert origins() == ["a", "c", "b"]


def test_a_breakdown_keeps_its_claim(
    once: Once, engine: Engine, portal: Portal, wire: "Wire", origins: Origins
) -> None:
    """INTERNAL_SERVER_ERROR for a contact that the portal did write is no refusal: it is adopted, never doubled."""

    def broken(answer: Any) -> Any:
        error = {"error": "INTERNAL_SERVER_ERROR", "error_description": "Internal server error"}
        answer["result"] |= {"result": [], "result_error": {"c_000": error}}
        return answer

    wire.plan(wire.edits(broken))
    assert once().create(_wanted("a")).ids == {"key of a": 1}
    assert once().create(_wanted("a")).ids == {"key of a": 1}
    assert origins() == ["a"]
    assert _settled(engine, portal, "a") == {"key of a": "1"}


def test_without_a_connection_nothing_is_created_and_nothing_lost(once: Once, wire: "Wire", origins: Origins) -> None:
    """PortalUnreachable is reported with the key; the next call creates it."""
    wire.plan(wire.no_connection)
    created = once().create(_wanted("a"))
    assert isinstance(created.failures["key of a"], PortalUnreachable)
    assert once().create(_wanted("a")).ids == {"key of a": 1}
    assert origins() == ["a"]


def test_a_portal_that_never_answers_leaves_the_claim_in_doubt(
    once: Once, engine: Engine, portal: Portal, wire: "Wire", origins: Origins
) -> None:
    """Three attempts without an answer: AmbiguousWrite; the claim stays and the next run looks first."""
    for _ in range(3):
        wire.plan(wire.cut_before, wire.through, wire.through)
    assert isinstance(once().create(_wanted("a")).failures["key of a"], AmbiguousWrite)
    assert effects.origins(engine, portal.host, KIND, ["key of a"]) == {"key of a": "a"}
    assert once().create(_wanted("a")).ids == {"key of a": 1}
    assert origins() == ["a"]


def test_a_stale_holder_does_not_send(
    world: World, once: Once, new_engine: Callable[[], Engine], wire: "Wire", clock: "WorldClock", origins: Origins
) -> None:
    """While a run waited for a busy portal another took its claim over and created: the first one sends nothing."""
    other = once(store=new_engine())
    taken: list[Created] = []

    def busy(request: httpx.Request) -> httpx.Response:
        clock.later(0, lambda: taken.append(other.create(_wanted("a"))))
        return wire.answers(503, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many"})(request)

    wire.plan(busy)
    created = once().create(_wanted("a"))
    assert taken[0].ids == {"key of a": 1}
    assert {key: type(error) for key, error in created.failures.items()} == {"key of a": NotSent}
    assert origins() == ["a"]
    assert world.log.counters()["by_method"]["crm.contact.add"] == 1
    assert once().create(_wanted("a")).ids == {"key of a": 1}


def test_only_the_keys_still_held_are_lost_to_a_stale_holder(
    once: Once, new_engine: Callable[[], Engine], wire: "Wire", clock: "WorldClock", origins: Origins
) -> None:
    """One of two claims was taken over meanwhile: the request is held back whole, and the next call finishes it."""
    other = once(store=new_engine())

    def busy(request: httpx.Request) -> httpx.Response:
        clock.later(0, lambda: other.create(_wanted("a")))
        return wire.answers(503, {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many"})(request)

    wire.plan(busy)
    created = once().create(_wanted("a", "b"))
    assert {type(error) for error in created.failures.values()} == {NotSent}
    assert once().create(_wanted("a", "b")).ids == {"key of a": 1, "key of b": 2}
    assert origins() == ["a", "b"]


def test_a_claim_that_another_run_renews_is_left_to_it(
    once: Once, engine: Engine, portal: Portal, clock: "WorldClock", origins: Origins
) -> None:
    """Found in doubt, and renewed by its holder while we waited: NotSent, and nothing is written by us."""
    key = {"key of a": "a"}
    claimed_at = moment(portal)
    effects.claim(engine, portal.host, KIND, key, claimed_at)
    clock.later(10, lambda: effects.retake(engine, portal.host, KIND, {"key of a": claimed_at}, moment(portal)))
    created = once().create(_wanted("a"))
    assert {name: type(error) for name, error in created.failures.items()} == {"key of a": NotSent}
    assert origins() == []


@pytest.fixture
def two_runs(
    world: World, webhook_url: str, new_engine: Callable[[], Engine], once: Once, wire: "Wire"
) -> Iterator[list[OnceOnly]]:
    """Two runs with a client and a store each, on the machine's clock; the portal takes 10 seconds at most."""
    world.clock.run()
    clients = [Portal(read_webhook(webhook_url), Unpaced(), clock=WallClock(), transport=wire) for _ in range(2)]
    yield [once(client, new_engine(), timedelta(seconds=10)) for client in clients]
    for client in clients:
        client.close()


@pytest.mark.parametrize("mishap", ["through", "cut_after", "cut_before"])
def test_two_runs_at_once_create_one_thing(
    two_runs: list[OnceOnly], wire: "Wire", origins: Origins, mishap: str
) -> None:
    """Two threads want the same twenty, the first write is cut or not: one thing each, and both learn its id."""
    names = [str(place) for place in range(20)]
    results: list[Created] = []
    start = threading.Barrier(2)

    def meets_writes(request: httpx.Request) -> httpx.Response:
        cut: Callable[[httpx.Request], httpx.Response] = getattr(wire, mishap)
        return (cut if b"crm.contact.add" in request.read() else wire.through)(request)

    def run(once: OnceOnly) -> None:
        start.wait()
        results.append(once.create(_wanted(*names)))

    wire.plan(meets_writes, meets_writes)
    threads = [threading.Thread(target=run, args=(once,)) for once in two_runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results += [once.create(_wanted(*names)) for once in two_runs]
    assert sorted(origins()) == sorted(names)
    fresh = [key for result in results for key in result.fresh]
    assert len(fresh) == len(set(fresh)) <= len(names)
    assert results[2].ids == results[3].ids
    assert all(result.ids.items() <= results[3].ids.items() for result in results)
    assert len(set(results[3].ids.values())) == len(names)
