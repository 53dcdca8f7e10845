"""What a scale's lines mean: a carton, a carton that could not be weighed, or something wrong with
the scale itself. Pure: lines and times in, words out."""

from dataclasses import dataclass
from typing import Final

from devices.map.schema import Scale
from devices.scale.mt_sics import NoWeight, Said, Weight

PROBLEMS: Final = {
    "overload": "overload: take off what lies on it",
    "underload": "underload: put its pan back, or press zero while it is empty",
    "error": "it reports a fault of its own: look at its display",
}
_IN_GRAMS: Final = {"g": 1.0, "kg": 1000.0}


@dataclass(frozen=True, slots=True)
class Carton:
    grams: int


@dataclass(frozen=True, slots=True)
class Unweighed:
    """Something was on the scale and its weight is not known."""

    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """problem: what is wrong with the scale, in words; empty when nothing is."""

    problem: str


Meaning = Carton | Unweighed | Changed


class Weighing:
    def __init__(self, config: Scale) -> None:
        self._config = config
        self.problem = "not asked yet"
        self._restless_since: float | None = None
        self._given_up = False

    def unasked(self, said: Said, now: float) -> list[Meaning]:
        """A line that the scale sent by itself: only a stable weight is a carton's."""
        match said:
            case Weight(stable=True, grams=grams):
                self._restless_since, self._given_up = None, False
                return [*self._carton(grams), *self._becomes(self._at_rest(grams))]
            case Weight():
                if self._restless_since is None and not self._given_up:
                    self._restless_since = now
                return []
            case NoWeight(why="busy"):
                return []
            case NoWeight(why=why):
                self._restless_since = None
                return [Unweighed(why), *self._becomes(PROBLEMS[why])]
            case _:
                return []

    def answered(self, said: Said) -> list[Meaning]:
        """The answer to a question of ours is never a carton."""
        match said:
            case Weight(stable=True, grams=grams):
                self._given_up = False
                return self._becomes(self._at_rest(grams))
            case NoWeight(why=why) if why in PROBLEMS:
                return self._becomes(PROBLEMS[why])
            case _ if self.problem == "not asked yet":
                return self._becomes("")
            case _:
                return []

    def waited(self, now: float) -> list[Meaning]:
        """To be called now and then: a weight that does not come to rest is given up once."""
        within_s = self._config.stable_timeout_s
        if self._restless_since is None or now - self._restless_since < within_s:
            return []
        self._restless_since, self._given_up = None, True
        return [Unweighed(f"not stable within {within_s:g} s")]

    def _carton(self, grams: int) -> list[Meaning]:
        if abs(grams) <= self._config.empty_below_g:
            return []
        if self._config.range is not None:
            low, high = (end * _IN_GRAMS[self._config.unit] for end in self._config.range)
            if not low <= grams <= high:
                return [Unweighed(f"{grams} g lie outside its range, {low:g} to {high:g} g")]
        return [Carton(grams)] if grams > 0 else [Unweighed(f"{grams} g is below zero")]

    def _at_rest(self, grams: int) -> str:
        """What a stable weight tells of the scale: nothing weighs so little, it is empty."""
        if self._config.zero_within_g < abs(grams) <= self._config.empty_below_g:
            return f"shows {grams} g while it is empty: press zero"
        if grams < -self._config.zero_within_g:
            return PROBLEMS["underload"]
        return ""

    def _becomes(self, problem: str) -> list[Meaning]:
        if problem == self.problem:
            return []
        self.problem = problem
        return [Changed(problem)]
