"""What each function does at the server, one file a topic."""
