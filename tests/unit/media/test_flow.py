from woxly_tui.media.flow import (
    FRESH,
    NEEDLESS_S,
    WAIT_SAMPLES,
    FlowReading,
    Flows,
    brings_sound,
)
from woxly_tui.types import Identity, Seconds

ANN = Identity("ann")
OWNERS = {"one": ANN}
NOW = Seconds(1)


def reading(packets: int, samples: int, made_up: int = 0) -> FlowReading:
    return FlowReading(packets, samples, made_up)


def test_packets_that_are_played_are_sound() -> None:
    assert brings_sound(reading(1, 0), reading(2, 960))


def test_what_is_pulled_without_a_packet_is_none() -> None:
    assert not brings_sound(reading(5, 0), reading(5, 48000))


def test_packets_that_nobody_pulls_are_none() -> None:
    assert not brings_sound(reading(1, 960), reading(50, 960))


def test_what_is_mostly_made_up_is_none() -> None:
    assert brings_sound(reading(1, 0), reading(9, 48000, 24000))
    assert not brings_sound(reading(1, 0), reading(2, 48000, 47000))


def test_sound_flows_from_the_second_look_on_and_for_a_while_after_the_last_packet() -> None:
    flows = Flows()
    flows.look({"one": reading(1, 480)}, OWNERS, Seconds(10), plays=True)
    assert not flows.flows(ANN, Seconds(10))
    flows.look({"one": reading(9, 4800)}, OWNERS, Seconds(11), plays=True)
    assert flows.flows(ANN, Seconds(11))
    flows.look({"one": reading(9, 9600)}, OWNERS, Seconds(12), plays=True)
    assert flows.flows(ANN, Seconds(11 + FRESH - 0.1))
    assert not flows.flows(ANN, Seconds(11 + FRESH))


def test_who_has_no_stream_any_more_is_forgotten() -> None:
    flows = Flows()
    flows.look({"one": reading(1, 480)}, OWNERS, Seconds(10), plays=True)
    flows.look({"one": reading(9, 4800)}, OWNERS, Seconds(11), plays=True)
    flows.look({}, {}, Seconds(11.1), plays=True)
    assert not flows.flows(ANN, Seconds(11.1))


def waiting(samples: int, waited_s: float, wanted_s: float = 0.02) -> FlowReading:
    """A stream each of whose samples waited that long."""
    return FlowReading(1, samples, 0, samples * waited_s, samples * wanted_s, samples)


def flows_of(*readings: FlowReading) -> Flows:
    flows = Flows()
    for at_s, one in enumerate(readings):
        flows.look({"one": one}, OWNERS, Seconds(at_s), plays=True)
    return flows


def test_a_wait_is_needless_where_it_is_longer_than_the_jitter_asks_for() -> None:
    nothing = waiting(0, 0.0)
    assert flows_of(nothing, waiting(WAIT_SAMPLES, 0.03)).waits_needlessly(ANN, NOW)
    enough = waiting(WAIT_SAMPLES, 0.0201 + NEEDLESS_S)
    assert flows_of(nothing, enough).waits_needlessly(ANN, NOW)
    assert not flows_of(nothing, waiting(WAIT_SAMPLES, 0.02)).waits_needlessly(ANN, NOW)
    assert not flows_of(nothing, waiting(WAIT_SAMPLES, 0.05, 0.05)).waits_needlessly(ANN, NOW)


def test_a_wait_is_measured_over_enough_of_sound_and_since_the_last_figure() -> None:
    first, second = waiting(0, 0.0), waiting(WAIT_SAMPLES - 1, 0.03)
    assert not flows_of(first, second).waits_needlessly(ANN, NOW)
    late = waiting(WAIT_SAMPLES, 0.03)
    soon = FlowReading(9, 0, 0, late.waited_s, late.wanted_s + 500, 2 * WAIT_SAMPLES)
    assert not flows_of(first, late, soon).waits_needlessly(ANN, NOW)
    stale = flows_of(first, late, late)
    assert stale.waits_needlessly(ANN, NOW)
    assert not stale.waits_needlessly(ANN, Seconds(NOW + FRESH))


def test_counters_that_begin_anew_are_counted_from_there() -> None:
    late = waiting(WAIT_SAMPLES, 0.03)
    anew = flows_of(waiting(0, 0.0), late, waiting(10, 0.02), waiting(10 + WAIT_SAMPLES, 0.02))
    assert not anew.waits_needlessly(ANN, NOW)


def test_of_two_streams_all_that_flow_are_to_wait() -> None:
    flows = Flows()
    owners = {"one": ANN, "two": ANN}
    first, late, good = waiting(0, 0.0), waiting(WAIT_SAMPLES, 0.03), waiting(WAIT_SAMPLES, 0.02)
    flows.look({"one": first, "two": first}, owners, NOW, plays=True)
    flows.look({"one": late, "two": first}, owners, NOW, plays=True)
    assert flows.waits_needlessly(ANN, NOW)
    flows.look({"one": late, "two": good}, owners, NOW, plays=True)
    assert not flows.waits_needlessly(ANN, NOW)


def test_a_stream_that_is_gone_waits_no_more_and_is_nobody_else_s() -> None:
    flows = flows_of(waiting(0, 0.0), waiting(WAIT_SAMPLES, 0.03))
    assert not flows.waits_needlessly(Identity("bob"), NOW)
    flows.look({}, {}, Seconds(9), plays=True)
    assert not flows.waits_needlessly(ANN, NOW)
