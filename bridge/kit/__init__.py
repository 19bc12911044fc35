"""What every feature may use and that knows nothing of loyalty or of shops."""
