"""What segmentation costs here, and what it costs in the ways that people know."""
