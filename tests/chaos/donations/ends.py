"""What stands in the end, in words that do not depend on who wrote it first."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backoffice import connections
from backoffice.rules.donation_facts import REFUNDED
from backoffice.rules.donation_letters import PURPOSE
from backoffice.rules.sending import State
from backoffice.sandbox.world import World
from backoffice.store import donations, messages
from backoffice.store.messages import Message

SHOWN = re.compile(r"UF_|STAGE_ID|OPPORTUNITY|CURRENCY_ID|BEGINDATE|CLOSEDATE|TITLE|COMMENTS|.*NAME")
"""The fields that tell people something."""
TRACE = "Отправлено письмо: "
MARK = re.compile(r"\n\[backoffice:\w+\]")
"""Of our comments; it holds the number of the deal."""

THANKS, THANKS_AGAIN = "Спасибо за пожертвование", "Спасибо, что снова помогаете"
THROWN_AWAY = ("в корзине на сайте", "удалено на сайте")
LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)

Named = dict[str, Any]
Words = tuple[tuple[str, ...], str]


class Ends:
    """The portal and the letters, as they stand now."""

    def __init__(self, world: World) -> None:
        portal = world.portal.dump()
        contacts = {int(row["ID"]): _person(row) for row in portal["contacts"]}
        self.contacts = Counter(contacts.values())
        self.deals = Counter(_deal(row, contacts) for row in portal["deals"] if not _is_thrown_away(row))
        labels = {int(row["ID"]): label(row) for row in portal["deals"]}
        said = [(labels.get(row["entity_id"], "?"), MARK.sub("", row["text"])) for row in portal["comments"]]
        self.comments = Counter((deal, text) for deal, text in said if not text.startswith(TRACE))
        self.traces = Counter(text.partition("\n")[0].removeprefix(TRACE) for _, text in said if text.startswith(TRACE))
        self.origins = Counter(row["ORIGIN_ID"] for row in portal["deals"] if row.get("ORIGIN_ID"))
        self.came = Counter(letter.message_id for letter in world.mailbox.all())
        self._words = {letter.message_id: (letter.recipients, letter.subject) for letter in world.mailbox.all()}
        every = messages.in_state(connections.store(), connections.portal_host(), *State)
        self.letters = {one.key: one for one in every if one.purpose == PURPOSE}
        self.passing = _passing()
        self.originals = _originals()

    @property
    def occasions(self) -> list[str]:
        """What letters that left were about; a charge told twice is one occasion, whichever of the two they named."""
        left = [key for key, letter in self.letters.items() if letter.state != State.QUEUED]
        return sorted(self.originals.get(key, key) for key in left)

    def words_of(self, letter: Message) -> Words:
        """To whom it went, and what about."""
        return self._words[message_id(letter)]


def message_id(letter: Message) -> str:
    return f"<{letter.stamp}@example.org>"


def label(deal: Mapping[str, Any]) -> str:
    """What a deal is called here: by its donation, or its title."""
    return f"№ {deal['ORIGIN_ID']}:" if deal.get("ORIGIN_ID") else str(deal["TITLE"])


def _person(row: Named) -> str:
    """Without the phone of who has an address: a contact is made of what was told first, and it may have had none."""
    reached = {str(one["value"]): one["type"] for one in row.get("multifields", ())}
    addresses = sorted(value for value, kind in reached.items() if kind == "EMAIL")
    return f"{_values(row)} {addresses or sorted(reached)}"


def _deal(row: Named, contacts: Mapping[int, str]) -> str:
    people = [contacts[int(one)].partition(" UF_")[0] for one in row.get("CONTACT_IDS", ())]
    return f"{label(row)} {_values(row)} {people}"


def _is_thrown_away(row: Named) -> bool:
    """The deal of a donation that a run saw before the site threw it away; without such a run there is none."""
    if row.get("UF_CRM_BO_GIFT_STATUS") not in THROWN_AWAY:
        return False
    assert row["STAGE_ID"].endswith("BO_CANCELLED")
    return True


def _passing() -> frozenset[str]:
    """Letters that go if a run comes at the right moment: thanks for what was refunded later, and for a charge told
    twice when the other donation was not told of yet.
    """
    known = donations.created_between(connections.store(), connections.portal_host(), LONG_AGO, LATER)
    brief = [one for one in known if one.status == REFUNDED or one.duplicate_of]
    return frozenset(f"thanks {one.site} {one.id}" for one in brief)


def _originals() -> dict[str, str]:
    """Thanks for the double of a charge -> thanks for its original."""
    known = donations.created_between(connections.store(), connections.portal_host(), LONG_AGO, LATER)
    doubles = [one for one in known if one.duplicate_of]
    return {f"thanks {one.site} {one.id}": f"thanks {one.site} {one.duplicate_of}" for one in doubles}


def _values(row: Named) -> str:
    shown = {name: value for name, value in row.items() if SHOWN.match(name) and value != "N"}
    return " ".join(f"{name}={value}" for name, value in sorted(shown.items()))


def assert_same_portal(ends: Ends, undisturbed: Ends) -> None:
    """Contacts, deals and comments; what differs is named."""
    for what in ("contacts", "deals", "comments"):
        now, then = getattr(ends, what), getattr(undisturbed, what)
        assert now == then, f"{what}: too many {[*(now - then).elements()]}, lacking {[*(then - now).elements()]}"
    assert max(ends.origins.values()) == 1


def assert_same_letters(ends: Ends, undisturbed: Ends, *, doubted: bool, refused: bool) -> None:
    """One letter each, and one trace of each that is known to have left.

    `doubted`: somebody died, or a connection was cut, beside the text of a letter; `refused`: the mail server said no.
    """
    assert len(set(ends.occasions)) == len(ends.occasions)
    assert set(undisturbed.occasions) <= set(ends.occasions)
    assert ends.letters.keys() <= undisturbed.letters.keys() | ends.passing
    assert ends.came.keys() <= {message_id(one) for one in ends.letters.values()}
    for key, letter in ends.letters.items():
        came, state = ends.came[message_id(letter)], State(letter.state)
        assert came == (state is State.ACCEPTED) or (came == 1 and state is State.UNKNOWN), (key, state, came)
        put_off = state is State.QUEUED and key in ends.passing
        unsent = (doubted and state is State.UNKNOWN) or (refused and state is State.FAILED)
        assert state is State.ACCEPTED or unsent or put_off, (key, state)
        if came and key in undisturbed.letters:
            assert_same_words(ends.words_of(letter), undisturbed.words_of(undisturbed.letters[key]))
    accepted = [one.about for one in ends.letters.values() if one.state == State.ACCEPTED]
    assert sorted(ends.traces.elements()) == sorted(accepted)


def assert_same_words(words: Words, expected: Words) -> None:
    """Thanks for a first donation or for another: by what was known of earlier ones when the letter went."""
    assert words == expected or (words[0] == expected[0] and {words[1], expected[1]} == {THANKS, THANKS_AGAIN})
