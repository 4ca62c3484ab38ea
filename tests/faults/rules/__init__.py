"""The rules: what tills and owners do, and every way in which the system is hurt. Importing this fills `RULES`."""

from tests.faults.rules import input as input
from tests.faults.rules import losses as losses
from tests.faults.rules import network as network
from tests.faults.rules import points as points
from tests.faults.rules import processes as processes
from tests.faults.rules import servers as servers
from tests.faults.rules import shop as shop
