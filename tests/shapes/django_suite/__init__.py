"""The Django applications of this folder in one project, tested in a process of its own."""
