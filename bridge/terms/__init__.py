"""The programme's terms: what it says, told to members in their language and shown in shops."""
