STEP=None
