"""What is reached over HTTP: webhooks and the registration of apps."""
