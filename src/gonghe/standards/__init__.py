"""Codecs of outside formats: bytes to typed rows and back, nothing else."""
