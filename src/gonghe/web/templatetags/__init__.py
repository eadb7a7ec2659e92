"""Template tags of the base layout."""
