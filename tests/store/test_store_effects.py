import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from backoffice.store.effects import Claims, claim, done, forget, kept, origins, release, retake, settle

MOMENT = datetime(2026, 9, 10, 19, 0, tzinfo=UTC)
LATER = MOMENT + timedelta(seconds=71)
KEYS = [f"300100:{number}" for number in range(100)]


def claim_now(engine: Engine, *keys: str, now: datetime = MOMENT) -> Claims:
    return claim(engine, "portal", "contact", {key: f"origin of {key}" for key in keys}, now)


def test_a_claimed_key_is_fresh_once(engine: Engine) -> None:
    """Who comes second is told when the key was claimed, and must look it up instead of writing."""
    assert claim_now(engine, "a", "b") == Claims(frozenset({"a", "b"}), {}, {})
    assert claim_now(engine, "b", "c", now=LATER) == Claims(frozenset({"c"}), {}, {"b": MOMENT})


def test_a_settled_key_answers_with_the_portal_id(engine: Engine) -> None:
    """What was written is known by the portal's id, and never fresh again."""
    claim_now(engine, "a", "b")
    settle(engine, "portal", "contact", {"a": "17"})
    assert claim_now(engine, "a", "b", now=LATER) == Claims(frozenset(), {"a": "17"}, {"b": MOMENT})
    assert done(engine, "portal", "contact", ["a", "b", "unheard"]) == {"a": "17"}


def test_the_first_portal_id_stays(engine: Engine) -> None:
    """A second answer about the same effect does not replace the first."""
    claim_now(engine, "a")
    settle(engine, "portal", "contact", {"a": "17"})
    settle(engine, "portal", "contact", {"a": "18"})
    assert done(engine, "portal", "contact", ["a"]) == {"a": "17"}


def test_settling_without_a_claim_is_an_error(engine: Engine) -> None:
    """The unclaimed key is named, and the claimed one is recorded all the same."""
    claim_now(engine, "a")
    with pytest.raises(LookupError, match="contact b"):
        settle(engine, "portal", "contact", {"a": "17", "b": "18"})
    assert done(engine, "portal", "contact", ["a", "b"]) == {"a": "17"}


def test_a_released_claim_is_fresh_again(engine: Engine) -> None:
    """What was certainly not written is given back; what was written is not."""
    claim_now(engine, "a", "b")
    settle(engine, "portal", "contact", {"a": "17"})
    release(engine, "portal", "contact", ["a", "b"])
    assert claim_now(engine, "a", "b", now=LATER) == Claims(frozenset({"b"}), {"a": "17"}, {})


def test_a_forgotten_effect_is_fresh_again(engine: Engine) -> None:
    """What a person deleted may be written anew when asked for; a write without an outcome is not forgotten."""
    claim_now(engine, "a", "b")
    settle(engine, "portal", "contact", {"a": "17"})
    forget(engine, "portal", "contact", ["a", "b"])
    assert claim_now(engine, "a", "b", now=LATER) == Claims(frozenset({"a"}), {}, {"b": MOMENT})


def test_origins_are_kept_with_the_claim(engine: Engine) -> None:
    """The value to look an effect up by is known from the claim on, before and after it is settled."""
    claim_now(engine, "a", "b")
    settle(engine, "portal", "contact", {"a": "17"})
    found = origins(engine, "portal", "contact", ["a", "b", "unheard"])
    assert found == {"a": "origin of a", "b": "origin of b"}


def test_portals_and_kinds_are_apart(engine: Engine) -> None:
    """The same key of another portal or kind is another effect."""
    claim_now(engine, "a")
    assert claim(engine, "other", "contact", {"a": ""}, MOMENT).fresh == {"a"}
    assert claim(engine, "portal", "element", {"a": ""}, MOMENT).fresh == {"a"}


def test_a_doubted_claim_is_taken_over_once(engine: Engine) -> None:
    """The one who still knows the age of the claim gets it; who comes after with the old age does not."""
    doubted = {"a": claim_now(engine, "a").in_doubt.get("a", MOMENT)}
    assert retake(engine, "portal", "contact", doubted, LATER) == {"a": LATER}
    assert retake(engine, "portal", "contact", doubted, LATER) == {}
    assert claim_now(engine, "a").in_doubt == {"a": LATER}


def test_a_claim_is_kept_until_another_takes_it_over(engine: Engine) -> None:
    """Settled or not; what was given back is nobody's."""
    claim_now(engine, "a", "b", "c")
    settle(engine, "portal", "contact", {"a": "17"})
    retake(engine, "portal", "contact", {"b": MOMENT}, LATER)
    release(engine, "portal", "contact", ["c"])
    assert kept(engine, "portal", "contact", dict.fromkeys("abc", MOMENT)) == {"a"}
    assert kept(engine, "portal", "contact", {"b": LATER}) == {"b"}


@pytest.mark.parametrize("now", [MOMENT, MOMENT - timedelta(hours=1)], ids=["stands", "was set back"])
def test_a_claim_is_taken_over_once_though_the_clock(engine: Engine, now: datetime) -> None:
    """Two takers at the moment of the first claim, or before it, still get the key once."""
    claim_now(engine, "a")
    taken = [retake(engine, "portal", "contact", {"a": MOMENT}, now) for _ in range(2)]
    assert [sorted(each) for each in taken] == [["a"], []]


def test_settled_and_released_claims_are_not_taken_over(engine: Engine) -> None:
    """Only a claim without an outcome can be taken over."""
    claim_now(engine, "a", "b")
    settle(engine, "portal", "contact", {"a": "17"})
    release(engine, "portal", "contact", ["b"])
    assert retake(engine, "portal", "contact", {"a": MOMENT, "b": MOMENT}, LATER) == {}


def test_eight_threads_claim_each_key_once(engine: Engine) -> None:
    """Of eight threads claiming the same keys, each key is fresh for one."""
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda _: claim_now(engine, *KEYS), range(8)))
    assert Counter(key for each in claims for key in each.fresh) == dict.fromkeys(KEYS, 1)


def test_eight_threads_take_each_claim_over_once(engine: Engine) -> None:
    """Of eight threads taking over the same claims, each claim goes to one."""
    doubted = dict.fromkeys(claim_now(engine, *KEYS).fresh, MOMENT)
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: retake(engine, "portal", "contact", doubted, LATER), range(8)))
    assert Counter(key for each in taken for key in each) == dict.fromkeys(KEYS, 1)


def test_processes_claim_and_take_over_each_key_once(engine: Engine, contest: Callable[..., list[str]]) -> None:
    """Of four processes doing it at once, one claims a key and, later, one takes its claim over."""
    for what in ("claim", "retake"):
        won = Counter(key for printed in contest(what) for key in json.loads(printed))
        assert won == dict.fromkeys(KEYS, 1)
    assert claim_now(engine, *KEYS).fresh == frozenset()


def test_five_thousand_keys_are_claimed_and_settled(engine: Engine) -> None:
    """More keys than a statement takes variables."""
    keys = [f"300100:{number}" for number in range(5000)]
    assert claim_now(engine, *keys).fresh == set(keys)
    settle(engine, "portal", "contact", dict.fromkeys(keys, "1"))
    assert claim_now(engine, *keys).done == dict.fromkeys(keys, "1")
