"""What the mock costs, as ratios against named floors measured in the same process."""
