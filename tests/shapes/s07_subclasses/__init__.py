"""Fantasy sports, played in real time, and in tests at other times."""
