"""The engine: joins the call logic to the media worker, and serves front ends."""
