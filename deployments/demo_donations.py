"""The third part of the demonstration: what a fund's site tells becomes deals, donors and letters, each of them once.

The site tells what a real plugin was recorded telling: four donations that were paid, one of them after it had failed,
and one that was deleted. One that fails and stays so is added.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from deployments.portal_report import PORTAL_TOML
from deployments.stand import DONATION_HINTED, DONATION_SWEEP, RUN_WITHIN_SECONDS, Stand, finished
from deployments.story import Story

STAGES = Counter({"Получено": 4, "Платёж не прошёл": 1})
DONORS, THANKS = 4, 4
HOLD = timedelta(minutes=61)
WON = "WON"  # the success stage that every funnel is born with, whatever its name
UNPAID = {"name": "Зимина Нина", "email": "nina@example.org", "amount": "1000", "campaign_id": 7, "status": "failed"}


@dataclass(frozen=True)
class DonationDeal:
    """A deal that names a donation, and what a person sees of it."""

    id: int
    donation: int
    title: str
    stage: str
    sum: str
    contact_id: int


def donate(stand: Stand, story: Story) -> list[DonationDeal]:
    """The site tells, tells it all again, and an hour passes. Gives the deals."""
    story.step("Пожертвования: сайт фонда передаёт шлюзу записанное с настоящей Лейки и один платёж, который не прошёл")
    before, letters = stand.sandbox.portal(), len(stand.sandbox.letters())
    stand.sandbox.plant("recorded")
    _expect_taken(stand.sandbox.donate(**UNPAID), story)
    _finish(stand, stand.prefect.first_of(DONATION_HINTED, RUN_WITHIN_SECONDS), story)
    deals = donation_deals(stand.sandbox.portal())
    _show(stand, story, deals)
    created = {deal.contact_id for deal in deals} - {contact["ID"] for contact in before["contacts"]}
    story.expect(len(created) == DONORS, f"жертвователей создано: {DONORS}")
    thanks = stand.sandbox.letters()[letters:]
    _tell_letters(thanks, story)
    story.expect(len(thanks) == THANKS, f"благодарностей: {THANKS}; о платеже, который не прошёл, писать рано")
    _again(stand, story)
    _an_hour_later(stand, story)
    return deals


def donation_deals(portal: Any) -> list[DonationDeal]:
    """The deals of a dump that name a donation, in the order of donations; stages by their names in portal.toml."""
    words = tomllib.loads(PORTAL_TOML.read_text(encoding="utf-8"))["donation_reconciliation"]
    stages = words["funnels"]["donations"]["stages"]
    names = {stage["code"]: stage["name"] for stage in stages.values()} | {WON: stages["funded"]["name"]}
    deals = [_deal(row, names) for row in portal["deals"] if row.get("ORIGIN_ID")]
    return sorted(deals, key=lambda deal: deal.donation)


def _deal(row: Any, names: dict[str, str]) -> DonationDeal:
    code = row["STAGE_ID"].rpartition(":")[2]
    money = f"{row['OPPORTUNITY']:.2f} {row['CURRENCY_ID']}"
    return DonationDeal(
        row["ID"], int(row["ORIGIN_ID"]), row["TITLE"], names.get(code, code), money, row.get("CONTACT_ID", 0)
    )


def _show(stand: Stand, story: Story, deals: list[DonationDeal]) -> None:
    for deal in deals:
        link = f"{stand.addresses.sandbox}/crm/deal/details/{deal.id}/"
        story.say(f"{deal.title:<20} {deal.sum:>11}  {deal.stage:<17} {link}")
    story.expect(len({deal.donation for deal in deals}) == len(deals), "у каждого пожертвования одна сделка")
    story.expect(Counter(deal.stage for deal in deals) == STAGES, "стадии — как на сайте; удалённого на сайте нет")


def _again(stand: Stand, story: Story) -> None:
    """The plugin had no answer, or the site was restored from a copy."""
    story.step("Сайт передаёт всё ещё раз; обход, который по расписанию идёт каждые 10 минут, — сейчас")
    portal, letters = stand.sandbox.portal(), stand.sandbox.letters()
    _expect_taken(stand.sandbox.deliver_again(), story)
    _finish(stand, stand.prefect.start(DONATION_SWEEP), story)
    story.expect(stand.sandbox.portal() == portal, "в портале ничего не изменилось")
    story.expect(stand.sandbox.letters() == letters, "второго письма нет")


def _an_hour_later(stand: Stand, story: Story) -> None:
    story.step("Часы песочницы: за час платёж так и не прошёл; ещё один обход")
    known = len(stand.sandbox.letters())
    stand.sandbox.move_clock(stand.sandbox.now() + HOLD)
    _finish(stand, stand.prefect.start(DONATION_SWEEP), story)
    letters = stand.sandbox.letters()[known:]
    _tell_letters(letters, story)
    story.expect([letter["to"] for letter in letters] == [[UNPAID["email"]]], "об этом ушло одно письмо")


def _expect_taken(deliveries: list[Any], story: Story) -> None:
    statuses = {one["status"] for one in deliveries}
    story.expect(statuses == {HTTPStatus.OK}, f"шлюз принял подписанные события: {len(deliveries)}")


def _finish(stand: Stand, run_id: str, story: Story) -> None:
    run = finished(stand, run_id)
    story.say(f"{run.name}: {stand.run_url(run)}")


def _tell_letters(letters: list[dict[str, Any]], story: Story) -> None:
    for letter in letters:
        story.say(f"письмо      {letter['subject']}")
