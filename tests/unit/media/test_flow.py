from woxly_tui.media.flow import FRESH, FlowReading, Flows, brings_sound
from woxly_tui.types import Identity, Seconds

ANN = Identity("ann")
OWNERS = {"one": ANN}


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
