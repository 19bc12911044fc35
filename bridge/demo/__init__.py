"""The main job, on two sandbox shops: a story whose every step is checked."""
