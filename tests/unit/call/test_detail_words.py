from woxly_tui.call.detail_words import detail_pairs, detail_words


def test_what_was_not_measured_is_a_dash_and_missing_in_a_line() -> None:
    assert set(dict(detail_pairs({})).values()) == {"–"}
    assert detail_words({}) == "nothing measured"
    assert detail_words({"loss_percent": 0.0, "codec": "opus"}) == "loss 0.0 %, codec opus"
