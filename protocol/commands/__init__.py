"""The declaration of the reader's commands, and the commands by topic."""
