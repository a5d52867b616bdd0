"""One file per operator of the leaf; a new file is found by itself."""
