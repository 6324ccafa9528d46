"""Between front ends and the engine: messages, their codec, and the clients that speak it."""
