"""Funnels, stages and other directories of the CRM.

Official sources: crm/status/*, crm/universal/category/*; the initial values are those of a new Russian portal.
"""

from dataclasses import dataclass, field, replace

from backoffice.sandbox.bitrix24.errors import Refusal

DEAL = 2
_SEMANTICS = {"S": "success", "F": "failure", "": "process"}


@dataclass(frozen=True)
class Status:
    """One entry of a directory; `semantics` of a stage: "" in progress, S won, F lost."""

    id: int
    entity_id: str
    status_id: str
    name: str
    sort: int
    semantics: str = ""
    system: bool = False
    color: str = ""

    @property
    def meaning(self) -> str:
        return _SEMANTICS[self.semantics]


@dataclass(frozen=True)
class Category:
    """A funnel. Number 0 is the default one of deals."""

    id: int
    entity_type_id: int
    name: str
    sort: int = 500
    is_default: bool = False


_INITIAL = {
    "STATUS": "NEW:Не_обработан IN_PROCESS:В_работе PROCESSED:Обработан CONVERTED:Качественный:S JUNK:Некачественный:F",
    "SOURCE": "CALL:Звонок EMAIL:E-Mail WEB:Веб-сайт ADVERTISING:Реклама PARTNER:Партнёр OTHER:Другое",
    "CONTACT_TYPE": "CLIENT:Клиенты SUPPLIER:Поставщики PARTNER:Партнёры OTHER:Другое",
    "COMPANY_TYPE": "CUSTOMER:Клиент SUPPLIER:Поставщик COMPETITOR:Конкурент PARTNER:Партнёр OTHER:Другое",
    "DEAL_TYPE": "SALE:Продажа COMPLEX:Комплексная GOODS:Товары SERVICES:Услуги SERVICE:Сервис",
    "INDUSTRY": "IT:IT TELECOM:Телеком EDUCATION:Образование OTHER:Другое",
    "EMPLOYEES": "EMPLOYEES_1:до_50 EMPLOYEES_2:50-250 EMPLOYEES_3:250-500",
    "HONORIFIC": "HNR_RU_1:г-н HNR_RU_2:г-жа",
}
_STAGES = (
    "NEW:Новая PREPARATION:Подготовка PREPAYMENT_INVOICE:Счёт EXECUTING:В_работе WON:Сделка_успешна:S "
    "LOSE:Сделка_провалена:F"
)


@dataclass
class Directories:
    statuses: list[Status] = field(default_factory=list)
    categories: list[Category] = field(default_factory=list)
    _last_id: int = 0

    @classmethod
    def initial(cls) -> "Directories":
        directories = cls()
        for entity_id, entries in _INITIAL.items():
            directories._fill(entity_id, entries)
        directories.categories.append(Category(0, DEAL, "Общая", 300, is_default=True))
        directories._fill("DEAL_STAGE", _STAGES)
        return directories

    def of(self, entity_id: str) -> list[Status]:
        """Entries of one directory, in their order."""
        return sorted((status for status in self.statuses if status.entity_id == entity_id), key=lambda row: row.sort)

    def first(self, entity_id: str) -> str | None:
        """The entry a new object gets by default."""
        return next((status.status_id for status in self.of(entity_id)), None)

    def first_stage(self, category: int) -> str | None:
        """The stage in which a deal enters a funnel."""
        return self.first(stage_directory(category))

    def find(self, entity_id: str, status_id: str) -> Status | None:
        return next((status for status in self.of(entity_id) if status.status_id == status_id), None)

    def add_status(self, entity_id: str, status_id: str, name: str, sort: int = 10, semantics: str = "") -> Status:
        """A stage of a further funnel gets the funnel's prefix (`C1:`) by itself; a used code is refused."""
        _, numbered, category = entity_id.partition("DEAL_STAGE_")
        prefix = f"C{category}:" if numbered else ""
        code = prefix + status_id.removeprefix(prefix)
        if self.find(entity_id, code):
            raise Refusal("", f"Status with STATUS_ID {code} already exists")
        self._last_id += 1
        status = Status(self._last_id, entity_id, code, name, sort, semantics)
        self.statuses.append(status)
        return status

    def add_category(self, name: str, sort: int = 500) -> Category:
        """A further funnel of deals, with the usual stages."""
        number = max(category.id for category in self.categories) + 1
        category = Category(number, DEAL, name, sort)
        self.categories.append(category)
        self._fill(stage_directory(number), _STAGES)
        return category

    def category(self, number: int) -> Category | None:
        return next((category for category in self.categories if category.id == number), None)

    def rename_category(self, number: int, name: str) -> None:
        self.categories = [replace(row, name=name) if row.id == number else row for row in self.categories]

    def _fill(self, entity_id: str, entries: str) -> None:
        for position, entry in enumerate(entries.split(), start=1):
            status_id, name, *semantics = entry.split(":")
            status = self.add_status(entity_id, status_id, name.replace("_", " "), 10 * position, "".join(semantics))
            self.statuses[-1] = replace(status, system=True)


def stage_directory(category: int) -> str:
    """DEAL_STAGE for the default funnel, DEAL_STAGE_7 for funnel 7."""
    return f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
