"""The practice in a browser: what its screens ask for, and the orders that they give."""
