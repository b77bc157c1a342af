"""The bench in a browser, and its HTTP API: `tla web`. Needs the extra `web` (FastAPI and uvicorn)."""
