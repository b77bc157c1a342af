"""All that can be done with one simulated reader, for its page, its HTTP API and programs alike."""
