"""The reward catalogue: what points buy that no shop sells, and who has still to provide it."""
