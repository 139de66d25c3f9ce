"""What the renderers make of a report value."""
