"""A problem as arrays: what the kernels work on."""
