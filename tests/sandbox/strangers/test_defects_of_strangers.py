"""Known defects of the foreign clients, which the sandbox shows as a portal does: their tests must not blame us.

A test that fails here after an upgrade of a client is good news: then its sizes may come to the other tests.
"""

from collections.abc import Callable

import pytest
from b24pysdk import BitrixWebhook, Client
from b24pysdk.errors import BitrixAPIError
from fast_bitrix24 import Bitrix

from backoffice.sandbox.world import World

Crowd = Callable[[int], set[str]]


@pytest.fixture
def kind() -> str:
    return "contact"


def test_fast_bitrix24_loses_the_id_of_a_lonely_last_command(fast: Bitrix, world: World) -> None:
    """51 additions are two batches, the second of one command: its bare answer is dropped.

    Or, if it comes first, nothing can be added to it. The portal has made all 51.
    """
    people = [{"fields": {"NAME": f"Имя {n}"}} for n in range(51)]
    try:
        assert len(fast.call("crm.contact.add", people)) == 50
    except AttributeError as error:
        assert "'int' object has no attribute 'append'" in str(error)  # noqa: PT017 - either of two outcomes
    assert len(world.portal.crm.tables["CONTACT"]) == 51


def test_fast_bitrix24_takes_a_list_of_one_for_one(fast: Bitrix) -> None:
    """A list of one command is answered with a bare id."""
    assert fast.call("crm.contact.add", [{"fields": {"NAME": "Анна"}}]) == 1


def test_fast_bitrix24_mixes_fields_with_cards(fast: Bitrix, crowd: Crowd) -> None:
    """51 cards by id: instead of the last card its fields stand among the cards."""
    crowd(51)
    cards = fast.get_by_ID("crm.contact.get", range(1, 52))
    assert ("50" in cards, "51" in cards, cards["NAME"]) == (True, False, "Имя 50")


@pytest.mark.parametrize("listing", ["call_list", "call_list_fast"])
def test_b24pysdk_keeps_silent_about_missing_pages(
    sdk: BitrixWebhook, world: World, crowd: Crowd, listing: str
) -> None:
    """The limit of work is met at the 20th of 50 pages: the refusals stand in `result_error`, nothing is raised."""
    crowd(2500)
    world.portal.config.costs, world.portal.config.operating_limit = {"crm.contact.list": 1.0}, 20.0
    answer = getattr(sdk, listing)(api_method="crm.contact.list", params={"select": ["ID"]})
    assert len(list(answer["result"])) == 1000


def test_b24pysdk_cannot_tell_a_code_that_is_a_number(sdk: BitrixWebhook, world: World) -> None:
    """The documents write the catalogue's codes without quotes: the refusal is told, its code is not."""
    world.portal.config.catalog_readable = False
    with pytest.raises(BitrixAPIError) as refused:
        assert Client(sdk).catalog.catalog.list().result
    with pytest.raises(ValueError, match="200040300010"):
        assert refused.value.error
