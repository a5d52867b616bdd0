"""One file per operator of the IntegerGraph: how FINN says it. A new file is found by itself."""
