"""How `make app` serves the drawing pad: to this machine, and to so many guests.

Voilà reads this file by its name. Each page that is opened gets a Python of its own,
of some 300 MB, and with it a pad and a test set that no other guest sees. Unwatched,
any web page in any browser could open as many as it likes.
"""

from jupyter_server import CallContext
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer

IDLE = 300  # seconds until the Python of a page ends whose goodbye was lost


class Guests(AsyncMappingKernelManager):
    """Kernels for pages that a person opened, up to a number."""

    most = Integer(6, config=True, help="pages open at a time")
    arriving = 0  # kernels that are starting and not counted yet

    async def start_kernel(self, **options):
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        purpose = handler.request.headers.get("Sec-Fetch-Dest", "document")
        if purpose != "document" or not handler.check_origin():
            raise HTTPError(403, reason="Blocked: open the pad in a tab of its own")
        if len(self) + self.arriving >= self.most:
            raise HTTPError(503, reason="All pads are in use, try again later")
        self.arriving += 1
        try:
            return await super().start_kernel(**options)
        finally:
            self.arriving -= 1


c = get_config()  # noqa: F821 - traitlets gives it
c.Voila.ip = "127.0.0.1"
c.Voila.port = 8866
c.Voila.port_retries = 0
c.Voila.log_level = "ERROR"
c.Voila.tornado_settings = {"allow_remote_access": False}  # no Host but this machine
c.VoilaConfiguration.multi_kernel_manager_class = Guests
c.MappingKernelManager.cull_idle_timeout = IDLE
c.MappingKernelManager.cull_interval = IDLE // 10
