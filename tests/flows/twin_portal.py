"""A portal that took payments down twice, and what must have become of it after a clean-up."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from backoffice.sandbox.bitrix24.crm.table import Item
from backoffice.sandbox.seeds import plant
from backoffice.sandbox.world import World
from tests.flows.donations import comments, stages


@dataclass
class TwinPortal:
    """The seed `twins`, planted with as many pairs."""

    world: World
    pairs: int

    def __post_init__(self) -> None:
        self.planted: dict[str, Any] = plant(self.world, "twins", pairs=self.pairs)

    def state(self) -> tuple[Any, ...]:
        """Everything that a run could change."""
        crm = self.world.portal.crm
        cards = [(own.id, dict(own.values)) for name in ("DEAL", "CONTACT") for own in crm.tables[name]]
        return cards, len(crm.comments), len(self.world.mailbox.letters), len(self.world.portal.notifications)

    def faults(self) -> list[str]:
        """What a clean-up has left undone, or done too much of."""
        return [*self._twins(), *self._kept(), *self._doubles(), *self._decoys(), *self._donations()]

    def _twins(self) -> list[str]:
        return [f"twin {deal} stands" for deal in self.planted["remove"] if self._deal(deal)]

    def _kept(self) -> list[str]:
        """Each carries its donation's key, is paid, and tells in one comment what the twin had."""
        faults, shown = [], stages(self.world)
        rows = zip(self.planted["keep"], self.planted["remove"], self.planted["donation_ids"], strict=True)
        for keep, twin, donation_id in rows:
            deal, saved = self._deal(keep), self.planted["saved"].get(twin, "")
            if deal is None or deal.values["ORIGIN_ID"] != str(donation_id) or shown[str(donation_id)] != "funded":
                faults.append(f"deal {keep} is not that of donation {donation_id}")
            told = comments(self.world, keep)
            if len(told) != 1 or saved not in told[0] or "newsletter" not in told[0]:
                faults.append(f"deal {keep} does not tell of {twin}")
        return faults

    def _doubles(self) -> list[str]:
        pairs = self.planted["doubles"]
        merged = [pair for pair in pairs if self._contact(pair[0]) and not self._contact(pair[1])]
        return [f"contacts {pair} are not merged" for pair in pairs if pair not in merged]

    def _decoys(self) -> list[str]:
        decoys = self.planted["decoys"]
        deals = [(name, deal) for name, ids in decoys.items() for deal in ids["deals"]]
        contacts = [(name, contact) for name, ids in decoys.items() for contact in ids["contacts"]]
        faults = [f"decoy {name}: deal {deal} is gone" for name, deal in deals if not self._deal(deal)]
        return faults + [f"decoy {name}: contact {own} is gone" for name, own in contacts if not self._contact(own)]

    def _donations(self) -> list[str]:
        rows = self.world.portal.crm.tables["DEAL"]
        found = Counter(str(own.values.get("ORIGIN_ID") or "") for own in rows)
        ids = map(str, self.world.leyka.donations)
        return [f"donation {own}: {found[own]} deals" for own in ids if found[own] != 1]

    def _deal(self, deal_id: int) -> Item | None:
        return self.world.portal.crm.tables["DEAL"].get(deal_id)

    def _contact(self, contact_id: int) -> Item | None:
        return self.world.portal.crm.tables["CONTACT"].get(contact_id)
