"""The crash explorer: proves by enumeration that nothing is lost, doubled or signed without its holder."""
