"""Faults at any moment: kills, full disks, I/O errors, many starts, files that change."""
