"""AWS itself: a moto server, whose state lives in memory only."""

import sys
from typing import final

import httpx

from analysis.stackfiles import ROOT
from local.backends.wait import until_ready
from local.layout import StackLayout
from local.loopback import loopback_client
from local.processes.child import Child, Command
from local.processes.ports import free_port
from local.processes.supervisor import Supervisor


@final
class Moto:
    """The moto server of one environment."""

    def __init__(self, stack: StackLayout, supervisor: Supervisor) -> None:
        self._stack = stack
        self._supervisor = supervisor
        self._log = stack.logs / "moto.log"
        self._port = free_port()
        self._child: Child | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        """Endpoint of every AWS service."""

    async def start(self) -> None:
        """Start it and wait until it answers. It is never restarted: its state would be gone."""
        command = Command(
            argv=(sys.executable, "-m", "local.backends.moto_server", "-H", "127.0.0.1", "-p", str(self._port)),
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self._stack.dir),
                "PYTHONUNBUFFERED": "1",
                "LOCAL_DATABASES": str(self._stack.postgres),
                "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
                "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # nothing here starts an instance
            },
            cwd=ROOT,
        )
        self._child = await Child.start(command, log=self._log, registry=self._stack.children)
        self._supervisor.watch("moto", self._child, self._log, restart=None)
        await until_ready("moto", self._answers, log=self._log, child=self._child)

    async def _answers(self) -> bool:
        async with loopback_client(2) as client:
            try:
                return (await client.get(f"{self.url}/moto-api/data.json")).is_success
            except httpx.HTTPError:
                return False

    async def stop(self) -> None:
        """Stop it; what it holds is gone."""
        if self._child:
            await self._child.stop(grace=3)
