"""The portal as `weboffice serve portal` runs it, but for what day it takes for today: the last one of the workload.

Usage: portal.py POSTGRES HOME PORT. Pages about today and the last days would else show nothing.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from ops import logs, settings, web
from ops.http import server
from ops.http.bounds import of_machine
from producers.simulator.bulk import END, ZONE
from webapp.app import Portal

NOW = datetime.combine(END - timedelta(days=1), time(15), ZoneInfo(ZONE))


def main() -> None:
    postgres, home, port = sys.argv[1:]
    logs.configure(settings.read({"WEBOFFICE_LOG": "json"}), "portal")
    listening = web.listen("127.0.0.1", int(port))
    portal = Portal(postgres, home=Path(home), public_url=f"http://127.0.0.1:{port}", smtp_url=None, clock=lambda: NOW)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with portal:
            yield

    app = Starlette(routes=portal.routes(), lifespan=lifespan)
    app.state.end_streams = portal.live.close
    server.serve(app, listening, of_machine(), [])


if __name__ == "__main__":
    main()
