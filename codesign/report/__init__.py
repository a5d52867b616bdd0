"""What a build leaves to read and to look at."""
