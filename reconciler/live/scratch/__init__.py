"""Measuring a service by writing to it: objects of our own, under a reserved prefix, removed."""
