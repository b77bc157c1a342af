"""The server's side of the GALSS: sessions, exclusivity, contexts, exchanges with the cards, resources."""
