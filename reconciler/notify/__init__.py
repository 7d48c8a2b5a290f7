"""Telling people: a notice as a mail, and as a signed request to a webhook."""
