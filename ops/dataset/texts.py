"""What is said: sentences of a language, their gaps filled, now and then longer or with a smile."""

from __future__ import annotations

from string import Formatter

from ops.dataset.drawing import Dice
from ops.dataset.words.language import Language, Topic

EMOJI = ("🙂", "👍", "😀", "🙏", "😅", "😡", "🎉", "❤️", "😢", "🤔")
WITH_EMOJI = 0.04
"""The share of messages with an emoji."""

LONG = 0.01
LONG_SENTENCES = (12, 60)
"""One message in a hundred is long: so many sentences, most of them over a kilobyte."""

BRIEF = 0.35
"""The share of later messages that need no topic, such as thanks."""

CODES = 2_000
"""Products have one of so many codes, the first most often."""

_CODES = tuple(f"{chr(65 + n % 26)}-{100 + n * 7 % 900}{n // 900 or ''}" for n in range(CODES))

Template = tuple[tuple[str, str | None], ...]


def _template(sentence: str) -> Template:
    return tuple((text, gap) for text, gap, _, _ in Formatter().parse(sentence))


class Texts:
    """Draws texts. ``order`` is the number of the order that a conversation is about."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._templates: dict[str, Template] = {}

    def opening(self, language: Language, topic: Topic, order: str) -> str:
        """The visitor's first words."""
        return self._said(language, topic.asks, topic.tells, order)

    def further(self, language: Language, topic: Topic, order: str) -> str:
        """The visitor's later words."""
        if self._dice.chance(BRIEF):
            return self._smiling(self._dice.often(language.brief))
        return self._said(language, topic.tells, topic.asks, order)

    def answer(self, language: Language, topic: Topic, order: str) -> str:
        """An agent's words."""
        return self._said(language, topic.answers, topic.answers, order)

    def sentence(self, language: Language, sentences: tuple[str, ...], order: str) -> str:
        """One of these sentences, as it is."""
        return self._filled(language, self._dice.often(sentences), order)

    def _said(
        self, language: Language, first: tuple[str, ...], then: tuple[str, ...], order: str
    ) -> str:
        said = self._filled(language, self._dice.often(first), order)
        if self._dice.chance(LONG):
            more = range(self._dice.number(*LONG_SENTENCES))
            said = language.join.join(
                [said, *(self._filled(language, self._dice.one_of(then), order) for _ in more)]
            )
        return self._smiling(said)

    def _smiling(self, said: str) -> str:
        return f"{said} {self._dice.often(EMOJI)}" if self._dice.chance(WITH_EMOJI) else said

    def _filled(self, language: Language, sentence: str, order: str) -> str:
        template = self._templates.get(sentence)
        if template is None:
            template = self._templates[sentence] = _template(sentence)
        said = []
        for text, gap in template:
            said.append(text)
            if gap is not None:
                said.append(order if gap == "order" else self._filler(language, gap))
        return "".join(said)

    def _filler(self, language: Language, gap: str) -> str:
        dice = self._dice
        match gap:
            case "product":
                return self.product(language)
            case "detail":
                return dice.often(language.details)
            case "number":
                return str(dice.number(2, 30))
            case "city":
                return dice.often(language.cities)
            case "weekday":
                return dice.one_of(language.weekdays)
            case "amount":
                return self._amount(language)
        raise AssertionError(f"nothing fills {gap}")

    def product(self, language: Language) -> str:
        """What a product is called."""
        dice, blank = self._dice, language.join
        name = f"{dice.often(language.materials)}{blank}{dice.often(language.things)}"
        return f"{name}{blank}{dice.often(_CODES)}" if dice.chance(0.3) else name

    def _amount(self, language: Language) -> str:
        whole = int(self._dice.spread(60, 2.5)) + 1
        return f"{whole}元" if language.name == "zh" else f"€{whole}.90"


def order_number(dice: Dice) -> str:
    """The number of an order."""
    return f"{chr(65 + dice.number(0, 25))}{dice.number(10_000_000, 99_999_999)}"
