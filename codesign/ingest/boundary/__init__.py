"""What stays in software: the head in front of the first integers, the tail behind the last."""
