"""Other systems that are told of events."""
