"""What the fault and crash tests are made of: a merchant, a bridge in processes, evidence."""
