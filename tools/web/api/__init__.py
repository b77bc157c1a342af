"""The routes of the HTTP API, one module a topic, and the models of requests and answers."""
