STEP = None
