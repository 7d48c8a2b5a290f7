"""What stays: plans and journals, in a folder."""
