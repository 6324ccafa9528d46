"""What fills the terminal: the call, and the dialogs over it."""
