"""The Django example in browsers: the four scenarios of the synchronization plan, and more."""
