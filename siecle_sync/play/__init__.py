"""A whole campaign played by invented families, schools and nights, under a frozen clock, in databases of its own.

Everything happens through the family's door and the actions, the simulated Siècle's desk, the real nightly task and the
real letters' task; only the world (schools, pupils, calendar) is made by plain rows. The same seed plays the same year.
"""
