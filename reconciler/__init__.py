"""Provisioning as code for SCIM 2.0 services: plan, review, apply."""

__version__ = "0.1.0"
