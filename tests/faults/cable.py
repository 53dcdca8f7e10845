"""A serial cable that can be pulled: a pseudo terminal behind a link, as udev names ports."""

import os
import tty
from pathlib import Path


class Cable:
    def __init__(self, node: Path) -> None:
        self.node = node
        self.plug_in()

    def plug_in(self) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.node.symlink_to(os.ttyname(self._theirs))

    @property
    def fd(self) -> int:
        """Our end."""
        return self._ours

    def unplug(self) -> None:
        self.node.unlink()
        os.close(self._theirs)
        os.close(self._ours)

    def renamed(self, node: Path) -> None:
        """Plugged in at another socket."""
        self.node = node
        self.plug_in()

    def sends(self, data: bytes) -> None:
        """Waits in a full buffer until the other side reads."""
        while data:
            data = data[os.write(self._ours, data) :]

    def close(self) -> None:
        if self.node.is_symlink():
            self.unplug()
