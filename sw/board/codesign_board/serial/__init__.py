"""The serial link: packets, their repetition, and the port that they go through."""
