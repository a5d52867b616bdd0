"""Back ends side by side: the same frames through each, against the IntegerGraph; a file a back end."""
