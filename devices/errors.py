"""What can go wrong with a device: one class per reaction; the words are for a person."""


class DeviceError(Exception):
    """A device did not do its part. The supervisor closes the session and tries again."""

    def __init__(self, device: str, problem: str, *, hint: str = "") -> None:
        super().__init__(f"{device}: {problem}" + (f" ({hint})" if hint else ""))
        self.device = device
        self.problem = problem


class Unreachable(DeviceError):
    """No answer, or the line dropped. Worth retrying for ever, slower each time."""


class Refused(DeviceError):
    """The device answered, and the answer was no. Asking again would change nothing."""
