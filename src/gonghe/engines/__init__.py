"""Pure engines: data in, result out, deterministic under a seed."""
