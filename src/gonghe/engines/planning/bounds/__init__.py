"""What no schedule can beat: floors, loads, relaxations and proofs."""
