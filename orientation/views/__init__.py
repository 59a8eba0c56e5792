"""The family's screens: one module a screen, the same address for those who act and those who read."""
