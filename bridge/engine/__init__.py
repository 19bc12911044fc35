"""What runs the bridge: polls, handling, deliveries and the clock, in one process or many."""
