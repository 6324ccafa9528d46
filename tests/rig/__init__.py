"""A call from outside: devices, an SFU, listeners and talkers that share no code with woxly.

    mouth ──pacat──► sink ──monitor──► source ──► woxly under test ──► sink ──monitor──► ear
                       │                                                          │
                       └────────── parec: `said` ──── compared with ──── parec: `heard`

`tests/live` judges calls with it, `bench` times them.
"""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The checkout."""
