"""Backups of the whole database: made while everything runs, looked at, never half a file."""
