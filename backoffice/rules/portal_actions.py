"""What can be created on a portal, each thing with its natural key and its two sentences in Russian.

`title` says what will be created, `lack` what a process misses as long as it is not; REMEDY is one for all of them.
"""

from dataclasses import dataclass

from backoffice.rules.portal_words import (
    Entity,
    ListFieldWords,
    ListWords,
    ProductFieldWords,
    Semantic,
    StageWords,
    UserFieldWords,
    folded,
)

CARDS: dict[Entity, str] = {"contact": "контакта", "deal": "сделки", "company": "компании", "lead": "лида"}
SEMANTICS: dict[Semantic, str] = {"process": "в работе", "success": "успех", "failure": "провал"}
REMEDY = "чтобы создать недостающее, запустите portal-setup"


@dataclass(frozen=True)
class CreateList:
    """A universal list, known by its code."""

    code: str
    name: str

    @property
    def key(self) -> str:
        return f"list:{self.code}"

    @property
    def title(self) -> str:
        return f"список «{self.name}» ({self.code})"

    @property
    def lack(self) -> str:
        return f"на портале нет списка «{self.name}»"


@dataclass(frozen=True)
class CreateListField:
    """A field of a universal list, known by its code inside the list."""

    list: ListWords
    field: ListFieldWords

    @property
    def key(self) -> str:
        return f"list:{self.list.code}:{self.field.code}"

    @property
    def title(self) -> str:
        return f"поле «{self.field.name}» ({self.field.code}) списка «{self.list.name}»"

    @property
    def lack(self) -> str:
        return f"в списке «{self.list.name}» нет поля «{self.field.name}»"


@dataclass(frozen=True)
class CreateUserField:
    """A user field of a CRM card, known by its code."""

    entity: Entity
    field: UserFieldWords

    @property
    def key(self) -> str:
        return f"{self.entity}:{self.field.code}"

    @property
    def title(self) -> str:
        return f"поле «{self.field.name}» ({self.field.code}) карточки {CARDS[self.entity]}"

    @property
    def lack(self) -> str:
        return f"в карточке {CARDS[self.entity]} нет поля «{self.field.name}»"


@dataclass(frozen=True)
class CreateProductField:
    """A field of the product cards, known by its code in the catalogue."""

    catalogue_id: int
    field: ProductFieldWords

    @property
    def key(self) -> str:
        return f"product:{self.field.code}"

    @property
    def title(self) -> str:
        return f"поле «{self.field.name}» ({self.field.code}) карточки товара"

    @property
    def lack(self) -> str:
        return f"в карточке товара нет поля «{self.field.name}»"


@dataclass(frozen=True)
class CreateFunnel:
    """A funnel of deals, known by its name: the portal offers nothing better."""

    name: str
    sort: int

    @property
    def key(self) -> str:
        return f"funnel:{folded(self.name)}"

    @property
    def title(self) -> str:
        return f"воронка сделок «{self.name}»"

    @property
    def lack(self) -> str:
        return f"в CRM нет воронки сделок «{self.name}»"


@dataclass(frozen=True)
class CreateStage:
    """A stage, known by its code inside its funnel; `funnel_id` is None while the funnel itself is to be created."""

    funnel: str
    funnel_id: int | None
    stage: StageWords

    @property
    def key(self) -> str:
        return f"funnel:{folded(self.funnel)}:{self.stage.code}"

    @property
    def title(self) -> str:
        return f"стадия «{self.stage.name}» ({SEMANTICS[self.stage.semantic]}) воронки «{self.funnel}»"

    @property
    def lack(self) -> str:
        return f"в воронке «{self.funnel}» нет стадии «{self.stage.name}»"


Create = CreateList | CreateListField | CreateUserField | CreateProductField | CreateFunnel | CreateStage
