"""Donation reconciliation and its letters: each once, when its time has come."""

from datetime import timedelta
from functools import partial

import pytest

from backoffice.rules.donation_policy import EVERY_LETTER, DonationPolicy, LetterKind
from backoffice.rules.donation_result import WorkIncomplete
from backoffice.sandbox.faults.fault import Fault
from backoffice.sandbox.leyka import life
from backoffice.sandbox.leyka.donations import Giver
from backoffice.sandbox.world import World
from backoffice.settings import settings
from tests.flows.donations import (
    DAY,
    FAILED,
    HOUR,
    MINUTE,
    OLEG,
    OLGA,
    REFUNDED,
    THANKS,
    THANKS_AGAIN,
    THANKS_CHARGE,
    Reconcile,
    comments,
    deals,
    deliver,
    give,
    letters,
    pass_time,
    settle,
    writes,
)


def subjects(world: World) -> list[str]:
    """In the order in which they came."""
    return [letter.subject for letter in world.mailbox.letters]


def test_a_letter_says_how_much_and_for_what(world: World, reconcile: Reconcile) -> None:
    """To the donor by the name that she gave; the deal shows that it went."""
    give(world, "funded", amount="150.50")
    reconcile("due")
    [letter] = world.mailbox.letters
    assert "Здравствуйте, Кузнецова Ольга!" in letter.text
    assert "150,50\N{NO-BREAK SPACE}₽" in letter.text
    assert "Благотворительное пожертвование на обучение" in letter.text
    [comment] = comments(world, deals(world)["47"].id)
    assert comment.startswith("Отправлено письмо: благодарность за пожертвование № 47")


def test_the_first_gift_a_later_one_and_a_charge_have_their_own_thanks(world: World, reconcile: Reconcile) -> None:
    """Once each, however often the runs go on and the site repeats itself."""
    first = give(world, "funded", recurring=True)
    reconcile("due")
    pass_time(world, 30 * DAY)
    life.charge(world.leyka, first)
    give(world, "funded", amount="50")
    for _ in range(2):
        deliver(world, world.leyka.outbox)
        reconcile("due")
    assert letters(world) == [(OLGA.email, subject) for subject in (THANKS, THANKS_CHARGE, THANKS_AGAIN)]


def test_a_failure_that_is_paid_inside_the_hold_brings_thanks_alone(world: World, reconcile: Reconcile) -> None:
    """The donor tried again."""
    donation = give(world, "failed")
    reconcile("due")
    pass_time(world, 59 * MINUTE)
    settle(world, donation, "funded")
    reconcile("due")
    pass_time(world, 2 * HOUR)
    reconcile("due")
    assert subjects(world) == [THANKS]


def test_a_failure_is_told_after_the_hold_and_thanks_follow_when_it_is_paid(world: World, reconcile: Reconcile) -> None:
    """With a link to try again."""
    donation = give(world, "failed")
    reconcile("due")
    pass_time(world, HOUR)
    reconcile("due")
    assert subjects(world) == [FAILED]
    assert "https://fund.example.org/?p=6" in world.mailbox.letters[0].text
    settle(world, donation, "funded")
    for _ in range(2):
        reconcile("due")
    assert subjects(world) == [FAILED, THANKS]


def test_a_failure_that_another_donation_makes_good_is_not_told(world: World, reconcile: Reconcile) -> None:
    """The site makes a new one of the second try."""
    give(world, "failed")
    reconcile("due")
    pass_time(world, 30 * MINUTE)
    give(world, "funded")
    reconcile("due")
    pass_time(world, 2 * HOUR)
    reconcile("due")
    assert subjects(world) == [THANKS]


def test_a_refund_is_told_once(world: World, reconcile: Reconcile) -> None:
    """After the thanks."""
    donation = give(world, "funded")
    reconcile("due")
    settle(world, donation, "refunded")
    for _ in range(2):
        reconcile("due")
    assert subjects(world) == [THANKS, REFUNDED]


def test_an_attempt_is_told_to_nobody(world: World, reconcile: Reconcile) -> None:
    """Nor is what the site threw away."""
    give(world)
    give(world, "trash", giver=OLEG)
    pass_time(world, DAY)
    reconcile("due")
    assert letters(world) == []


