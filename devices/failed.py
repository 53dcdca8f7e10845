"""A command that came to nothing, in words for a person."""

from datetime import datetime

from wcs.commands import Command, Divert, MoveDoor, PrintLabel, SendTrip, SetLight, SetMergeLane
from wcs.envelope import Posted
from wcs.observations import CommandFailed


def failed(posted: Posted, reason: str, at: datetime) -> CommandFailed:
    return CommandFailed(
        device=posted.command.device,
        command=posted.id,
        what=describe(posted.command),
        reason=reason,
        at=at,
    )


def describe(command: Command) -> str:
    """Kind and subject: `Divert L00004711 to lane 2`."""
    match command:
        case Divert():
            return f"Divert {command.lpn or f'track {command.track}'} to lane {command.lane}"
        case SetLight(task=None):
            return f"Light {command.light} off"
        case SetLight():
            return f"Light {command.light} for {command.task}"
        case SetMergeLane():
            return f"{'Hold' if command.held else 'Free'} merge lane {command.lane}"
        case MoveDoor():
            return f"{'Open' if command.to == 'open' else 'Close'} {command.device}"
        case PrintLabel():
            return f"Print the label of {command.lpn}"
        case SendTrip():
            return f"Trip {command.trip} with {', '.join(command.lpns)}"
