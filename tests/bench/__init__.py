"""Speed and memory, as ratios within one run. Started by ``make bench``; nothing here is a test."""
