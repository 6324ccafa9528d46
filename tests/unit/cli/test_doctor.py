"""The report as JSON holds no more than what is pasted."""

import json

from woxly_tui.cli.doctor import _report_json
from woxly_tui.doctor.examine import Report
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.redact import Redactor


def test_names_and_addresses_are_out_of_it_and_figures_are_in() -> None:
    finding = Finding(
        "echo call", Status.BAD, "ines at 192.0.2.7 was refused", "ask zoe", {"rtt_ms": 7.0}
    )
    report = Report({"network": [finding]})
    told = json.loads(_report_json(report, Redactor(["ines", "zoe"]).clean))
    (row,) = told["sections"]["network"]
    assert row["evidence"] == "<private> at <address> was refused"
    assert row["remedy"] == "ask <private>"
    assert row["figures"] == {"rtt_ms": 7.0}
    assert "ines" not in str(told["complaints"])
