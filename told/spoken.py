"""Words and figures in a given language, for what has no browser session to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from metrics.catalog import BY_ID
from metrics.kit.metric import Unit
from metrics.views.health.families import NAMES, SCORES
from metrics.views.health.sentences import KNOWN, sentence
from told import language
from told.language import Language
from told.tables import DIGITS, Kind


@dataclass(frozen=True)
class Spoken:
    """One language and one shop's currency: calling it translates a message; the rest writes
    figures.
    """

    language: Language
    #: Code of ISO 4217.
    currency: str

    def __call__(self, message: str) -> str:
        return language.translator(self.language)(message)

    def figure(self, value: float | None, unit: Unit, /) -> str:
        """A metric's value with its unit; a dash where there is none."""
        match unit:
            case "share":
                return language.percent(value, self.language)
            case "seconds":
                return language.duration(value, self.language)
            case "money":
                return self.money(value)
            case "score" | "pieces" | "per_message":
                return language.number(value, self.language, digits=2)
            case "buyer_days":
                return language.number(value, self.language)

    def money(self, amount: float | None) -> str:
        """An amount with its sign; a dash where there is none."""
        return language.money(amount, self.language, self.currency)

    @property
    def sign(self) -> str:
        """The currency's sign, for headings."""
        return language.currency_sign(self.currency, self.language)

    @property
    def money_kind(self) -> Kind:
        """How a column of amounts is written."""
        return "money" if language.has_decimals(self.currency) else "count"

    def difference(self, value: float | None, unit: Unit, /) -> str:
        """A change with its sign: points for shares, thousandths of a star for scores."""
        if value is None:
            return language.DASH
        size = self._size(abs(value), unit)
        # What is rounded to nothing has no direction.
        sign = "±" if size == self._size(0.0, unit) else "+" if value > 0 else "−"
        return sign + size

    def _size(self, size: float, unit: Unit) -> str:
        _ = self
        match unit:
            case "share":
                points = language.number(100 * size, self.language, digits=1)
                return _("{points} points").format(points=points)
            case "score":
                return language.number(size, self.language, digits=4)
            case _:
                return self.figure(size, unit)

    def count(self, value: float | None) -> str:
        """A count with grouping."""
        return language.number(value, self.language)

    def day(self, value: date | None, *, width: str = "medium") -> str:
        """A date."""
        return language.day(value, self.language, width=width)

    def brief_day(self, value: date | None) -> str:
        """A date without its year."""
        return language.DASH if value is None else language.brief_day(value, self.language)

    def metric_name(self, metric_id: str) -> str:
        """The metric's name."""
        return self(BY_ID[metric_id].name)

    def axis(self, metric_id: str) -> tuple[str, str]:
        """Axis title with its unit, and the d3 format of ticks and hover."""
        _, name = self, self.metric_name(metric_id)
        match BY_ID[metric_id].unit:
            case "share":
                return _("{name} (%)").format(name=name), ".1%"
            case "seconds":
                return _("{name} (seconds)").format(name=name), ",.0f"
            case "money":
                title = _("{name} ({currency})").format(name=name, currency=self.sign)
                return title, f",.{DIGITS[self.money_kind]}f"
            case "score":
                return _("{name} (stars)").format(name=name), ".3f"
            case "pieces":
                return _("{name} (pieces)").format(name=name), ".2f"
            case "per_message":
                return _("{name} (per buyer message)").format(name=name), ".2f"
            case "buyer_days":
                return _("{name} (buyer-days)").format(name=name), ",.0f"

    def family_name(self, family: str) -> str:
        """What a family of metrics is called."""
        return self(NAMES[family])  # type: ignore[index]

    def sentence(self, verdict: Mapping[str, Any]) -> str:
        """Why a verdict of ``metrics.views.health.verdicts`` is what it is, with the numbers."""
        unit = BY_ID[verdict["metric"]].unit
        figures = {name: verdict[name] for name in ("value", "before", "recent", "target")}
        shown = {name: self.figure(value, unit) for name, value in figures.items()}
        if verdict["family"] in SCORES and verdict["value"] is not None:
            shown["value"] = self._score_told(verdict["value"], verdict["target"])
        said = self(sentence(verdict)).format(
            when=self._when(verdict), since=self.brief_day(verdict["changed"]), **shown
        )
        if verdict["known_until"] is None:
            return said
        return self(KNOWN).format(until=self.brief_day(verdict["known_until"]), said=said)

    def _score_told(self, score: float, target: float | None) -> str:
        """A score with as many digits as tell it from its target."""
        written = [
            [language.number(value, self.language, digits=digits) for value in (score, target)]
            for digits in (2, 3, 4)
        ]
        return next((text for text, goal in written if text != goal), written[0][0])

    def _when(self, verdict: Mapping[str, Any]) -> str:
        """The days that a verdict's value is of."""
        _, first, day = self, verdict["first"], verdict["day"]
        if day is None:
            return ""
        if verdict["changed"] is not None and verdict["changed"] == first:
            return _("since {day}").format(day=self.brief_day(first))
        if first == day:
            return _("on {day}").format(day=self.brief_day(day))
        return _("in the {n} days to {day}").format(
            n=(day - first).days + 1, day=self.brief_day(day)
        )
