"""The page's commands, one after another, as an engineer types them: from the list to the first
divert."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "commissioning.md").read_text()
SCRIPTS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
WITHIN_S = 240.0


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_from_the_list_to_the_first_divert(tmp_path: Path) -> None:
    """In a session of its own, so that what it leaves running ends with it."""
    port = str(_free())
    script = "set -eu\n" + "echo '--'\n".join(SCRIPTS).replace("18088", port)
    here = {**os.environ, "WEDGE": str(ROOT), "PATH": _path(), "PYTHONPATH": str(ROOT)}
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", script, cwd=tmp_path, env=here, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    said = ""
    try:
        async with asyncio.timeout(WITHIN_S):
            while "CartonSorted" not in said:
                assert shell.stdout is not None
                line = await shell.stdout.readline()
                assert line, said
                said += line.decode()
    except TimeoutError:
        pytest.fail(f"not within {WITHIN_S:g} s:\n{said[-2000:]}")
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        await shell.wait()
    for told in ("clean: nothing to complain of", "of the line's time", "<- the map",
                 "sorter1.cmd_lane: reads 2", "refused, as it should be"):  # fmt: skip
        assert told in said, f"{told}\n{said[-3000:]}"
    assert "NO:" not in said and "Traceback" not in said


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def _free() -> int:
    from simulators.free_port import free_port

    return free_port()