@pytest.mark.parametrize("off", EVERY_LETTER)
def test_each_letter_can_be_switched_off(world: World, reconcile: Reconcile, off: LetterKind) -> None:
    """The others go."""
    first = give(world, "funded", recurring=True, created_at=world.clock.now() - DAY)
    give(world, "failed", giver=OLEG)
    give(world, "funded", "refunded", giver=Giver("Титова Вера", "vera@example.org"))
    life.charge(world.leyka, first)
    give(world, "funded", amount="50")
    pass_time(world, HOUR)
    by_kind = dict(zip(EVERY_LETTER, (THANKS, THANKS_AGAIN, THANKS_CHARGE, FAILED, REFUNDED), strict=True))
    reconcile("due", policy=DonationPolicy(letters=tuple(one for one in EVERY_LETTER if one != off)))
    assert sorted(subjects(world)) == sorted(subject for kind, subject in by_kind.items() if kind != off)


def test_letters_may_go_by_the_portal(world: World, reconcile: Reconcile) -> None:
    """Then the deal has them itself."""
    give(world, "funded")
    by_portal = DonationPolicy(letters_by="portal")
    for _ in range(2):
        reconcile("due", policy=by_portal)
    assert letters(world) == [(OLGA.email, THANKS)]


def test_history_is_told_to_nobody(world: World, reconcile: Reconcile) -> None:
    """What was paid before `start_from`, and what was paid more than two weeks ago; the deals stand."""
    now = world.clock.now()
    for number, age in enumerate((400 * DAY, 15 * DAY)):
        giver = Giver(f"Иванов Иван {number}", f"{number}@example.org")
        with world.leyka.at(now - age):
            give(world, "funded", giver=giver)
    reconcile("due")
    assert (len(deals(world)), letters(world)) == (2, [])


def test_a_donor_who_gave_long_ago_gets_the_thanks_for_a_repeated_gift(world: World, reconcile: Reconcile) -> None:
    """History counts, though it is told to nobody."""
    with world.leyka.at(world.clock.now() - 400 * DAY):
        give(world, "funded")
    give(world, "funded")
    reconcile("due")
    assert subjects(world) == [THANKS_AGAIN]


def test_while_the_mail_server_is_down_deals_are_made_and_letters_wait(
    world: World, reconcile: Reconcile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go as soon as it is back, once."""
    give(world, "funded")
    with monkeypatch.context() as outage:
        outage.setenv("SMTP_PORT", "1")
        settings.cache_clear()
        reconcile("due")
    settings.cache_clear()
    assert (len(deals(world)), letters(world)) == (1, [])
    for _ in range(2):
        pass_time(world, 10 * MINUTE)
        reconcile("due")
    assert letters(world) == [(OLGA.email, THANKS)]


def test_a_server_that_asks_for_patience_gets_the_letter_later(world: World, reconcile: Reconcile) -> None:
    """Greylisting."""
    give(world, "funded")
    world.faults.order(Fault(kind="mail_greylist", methods="olga@*", times=1))
    for _ in range(3):
        reconcile("due")
        pass_time(world, 10 * MINUTE)
    assert letters(world) == [(OLGA.email, THANKS)]


def test_a_letter_in_doubt_is_not_sent_twice(world: World, reconcile: Reconcile) -> None:
    """The line broke when the server had it."""
    give(world, "funded")
    world.faults.order(Fault(kind="mail_cut_after_data", methods="olga@*", times=1))
    for _ in range(2):
        reconcile("due")
        pass_time(world, HOUR)
    assert letters(world) == [(OLGA.email, THANKS)]


def test_an_address_that_no_server_takes_stops_nobody_else(world: World, reconcile: Reconcile) -> None:
    """The run names the letter, once: it is not tried again."""
    give(world, "funded")
    give(world, "funded", giver=OLEG)
    world.faults.order(Fault(kind="mail_reject", methods="olga@*"))
    with pytest.raises(WorkIncomplete, match="благодарность за пожертвование № 47"):
        reconcile("due")
    assert letters(world) == [(OLEG.email, THANKS)]
    assert writes(world, partial(reconcile, "due")) == 0


def test_nothing_is_told_of_a_donation_too_old_to_be_remembered(world: World, reconcile: Reconcile) -> None:
    """Names and addresses are forgotten after two weeks; a refund that comes later brings them again."""
    donation = give(world, "funded")
    reconcile("nightly")
    pass_time(world, timedelta(days=20))
    reconcile("nightly")
    settle(world, donation, "refunded")
    reconcile("due")
    assert subjects(world) == [THANKS, REFUNDED]
