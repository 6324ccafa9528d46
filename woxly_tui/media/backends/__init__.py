"""Where sound comes from and goes to: native devices, or none."""
