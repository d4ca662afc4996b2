"""The embedded broker: a reader beside a writer never meets half a message."""

from __future__ import annotations

import os
import threading

from kombu import Connection, Queue

from ipas_portal import broker
from ipas_portal.settings import demo

QUEUE = Queue("work", routing_key="work")


def connect(folder):
    for name in ("queue", "control"):
        (folder / name).mkdir(exist_ok=True)
    return Connection(
        "filesystem://",
        transport="ipas_portal.broker:Transport",
        transport_options={
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
        },
    )


def test_the_demo_uses_it():
    assert f"{broker.Transport.__module__}:{broker.Transport.__qualname__}" == demo.CELERY_BROKER_TRANSPORT


def take(queue, **how):
    """The next message's content, acknowledged: others would lie in the folder again at the end."""
    message = queue.get(**how)
    message.ack()
    return message.payload


def test_messages_come_out_whole_and_leave_nothing(tmp_path):
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue(QUEUE)
        for number in range(3):
            queue.put({"number": number, "words": "補助"})
        got = [take(queue, block=False) for _ in range(3)]
    assert sorted(one["number"] for one in got) == [0, 1, 2]
    assert {one["words"] for one in got} == {"補助"}
    assert not list((tmp_path / "queue").iterdir())


def test_a_reader_between_opening_and_writing_finds_nothing(tmp_path, monkeypatch):
    """Whoever looks while a message is being written sees an empty queue, not an empty message."""
    seen = []
    replace = os.replace

    def look_first(source, target):
        with connect(tmp_path) as other:
            queue = other.SimpleQueue(QUEUE)
            try:
                seen.append(take(queue, block=False))
            except queue.Empty:
                seen.append(None)
        replace(source, target)

    monkeypatch.setattr(broker.os, "replace", look_first)
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue(QUEUE)
        queue.put({"number": 1})
        assert seen == [None]
        assert take(queue, block=False) == {"number": 1}


def test_a_busy_reader_gets_every_message_of_two_writers(tmp_path):
    def write(start):
        with connect(tmp_path) as connection:
            queue = connection.SimpleQueue(QUEUE)
            for number in range(start, start + 100):
                queue.put({"number": number})

    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue(QUEUE)
        writers = [threading.Thread(target=write, args=(start,)) for start in (0, 100)]
        for writer in writers:
            writer.start()
        got = {take(queue, timeout=30)["number"] for _ in range(200)}
        for writer in writers:
            writer.join()
    assert got == set(range(200))
