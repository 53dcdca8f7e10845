"""What one long run came to: a line for whoever watches, and why it failed."""

from dataclasses import dataclass, field
from time import monotonic


@dataclass(slots=True)
class Run:
    """`facts` are shown in the line; a run with `reasons` failed."""

    name: str
    facts: dict[str, object] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    @property
    def passed(self) -> bool:
        return not self.reasons

    def tell(self) -> None:
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        word = "passed" if self.passed else "FAILED"
        print(f"{word} {self.name} in {monotonic() - self.began:.0f} s: {facts}", flush=True)
        for reason in self.reasons:
            print(f"    {reason}", flush=True)
