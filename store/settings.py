"""What a shop can set, with the defaults of the field."""

import json
from collections.abc import Sequence
from datetime import date, time
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from store.currency import DEFAULT_CURRENCY, is_currency
from store.schemas import DSR_DIMENSIONS
from told.mark import mark as _

Attribution = Literal["order_first", "order", "payment"]
ConversionWindow = Literal["same_day", "next_day", "final"]
ReasonClass = Literal["ours", "buyer"]


def time_zones() -> list[str]:
    """The names of time zones, those of places and of offsets."""
    return sorted(available_timezones() - {"Factory", "localtime"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WorkingBlock(_Strict):
    """One stretch of working time on some weekdays (1 = Monday … 7 = Sunday)."""

    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5, 6, 7)
    start: time = time(8)
    #: 00:00 means midnight at the end of the day.
    end: time = time(23)

    @model_validator(mode="after")
    def _start_comes_before_end(self) -> Self:
        if self.end != time(0) and self.start >= self.end:
            raise ValueError("a working block starts before it ends; split it at midnight")
        return self


class AgentName(_Strict):
    """How an agent's sub-account is shown, and the group it belongs to."""

    account: str
    display: str = ""
    group: str = ""


class Campaign(_Strict):
    """A planned or past campaign, such as Double 11."""

    name: str
    first: date
    last: date
    #: Orders expected on top of the usual level, over the whole campaign.
    orders: Annotated[int, Field(ge=0)] = 0
    #: Mean stars expected of its ratings; unset = the shop's recent mix.
    mean_stars: Annotated[float, Field(ge=1, le=5)] | None = None

    @model_validator(mode="after")
    def _first_is_not_after_last(self) -> Self:
        if self.first > self.last:
            raise ValueError("a campaign's first day is not after its last")
        return self


class Industry(_Strict):
    """Industry mean, best and worst of one DSR dimension."""

    mean: Annotated[float, Field(ge=1, le=5)]
    best: Annotated[float, Field(ge=1, le=5)] = 5.0
    worst: Annotated[float, Field(ge=1, le=5)] = 1.0


#: docs/numbers.md, "Targets"; a metric that is missing here is compared with its own 28-day
#: median.
DEFAULT_TARGETS: dict[str, float] = {
    "reply_rate": 0.95,
    "response_time_platform": 60.0,
    "within_three_minutes": 0.90,
    "first_response_time": 30.0,
    "dsr_description": 4.8,
    "dsr_service": 4.8,
    "dsr_logistics": 4.8,
}


class ShopSettings(_Strict):
    """Every rule of a shop that changes a number. ``--set NAME=VALUE`` sets one field.

    A number with a title has a field of its own on the settings page, within its bounds.
    """

    time_zone: str = "Asia/Shanghai"
    #: What all amounts are in (ISO 4217); "" until files or somebody say it. Changing it converts
    #: nothing: it says what the amounts are.
    currency: str = ""
    #: When agents are at work; figures of the platform use 08:00-23:00 whatever stands here.
    working_hours: tuple[WorkingBlock, ...] = (WorkingBlock(),)
    #: A robot's reply answers a buyer for the reply rate (never for response times).
    robot_counts_as_reply: bool = True
    #: Conversations of these buyers (advertisers, internal accounts) are left out everywhere.
    filtered_buyers: tuple[str, ...] = ()
    #: Senders named here are robots although the file calls them agents.
    robot_agents: tuple[str, ...] = ()
    #: Whoever is listed here serves, also where a chat file leaves it open.
    agents: tuple[AgentName, ...] = ()
    #: A buyer who paid within so many days before writing comes for after-sale, not to buy.
    after_sale_days: Annotated[
        int,
        Field(
            ge=0,
            le=90,
            title=_("After-sale window (days)"),
            description=_("A buyer who paid within so many days before writing is no inquiry."),
        ),
    ] = 21
    #: The platform closes an order by itself that is not paid after so long (guide: Tmall 24).
    unpaid_close_hours: Annotated[
        int,
        Field(
            ge=1,
            le=240,
            title=_("Hours until an unpaid order closes by itself"),
            description=_("For the work list of orders that are not paid."),
        ),
    ] = 24
    #: Same-day shipping: an order paid at this hour or later is due the next day.
    shipping_cutoff_hour: Annotated[
        int,
        Field(
            ge=0,
            le=23,
            title=_("Same-day shipping: cut-off hour"),
            description=_("An order paid at this hour or later is due the next day."),
        ),
    ] = 16
    #: Which cohort outcome heads the page.
    conversion_window: ConversionWindow = "final"
    attribution: Attribution = "order_first"
    #: Unit price: subtract successful refunds and count only buyers with money left.
    unit_price_without_refunded: bool = False
    #: Per refund reason that the built-in table lacks or places otherwise.
    refund_reasons: dict[str, ReasonClass] = {}
    #: "days" = 180 days; "months" = six calendar months.
    dsr_window: Literal["days", "months"] = "days"
    #: Ratings leave the window by the day they were given, or by the day the trade ended.
    dsr_day: Literal["rated", "trade"] = "rated"
    targets: dict[str, float] = DEFAULT_TARGETS
    #: Score a campaign demands of every dimension, such as 4.6.
    campaign_gates: tuple[float, ...] = (4.5, 4.6)
    industry: dict[str, Industry] = {}
    campaigns: tuple[Campaign, ...] = ()
    #: Buyers' names are shown in full only where this is set, never on the shared screen.
    mask_buyers: bool = True
    mask_agents_on_wall: bool = False

    @property
    def serving(self) -> tuple[str, ...]:
        """The accounts that the shop calls its agents."""
        return tuple(agent.account for agent in self.agents)

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, zone: str) -> str:
        if zone not in time_zones():
            raise ValueError(f"unknown time zone {zone!r}; write it like Asia/Shanghai")
        return zone

    @field_validator("currency")
    @classmethod
    def _currency_exists(cls, code: str) -> str:
        if code and not is_currency(code):
            raise ValueError(f"unknown currency {code!r}; write its ISO code like EUR")
        return code

    @field_validator("industry")
    @classmethod
    def _industry_names_a_dimension(cls, industry: dict[str, Industry]) -> dict[str, Industry]:
        if unknown := set(industry) - set(DSR_DIMENSIONS):
            raise ValueError(f"no DSR dimension {sorted(unknown)}; use {list(DSR_DIMENSIONS)}")
        return industry

    @property
    def paid_in(self) -> str:
        """The currency in which amounts are told, where nothing names one the default."""
        return self.currency or DEFAULT_CURRENCY


def changed(settings: ShopSettings, changes: Sequence[str]) -> ShopSettings:
    """Settings with ``NAME=VALUE`` applied; a value is JSON, or else text.

    Raises:
        ValueError: A name is unknown or a value does not fit; the sentence says which.

    >>> changed(ShopSettings(), ["after_sale_days=7"]).after_sale_days
    7
    """
    fields = settings.model_dump(mode="json")
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or name not in fields:
            raise ValueError(f"{change!r}: write NAME=VALUE with one of {list(fields)}")
        try:
            fields[name] = json.loads(text)
        except ValueError:
            fields[name] = text
    try:
        return ShopSettings.model_validate(fields)
    except ValidationError as error:
        told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ValueError("; ".join(told)) from error
