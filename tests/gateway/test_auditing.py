"""What people did, as it was journaled."""

from pathlib import Path

from gateway.auditing import acts
from tests.gateway.web.bench import bench
from wcs.names import Barcode, DeviceId
from wcs.observations import DeviceModeSet, DeviceReplaced, Scanned


async def test_acts_of_people_with_name_and_answer(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        await desk.site()
        at, scale, sorter = desk.now(), DeviceId("scale1"), DeviceId("sorter1")
        await desk.tell(DeviceModeSet(device=sorter, mode="observe", by="anna", at=at))
        binding: dict[str, str | int] = {"host": "10.0.0.9"}
        await desk.tell(
            DeviceReplaced(device=scale, binding=binding, found="weighs", by="bo", at=at)
        )
        await desk.tell(Scanned(scanner=scale, codes=(Barcode("X"),), by="cy", at=at))
        rows = acts(conn)
        assert [(row["by"], row["act"]) for row in rows] == [
            ("bo", "DeviceReplaced"),
            ("anna", "DeviceModeSet"),
            ("test", "SiteChanged"),
        ]
        assert rows[0]["what"] == 'device scale1, binding {"host": "10.0.0.9"}, found weighs'
        assert rows[2]["what"] == "site Wedge demo warehouse"
        assert [row["by"] for row in acts(conn, device="sorter1")] == ["anna"]
