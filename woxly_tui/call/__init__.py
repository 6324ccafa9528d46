"""What a call is: pure logic and the snapshot everyone draws. No I/O, no clock of its own."""
