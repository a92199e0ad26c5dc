"""The sensitivity family of an analysis: other designs, hidden bias, errors of links, and a negative control (design 3.5)."""

from datalab.sensitivity.designs import with_national
from datalab.sensitivity.examine import examine
from datalab.sensitivity.family import FAMILY, LinkErrors, Variation
from datalab.sensitivity.linkage import examined, with_relinked

__all__ = ["FAMILY", "LinkErrors", "Variation", "examine", "examined", "with_national", "with_relinked"]
