"""Who gets which partitions, where the leader of the group does not know all there is to know."""

from __future__ import annotations

import subprocess
import sys

import pytest

from streams.crash import STALLED

_PROGRAM = """
from aiokafka.cluster import ClusterMetadata
from streams.app import make_app
from streams.lag import Progress

app = make_app("group", "127.0.0.1:9", "topic", None, Progress("project"))
members = {"member": app.assignor.metadata({"topic"})}
app.assignor.assign(ClusterMetadata(), members)
"""


@pytest.mark.usefixtures("programs")
def test_a_leader_that_does_not_know_the_topic_ends_instead_of_assigning_nothing() -> None:
    """A broker that has just come back names no topics for a moment: the group would be settled, and stand for ever."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True)
    assert done.returncode == STALLED, done.stderr
    assert "TopicUnknown" in done.stdout + done.stderr
