"""What people ask of a plan: reasons, remedies, choices, promises and what to do when something breaks."""
