"""The broker of the embedded portal: Celery messages as files in a folder, each whole from its first moment on."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's channel, but a message appears by a rename.

    kombu opens the file under its final name and writes afterwards: a worker that looks in between takes an
    empty message, loses it and ends (celery/kombu issue 1551).
    """

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        """Put a message into the queue. Raises ``OSError``, which whoever queues takes for a broker that is away."""
        final = Path(self.data_folder_out, f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg")
        part = final.with_suffix(".part")  # no reader looks for this name
        part.write_text(dumps(payload), encoding="utf-8")
        os.replace(part, final)


class Transport(filesystem.Transport):
    """kombu's transport by files, with whole messages."""

    Channel = Channel
