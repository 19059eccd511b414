"""The cards of donors, and the list of those to call back, on a portal in a box."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from backoffice import connections
from backoffice.rules.donation_facts import Campaign, Donation, DonationEvent, Donor
from backoffice.rules.donor_segments import Segment
from backoffice.sandbox.seeds.fund import Fund
from backoffice.sandbox.world import World
from backoffice.store.donation_changes import apply
from backoffice.store.donations import Written, donations, note_written, to_work
from tasks import donor_segments
from tasks.donor_segments import publish_segments, read_segments, update_segments

SITE = "https://fund.example.org"
MARCH = datetime(2026, 3, 10, 9, tzinfo=UTC)
NOW = MARCH + timedelta(days=20)
SUM = Decimal("700.00")
FIELDS = ("UF_CRM_BO_DONOR_KIND", "UF_CRM_BO_CALL_BACK", "UF_CRM_BO_DIRECTIONS")

Give = Callable[..., None]


@pytest.fixture
def fund(world: World, connected: None) -> Fund:
    return Fund(world)


@pytest.fixture
def give(fund: Fund) -> Give:
    """The contact gives a sum for a campaign, day after day; the deal is 1000 and the donation's number."""
    numbers = count(1)

    def give(contact_id: int, *statuses: str, campaign: int = 6) -> None:
        for status in statuses:
            number = next(numbers)
            at = MARCH + timedelta(hours=number)
            donor = Donor(email=f"donor{contact_id}@example.org")
            told = Donation(number, status, at, SUM, SUM, campaign=Campaign(campaign, "Сбор"), donor=donor)
            _tell(told, contact_id)

    return give


def _tell(told: Donation, contact_id: int) -> None:
    engine, host = connections.store(), connections.portal_host()
    apply(
        engine, host, [DonationEvent(SITE, told.id, f"event {told.id}", "status", told.id, told.created_at, told)], NOW
    )
    fresh = [one.key for one in donations(engine, host, to_work(engine, host, NOW)).values() if one.deal_id is None]
    note_written(engine, host, {key: Written(1000 + key[1], contact_id, {}) for key in fresh})


def card(world: World, contact_id: int) -> tuple[Any, ...]:
    [item] = [one for one in world.portal.crm.tables["CONTACT"] if one.id == contact_id]
    return tuple(item.values.get(name) for name in FIELDS)


def requests(world: World) -> int:
    return int(world.log.counters()["portal_requests"])


def test_a_card_says_which_donor_it_is(world: World, fund: Fund, give: Give) -> None:
    """First-time, repeated, to be called back; directions of what was paid."""
    first, again, failed = (fund.contact("Кузнецова", name) for name in ("Анна", "Вера", "Нина"))
    give(first, "failed", "funded")
    give(again, "funded", campaign=7)
    give(again, "funded", "failed")
    give(failed, "failed")
    assert update_segments.fn([first, again, failed]) == {}
    assert card(world, first) == ("впервые", "N", ["Образование"])
    assert card(world, again) == ("повторно", "Y", ["Образование", "Помощь семьям"])
    assert card(world, failed) == (None, "Y", [])


def test_cards_that_say_so_already_are_left_alone(world: World, fund: Fund, give: Give) -> None:
    """The second time costs one look and no write."""
    contacts = [fund.contact("Кузнецова", "Анна") for _ in range(3)]
    for contact_id in contacts:
        give(contact_id, "funded", "failed")
    update_segments.fn(contacts)
    before, stands = requests(world), world.portal.dump()
    update_segments.fn(contacts)
    assert requests(world) - before == 1
    assert world.portal.dump() == stands


def test_what_changed_comes_off_the_card(world: World, fund: Fund, give: Give) -> None:
    """Paid after all: nobody needs to call."""
    contact_id = fund.contact("Кузнецова", "Анна")
    give(contact_id, "failed")
    update_segments.fn([contact_id])
    give(contact_id, "funded")
    update_segments.fn([contact_id])
    assert card(world, contact_id) == ("впервые", "N", ["Образование"])


def test_contacts_that_are_gone_or_give_nothing_are_passed_over(world: World, fund: Fund, give: Give) -> None:
    """One that people deleted, and one of whom the site knows nothing."""
    stranger = fund.contact("Кузнецова", "Анна", UF_CRM_BO_DONOR_KIND="повторно")
    give(999, "funded")
    assert update_segments.fn([999, stranger]) == {}
    assert card(world, stranger)[0] == "повторно"


def test_who_is_to_be_called_is_listed_by_initials(
    world: World, fund: Fund, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest failure first, with links; nobody's name, no address."""
    shown: list[str] = []
    monkeypatch.setattr(donor_segments, "create_markdown_artifact", lambda text, **_: shown.append(text))
    anna, vera = (fund.contact("Кузнецова", name, f"{name}@example.org") for name in ("Анна", "Вера"))
    give(anna, "funded", "failed")
    give(vera, "failed")
    segments = read_segments.fn(MARCH, NOW)
    assert segments.donors == {anna: Segment("впервые", True, ("Образование",)), vera: Segment("", True)}
    publish_segments.fn(segments, MARCH)
    [text] = shown
    assert "| Пожертвовали впервые | 1 |" in text
    assert "| Образование | 1 | 0 |" in text
    calls = [line for line in text.splitlines() if line.startswith("- ")]
    assert [line[: line.index("]")] for line in calls] == ["- [К. В.", "- [К. А."]
    assert f"/crm/contact/details/{vera}/): 700\u00a0₽, 10.03.2026 15:00, № 3, [сделка](" in calls[0]
    assert "Кузнецова" not in text
    assert "example.org" not in text.replace(connections.portal_origin(), "")
