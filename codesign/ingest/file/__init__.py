"""From an ONNX file to plain nodes and arrays, or all that is wrong with it."""
