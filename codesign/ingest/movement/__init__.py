"""Data movement: an index while the model is read, as few operators as it needs in the graph."""
