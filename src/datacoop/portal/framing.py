"""Pages that stand by themselves or in a frame of another site (docs/embedding.md)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Framing:
    """Whether a form stands on a page of ours or in a frame on another site, and where it is sent."""

    address: str
    framed: bool = False

    @property
    def around(self) -> str:
        """The template round it."""
        return "portal/correcting/frame.html" if self.framed else "portal/base.html"
