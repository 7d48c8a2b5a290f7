"""
Signatures and approvals, as computation: bytes in, a verdict out.

Envelopes are DSSE with an in-toto statement, keys are Ed25519, both by
securesystemslib. Files of keys and envelopes are read elsewhere. securesystemslib
takes a third of a second to import, so it is imported where it is used.
"""
