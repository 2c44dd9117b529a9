"""One module for each subject. Importing them registers their scenarios, in the order of the table."""
from scenarios import pipes  # noqa: F401, I001
from scenarios import library  # noqa: F401
from scenarios import latency  # noqa: F401
from scenarios import durability  # noqa: F401
from scenarios import startup  # noqa: F401
from scenarios import partitions  # noqa: F401
from scenarios import idle  # noqa: F401
from scenarios import hostile  # noqa: F401
from scenarios import seek  # noqa: F401
from scenarios import clients  # noqa: F401
from scenarios import rdkafka  # noqa: F401
from scenarios import compression  # noqa: F401
from scenarios import metadata  # noqa: F401
from scenarios import stall  # noqa: F401
from scenarios import replicas  # noqa: F401
