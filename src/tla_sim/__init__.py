"""A simulated SESAM-Vitale portable card reader (TLA 1.40), its loader and its test instruments."""
