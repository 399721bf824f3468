"""Case studies: what happened, with sources, and a market that replays it; and a smile as it was quoted.

Each CSV file in ``data/`` opens with its provenance: lines ``# name: value`` that state the source, the licence,
the columns and the SHA-256 digest of everything below them.
"""

from hedgelab.cases.flash_crash import FlashCrash2010, flash_crash_2010
from hedgelab.cases.march import March2020, march_2020
from hedgelab.cases.october import October1987, october_1987
from hedgelab.cases.reconstruction import Reconstruction
from hedgelab.cases.records import DATA, Case, CaseDataError, read
from hedgelab.cases.smiles import QuotedSmile, apple_smile

__all__ = [
    "Case",
    "CaseDataError",
    "DATA",
    "FlashCrash2010",
    "March2020",
    "October1987",
    "QuotedSmile",
    "Reconstruction",
    "apple_smile",
    "flash_crash_2010",
    "march_2020",
    "october_1987",
    "read",
]
