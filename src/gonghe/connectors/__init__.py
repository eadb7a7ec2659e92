"""Ways out of the installation: everything that opens a connection to elsewhere."""
