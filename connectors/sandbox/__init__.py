"""What the sandboxes of all platforms share: the server, its faults, a catalogue, people.

A sandbox is a small shop for trying things on. Nothing here knows a platform.
"""
