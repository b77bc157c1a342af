"""How a command of the reader is declared, and the commands by topic."""
