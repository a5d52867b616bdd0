"""Random valid quantized networks, each taken through the whole path and compared; what fails is shrunk and kept."""
