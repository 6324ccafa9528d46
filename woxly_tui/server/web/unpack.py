"""`python -m woxly_tui.server.web.unpack PACKAGE FOLDER`: for whoever builds an image.

Takes livekit-client's script out of npm's package, if that is the one we know.
"""

import sys
from pathlib import Path

from woxly_tui.server.web.client import SCRIPT, ClientMissing, unpacked


def main(words: list[str]) -> int:
    """Unpack one package; returns 1 where it is not the original."""
    package, folder = map(Path, words)
    try:
        (folder / SCRIPT).write_bytes(unpacked(package.read_bytes()))
    except (ClientMissing, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
