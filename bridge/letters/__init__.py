"""Letters to members, as rows of an outbox, and the e-mail that they go out by."""
