"""`python -m tests.chaos.kills --minutes 10`: kill at random, check after each kill.

Prints one JSON line per act, and one with the counts at the end.
"""

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.chaos.stage import BACK_LIMIT_S, Stage
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene
from tests.rig.sfu import LiveKitServer, find_binary


class Chaos:
    """Acts on a stage, each followed by a check.

    Args:
        stage: Where.
        dice: What comes next.
    """

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._stage = stage
        self._dice = dice
        self._acts: dict[Callable[[], None], int] = {
            self.mute_by_verb: 4,
            self.mute_by_key: 3,
            self.deafen_by_verb: 2,
            self.kill_a_screen: 3,
            self.close_a_terminal: 2,
            self.kill_the_worker: 3,
            self.kill_the_engine: 2,
            self.kill_screen_and_worker: 1,
        }

    def step(self) -> str:
        """Do one thing and check everything; returns what it was."""
        (act,) = self._dice.choices(list(self._acts), list(self._acts.values()))
        act()
        return act.__name__

    def mute_by_verb(self) -> None:
        stage = self._stage
        stage.wants_muted = not stage.wants_muted
        done = stage.verb("mute", "on" if stage.wants_muted else "off")
        assert done.returncode == 0, done
        stage.check()

    def mute_by_key(self) -> None:
        stage = self._stage
        self._dice.choice(stage.screens).press(b"m")
        stage.wants_muted = not stage.wants_muted
        stage.check()

    def deafen_by_verb(self) -> None:
        stage = self._stage
        stage.wants_deafened = not stage.wants_deafened
        done = stage.verb("deafen", "toggle")
        assert done.returncode == 0, done
        stage.check()

    def kill_a_screen(self) -> None:
        index = self._dice.randrange(len(self._stage.screens))
        self._stage.screens[index].kill()
        self._stage.listen(is_open=self._stage.word == "LIVE")
        self._stage.another_screen(index)
        self._stage.check()

    def close_a_terminal(self) -> None:
        index = self._dice.randrange(len(self._stage.screens))
        self._stage.screens[index].hang_up()
        self._stage.another_screen(index)
        self._stage.check()

    def kill_the_worker(self) -> None:
        self._stage.kill_worker()
        self._stage.check(BACK_LIMIT_S)

    def kill_screen_and_worker(self) -> None:
        stage = self._stage
        index = self._dice.randrange(len(stage.screens))
        stage.kill_worker()
        stage.screens[index].kill()
        stage.another_screen(index)
        stage.check(BACK_LIMIT_S)

    def kill_the_engine(self) -> None:
        stage = self._stage
        stage.kill_engine()
        told = stage.verb("status")
        assert "died" in told.stdout + told.stderr, told
        if self._dice.random() < 0.5:
            done = stage.verb("rejoin")
            assert done.returncode == 0, done
        for screen in stage.screens:
            screen.press(b"r")
        stage.check(BACK_LIMIT_S)


def run(minutes: float, seed: int, report: Callable[[str], None]) -> Counter[str]:
    """Kill for that long; returns how often what was done.

    Raises:
        AssertionError: Something was not as it has to be.
    """
    dice = random.Random(seed)
    done: Counter[str] = Counter()
    sfu, sound = LiveKitServer(find_binary()), SoundServer(["ann"])
    with tempfile.TemporaryDirectory(prefix="chaos-") as home:
        try:
            sfu.start()
            sound.start()
            with Scene(sfu, sound) as scene:
                stage = Stage(scene, Path(home))
                try:
                    stage.check()
                    chaos = Chaos(stage, dice)
                    start_s = time.monotonic()
                    while time.monotonic() < start_s + minutes * 60:
                        began_s = time.monotonic()
                        act = chaos.step()
                        done[act] += 1
                        took_s = round(time.monotonic() - began_s, 1)
                        report(json.dumps({"act": act, "state": stage.word, "took_s": took_s}))
                finally:
                    stage.close()
        finally:
            sound.close()
            sfu.close()
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    done = run(args.minutes, args.seed, lambda line: print(line, flush=True))  # noqa: T201 - its output
    print(json.dumps({"seed": args.seed, "acts": done.total(), **done}))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
